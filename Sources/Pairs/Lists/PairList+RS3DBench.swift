import Foundation
import Rasters
import Scenes

extension PairList {
  private static let trainFolder = "singleRGBNormalization"
  private static let testFolder = "singleRGBNormalizationTest"
  private static let imageFolder = "png-stretched-unique"
  private static let heightFolder = "DEM_255-unique"

  /// Reads an area of RS3DBench as published (arXiv:2603.16362): training tiles with their folds, and test tiles.
  ///
  /// The area's folder, `ImageToDEM-NAME`, contains `singleRGBNormalization`, `singleRGBNormalizationTest`, or both;
  /// each contains `png-stretched-unique/tile_ID.png` and `DEM_255-unique/tile_ID.tif`. Heights are 0…255 in each tile:
  /// relative, not meters.
  ///
  /// - Parameters:
  ///   - folder: The folder of the area.
  ///   - splitFiles: The files `NAMEstage1-1.txt` to `-5.txt`, one integer per line, which divide the training tiles
  ///     into five parts, each held out from one of five networks. A tile in exactly one file belongs to that fold; if
  ///     the files list what each network is trained on, a tile is in all files but one and belongs to the fold of that
  ///     one. Without files, pairs have no fold.
  /// - Throws: `RasterError` of kind `.noInput` that names all missing files; `SceneError` if the files do not divide
  ///   the tiles in either way.
  public init(rs3dbench folder: String, splitFiles: [String] = []) throws {
    let folder = URL(filePath: folder).standardizedFileURL.path
    var pairs: [Pair] = []
    for (name, split) in [(Self.trainFolder, Pair.Split.train), (Self.testFolder, .test)] {
      let path = folder + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { continue }
      pairs += try Self.tiles(in: path).map { id in
        var pair = Pair(
          name: "\(split.rawValue)/tile_\(id)",
          image: "\(path)/\(Self.imageFolder)/tile_\(id).png",
          dem: "\(path)/\(Self.heightFolder)/tile_\(id).tif")
        pair.split = split
        return pair
      }
    }
    guard !pairs.isEmpty else {
      throw SceneError(
        .badData,
        "\(folder) is not an area of RS3DBench: \(Self.trainFolder)/\(Self.imageFolder) contains no tiles"
      )
    }
    if !splitFiles.isEmpty {
      let folds = try Self.folds(splitFiles)
      try Self.requireSame(
        Set(pairs.filter { $0.split == .train }.map(Self.id)), Set(folds.keys), folder)
      for index in pairs.indices where pairs[index].split == .train {
        pairs[index].fold = folds[Self.id(pairs[index])]
      }
    }
    try self.init(pairs, of: folder)
    try requireFiles(of: folder)
  }

  private static func id(_ pair: Pair) -> Int {
    Int(pair.name.drop { $0 != "_" }.dropFirst()) ?? 0
  }

  /// Returns the numbers of the tiles that have an image or a DEM, in ascending order.
  private static func tiles(in folder: String) throws -> [Int] {
    var ids: Set<Int> = []
    for (name, ending) in [(imageFolder, ".png"), (heightFolder, ".tif")] {
      let path = folder + "/" + name
      let files: [String]
      do { files = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
        throw RasterError(.noInput, "\(path) cannot be read, expected the tiles of RS3DBench")
      }
      for file in files where file.hasPrefix("tile_") && file.hasSuffix(ending) {
        if let id = Int(file.dropFirst(5).dropLast(4)) { ids.insert(id) }
      }
    }
    return ids.sorted()
  }

  /// Returns the fold of each listed tile.
  private static func folds(_ files: [String]) throws -> [Int: Int] {
    let lists = try files.map { path in
      guard let data = FileManager.default.contents(atPath: path) else {
        throw RasterError(.noInput, "\(path) cannot be read, expected a tile number per line")
      }
      let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      return try lines.enumerated().map { index, line in
        guard let id = Int(line.trimmingCharacters(in: .whitespaces)) else {
          throw SceneError(
            .badData, "\(path), line \(index + 1) is “\(line)”, expected a tile number")
        }
        return id
      }
    }
    var found: [Int: Set<Int>] = [:]
    for (index, list) in lists.enumerated() {
      for id in list { found[id, default: []].insert(index + 1) }
    }
    let all = Set(1...files.count)
    let isPart = found.values.allSatisfy { $0.count == 1 }
    let isRest = found.values.allSatisfy { $0.count == files.count - 1 }
    guard isPart || isRest else {
      let odd = found.filter { $0.value.count != 1 }.keys.min() ?? 0
      throw SceneError(
        .badData,
        "tile \(odd) is in \(found[odd]?.count ?? 0) of \(files.count) split files, expected each tile in exactly "
          + "one file, or in all files but one")
    }
    return found.compactMapValues { isPart ? $0.first : all.subtracting($0).first }
  }

  private static func requireSame(
    _ tiles: Set<Int>, _ listed: Set<Int>, _ folder: String
  ) throws {
    for (ids, what) in [
      (tiles.subtracting(listed), "in no split file"),
      (listed.subtracting(tiles), "in a split file, but missing from the folder"),
    ] where !ids.isEmpty {
      let names = ids.sorted().prefix(10).map { "tile_\($0)" }.joined(separator: ", ")
      throw SceneError(
        .badData,
        "\(folder): \(ids.count) training tiles are \(what): \(names)\(ids.count > 10 ? ", …" : "")"
      )
    }
  }
}
