import Reports
import Files
import Foundation
import Grids
import Rasters
import Scenes

/// A list of pairs, as stored in a CSV or JSON file.
///
/// A CSV file has a header. The columns `image` and `dem` are required. Optional are `name`, `site`, `split` (train,
/// validation or test), `fold` (from 1), `surface` (DSM or DTM), `bands` (`3;2;1`, or one number), `window`
/// (`column;row;width;height` in the image's pixels), `azimuth` (of the sun, in degrees clockwise from north) and
/// `heights` (a raster already inferred); `-` means no value. A JSON file is an array of objects with the same keys, in
/// which bands and window are arrays. Paths are relative to the file's folder.
public struct PairList: Sendable, Hashable {
  /// The pairs in the order of the list.
  public var pairs: [Pair]

  private static let required = ["image", "dem"]
  private static let optional = [
    "name", "site", "split", "fold", "surface", "bands", "window", "azimuth", "heights",
  ]

  /// Creates a list of pairs.
  ///
  /// - Parameters:
  ///   - pairs: The pairs.
  ///   - path: The name of the list in messages.
  /// - Throws: `SceneError` if there are no pairs or two have the same name.
  public init(_ pairs: [Pair], of path: String = "the list") throws {
    guard !pairs.isEmpty else { throw SceneError(.badData, "\(path) has no pairs") }
    let repeated = Dictionary(grouping: pairs, by: \.name).filter { $0.value.count > 1 }
    guard repeated.isEmpty else {
      throw SceneError(
        .badData,
        "\(path) has several pairs named \(repeated.keys.sorted().joined(separator: ", ")), "
          + "expected unique names; set them in the column “name”")
    }
    self.pairs = pairs
  }

