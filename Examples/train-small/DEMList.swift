import Foundation
import Learning

/// The DEMs to render, and what is made of each: tab-separated, a header, then one a line.
struct DEMList {
  /// A DEM.
  struct Entry: Sendable {
    let name: String
    /// Below the data's folder.
    let path: String
    let site: String
    /// How many images; 0 for a DEM that is not used, for the reason that its note gives.
    let times: Int
    /// The side in metres of the pixels that it is brought to.
    let pixel: Double
    /// The side in metres that these pixels are taken to have.
    ///
    /// Where that is less than they have, heights shrink by the same factor, so that slopes remain: land is nearly
    /// self-affine, and 90 m of it look much like 30 m.
    let shown: Double
    let climate: Climate
    let isSouthern: Bool
    /// Whether large voids are sea, rather than unknown.
    let voidsAreSea: Bool
    let split: Pair.Split
  }

  let entries: [Entry]

  private static let header = [
    "name", "path", "site", "times", "pixel", "shown", "climate", "hemisphere", "voids", "split",
    "note",
  ]

  /// - Throws: `Failure` naming the line for what can't be meant.
  init(reading path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure("\(path) can't be read, expected a list of DEMs")
    }
    let lines = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    guard lines.first == Self.header else {
      throw Failure(
        "\(path) begins with \(lines.first ?? []), expected \(Self.header) between tabs")
    }
    entries = try lines.dropFirst().enumerated().map { index, cells in
      guard let entry = Entry(cells) else {
        throw Failure("\(path), line \(index + 2): \(cells) can't be meant")
      }
      return entry
    }
  }
}

extension DEMList.Entry {
  fileprivate init?(_ cells: [String]) {
    guard cells.count == 11, let times = Int(cells[3]), times >= 0, let pixel = Double(cells[4]),
      let shown = Double(cells[5]), pixel > 0, shown > 0, let climate = Climate(rawValue: cells[6]),
      ["north", "south"].contains(cells[7]), ["keep", "sea"].contains(cells[8]),
      let split = Pair.Split(rawValue: cells[9])
    else { return nil }
    (name, path, site, self.times) = (cells[0], cells[1], cells[2], times)
    (self.pixel, self.shown, self.climate, self.split) = (pixel, shown, climate, split)
    (isSouthern, voidsAreSea) = (cells[7] == "south", cells[8] == "sea")
  }

  /// Makes sure that the DEM, and every file that it is made of, may be learned from.
  func refuse(by exclusions: ExclusionList, in data: String) throws {
    try exclusions.refuse([Pair(name: name, image: "\(data)/\(path)", dem: "\(data)/\(path)")])
  }
}
