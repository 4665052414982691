import Foundation
import Pairs

/// The list of DEMs to render, and how each is rendered: tab-separated, with a header and one DEM per line.
struct DEMList {
  /// A DEM of the list.
  struct Entry: Sendable {
    let name: String
    /// The path relative to the data folder.
    let path: String
    let site: String
    /// The number of images; 0 for a DEM that is not used, for the reason in its note.
    let times: Int
    /// The pixel size in meters that the DEM is resampled to.
    let pixel: Double
    /// The pixel size in meters that is assigned to the resampled pixels.
    ///
    /// If it is smaller than their true size, heights are reduced by the same factor, so that slopes are preserved:
    /// terrain is nearly self-affine, and 90 m pixels look much like 30 m pixels.
    let shown: Double
    let climate: Climate
    let isSouthern: Bool
    /// Whether large voids are sea instead of unknown.
    let voidsAreSea: Bool
    let split: Pair.Split
  }

  let entries: [Entry]

  private static let header = [
    "name", "path", "site", "times", "pixel", "shown", "climate", "hemisphere", "voids", "split",
    "note",
  ]

  /// Reads and checks a list.
  ///
  /// - Throws: `Failure` naming the line of an invalid entry.
  init(reading path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure("\(path) can't be read, expected a tab-separated list of DEMs")
    }
    let lines = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    guard lines.first == Self.header else {
      throw Failure(
        "\(path) starts with \(lines.first ?? []), expected \(Self.header) separated by tabs")
    }
    entries = try lines.dropFirst().enumerated().map { index, cells in
      guard let entry = Entry(cells) else {
        throw Failure(
          "\(path), line \(index + 2): \(cells) is invalid, expected valid values of \(Self.header)"
        )
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

  /// Checks that neither the DEM nor any file that it is made from is excluded from training.
  func refuse(by exclusions: ExclusionList, in data: String) throws {
    try exclusions.refuse([Pair(name: name, image: "\(data)/\(path)", dem: "\(data)/\(path)")])
  }
}