  /// Reads a list, or the folder of an area of RS3DBench.
  ///
  /// A pair without a name is named by its image as written in the list, without the extension, and by its window.
  ///
  /// - Parameters:
  ///   - path: A CSV file, a file of tab-separated values (`.tsv`), a JSON file (`.json`), or a folder.
  ///   - splitFiles: For a folder; see `init(rs3dbench:splitFiles:)`.
  /// - Throws: `RasterError` of kind `.noInput` if the list does not exist, or that names all missing rasters;
  ///   `SceneError` that names the row of an invalid value.
  public init(reading path: String, splitFiles: [String] = []) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      try self.init(rs3dbench: path, splitFiles: splitFiles)
      return
    }
    guard splitFiles.isEmpty else {
      throw SceneError(
        .usage,
        "\(path) is not a folder of RS3DBench, expected one with split files: remove --split-file, "
          + "and set splits in the column “split” of the list")
    }
    let folder = Self.folder(of: path)
    let table = try TextTable(
      reading: path, required: Self.required, optional: Self.optional)
    try self.init(table.rows.map { try Self.pair(of: $0, in: folder) }, of: path)
    try requireFiles(of: path)
  }

  /// Returns the folder of a file, which paths in the file are relative to.
  package static func folder(of path: String) -> String {
    URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
  }

  /// Returns an absolute path without `..`; GDAL's virtual paths are returned unchanged.
  package static func resolved(_ path: String, in folder: String) -> String {
    guard !path.hasPrefix("/vsi") else { return path }
    return URL(filePath: path.hasPrefix("/") ? path : folder + "/" + path).standardizedFileURL.path
  }

  /// Throws if files are missing; virtual paths are not checked until GDAL opens them.
  func requireFiles(of path: String) throws {
    let files = pairs.flatMap { [$0.image, $0.dem] + ($0.heights.map { [$0] } ?? []) }
    var seen: Set<String> = []
    let missing = files.filter { file in
      !file.hasPrefix("/vsi") && seen.insert(file).inserted
        && !FileManager.default.fileExists(atPath: file)
    }
    guard missing.isEmpty else {
      throw RasterError(
        .noInput,
        "\(path) names \(missing.count) files that do not exist:\n  "
          + missing.joined(separator: "\n  "))
    }
  }

  private static func pair(of row: TextTable.Row, in folder: String) throws -> Pair {
    let cells = row.cells
    func refuse(_ column: String, _ expected: String) -> SceneError {
      SceneError(
        .badData,
        "\(row.place): “\(cells[column] ?? "")” in column “\(column)”, expected \(expected)")
    }
    let image = cells["image"] ?? ""
    var pair = Pair(
      image: resolved(image, in: folder), dem: resolved(cells["dem"] ?? "", in: folder))
    pair.site = cells["site"]
    pair.heights = cells["heights"].map { resolved($0, in: folder) }
    if let text = cells["split"] {
      guard let split = Pair.Split(rawValue: text) else {
        throw refuse("split", "train, validation or test")
      }
      pair.split = split
    }
    if let text = cells["fold"] {
      guard let fold = Int(text), fold > 0 else { throw refuse("fold", "an integer from 1") }
      pair.fold = fold
    }
    if let text = cells["surface"] {
      guard let surface = Pair.Surface(rawValue: text) else {
        throw refuse("surface", "DSM or DTM")
      }
      pair.surface = surface
    }
    if let text = cells["bands"] {
      guard let bands = numbers(text), [1, 3].contains(bands.count), bands.allSatisfy({ $0 > 0 })
      else { throw refuse("bands", "one or three numbers such as 3;2;1") }
      pair.bands = bands
    }
    if let text = cells["window"] {
      guard let window = numbers(text), window.count == 4, window.allSatisfy({ $0 >= 0 }),
        window[2] > 0, window[3] > 0
      else { throw refuse("window", "column;row;width;height") }
      pair.window = Window(
        column: window[0], row: window[1], width: window[2], height: window[3])
    }
    if let text = cells["azimuth"] {
      guard let azimuth = Double(text), (0...360).contains(azimuth) else {
        throw refuse("azimuth", "degrees clockwise from north, 0 to 360")
      }
      pair.azimuth = azimuth
    }
    pair.name = cells["name"] ?? name(of: image, pair.window)
    return pair
  }

  private static func name(of image: String, _ window: Window?) -> String {
    let url = URL(filePath: image)
    let bare =
      url.pathExtension.isEmpty ? image : String(image.dropLast(url.pathExtension.count + 1))
    return bare + (window.map { "@\($0)" } ?? "")
  }

  private static func numbers(_ text: String) -> [Int]? {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
    // GDAL's raster sizes are limited to Int32.
    let numbers = parts.compactMap { Int32($0).map(Int.init) }
    return numbers.count == parts.count ? numbers : nil
  }

  /// Writes the list as CSV, with the columns that any pair uses; paths inside the file's folder are written relative
  /// to it.
  ///
  /// - Parameters:
  ///   - path: The file to write.
  ///   - overwrite: Whether to replace an existing file.
  /// - Throws: `SceneError` of kind `.cannotCreate` if the file exists, `FileError` if it cannot be written.
  public func write(to path: String, overwrite: Bool = false) throws {
    guard overwrite || !FileManager.default.fileExists(atPath: path) else {
      throw SceneError(.cannotCreate, "\(path) already exists: use --overwrite to replace it")
    }
    let folder = Self.folder(of: path)
    func relative(_ file: String) -> String {
      let file = Self.resolved(file, in: FileManager.default.currentDirectoryPath)
      return file.hasPrefix(folder + "/") ? String(file.dropFirst(folder.count + 1)) : file
    }
    let columns: [(name: String, text: (Pair) -> String?)] = [
      ("name", { $0.name }), ("image", { relative($0.image) }), ("dem", { relative($0.dem) }),
      ("site", { $0.site }), ("split", { $0.split?.rawValue }),
      ("fold", { $0.fold.map(String.init) }), ("surface", { $0.surface?.rawValue }),
      ("bands", { $0.bands?.map(String.init).joined(separator: ";") }),
      (
        "window",
        { $0.window.map { "\($0.column);\($0.row);\($0.width);\($0.height)" } }
      ),
      ("azimuth", { $0.azimuth.map { "\($0)" } }),
      ("heights", { $0.heights.map(relative) }),
    ]
    let used = columns.filter { column in pairs.contains { column.text($0) != nil } }
    let text = TextTable.csv(
      header: used.map(\.name),
      rows: pairs.map { pair in used.map { $0.text(pair) ?? TextTable.nothing } })
    try NewFile.write(text, to: path, isDurable: true)
  }
}
