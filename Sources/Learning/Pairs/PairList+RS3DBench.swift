import Foundation
import Rasters
import Scenes

extension PairList {
  private static let trainFolder = "singleRGBNormalization"
  private static let testFolder = "singleRGBNormalizationTest"
  private static let imageFolder = "png-stretched-unique"
  private static let heightFolder = "DEM_255-unique"

  /// Reads an area of RS3DBench as it is published (arXiv:2603.16362): the tiles for training, with their folds, and those of
  /// its test.
  ///
  /// The area's folder, `ImageToDEM-NAME`, holds `singleRGBNormalization` and `singleRGBNormalizationTest`, or one of them;
  /// each holds `png-stretched-unique/tile_ID.png` and `DEM_255-unique/tile_ID.tif`. Heights are 0…255 in each tile:
  /// relative, not metres.
  ///
  /// - Parameters:
  ///   - folder: The area's.
  ///   - splitFiles: `NAMEstage1-1.txt` to `-5.txt`, one integer a line: the training tiles in five parts, each of which
  ///     one of five networks does not see. A tile in one file belongs to that fold; where files list what each network
  ///     sees, a tile is in all but one, and belongs to that. Without files pairs have no fold.
  /// - Throws: `RasterError` of kind `.noInput` naming all files that aren't there; `SceneError` for files that split the
  ///   tiles in another way.
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
        "\(folder) is no area of RS3DBench: it has no tiles in \(Self.trainFolder)/\(Self.imageFolder)"
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

  /// Numbers of the tiles of which there is an image or a DEM, ascending.
  private static func tiles(in folder: String) throws -> [Int] {
    var ids: Set<Int> = []
    for (name, ending) in [(imageFolder, ".png"), (heightFolder, ".tif")] {
      let path = folder + "/" + name
      let files: [String]
      do { files = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
        throw RasterError(.noInput, "\(path) can't be read, expected the tiles of RS3DBench")
      }
      for file in files where file.hasPrefix("tile_") && file.hasSuffix(ending) {
        if let id = Int(file.dropFirst(5).dropLast(4)) { ids.insert(id) }
      }
    }
    return ids.sorted()
  }

  /// The fold of each tile that the files list.
  private static func folds(_ files: [String]) throws -> [Int: Int] {
    let lists = try files.map { path in
      guard let data = FileManager.default.contents(atPath: path) else {
        throw RasterError(.noInput, "\(path) can't be read, expected a tile's number on each line")
      }
      let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      return try lines.enumerated().map { index, line in
        guard let id = Int(line.trimmingCharacters(in: .whitespaces)) else {
          throw SceneError(
            .badData, "\(path), line \(index + 1) is “\(line)”, expected the number of a tile")
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
        "tile \(odd) is in \(found[odd]?.count ?? 0) of \(files.count) split files, expected each tile in "
          + "one of them, or each in all but one")
    }
    return found.compactMapValues { isPart ? $0.first : all.subtracting($0).first }
  }

  private static func requireSame(
    _ tiles: Set<Int>, _ listed: Set<Int>, _ folder: String
  ) throws {
    for (ids, what) in [
      (tiles.subtracting(listed), "in no split file"),
      (listed.subtracting(tiles), "in a split file, but not there"),
    ] where !ids.isEmpty {
      let names = ids.sorted().prefix(10).map { "tile_\($0)" }.joined(separator: ", ")
      throw SceneError(
        .badData,
        "\(folder): \(ids.count) training tiles are \(what): \(names)\(ids.count > 10 ? ", …" : "")"
      )
    }
  }
}
