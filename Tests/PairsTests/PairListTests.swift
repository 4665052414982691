import Foundation
import Grids
import Pairs
import Rasters
import Scenes
import TestSupport
import Testing

/// Tests pair lists, RS3DBench folders and exclusion lists.
@Suite struct PairListTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a.tif", "b.tif", "dem.tif", "guess.tif"] { try write("", name) }
  }

  private func write(_ text: String, _ name: String) throws {
    let url = URL(filePath: folder(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func list(_ text: String, _ name: String = "list.csv") throws -> PairList {
    try write(text, name)
    return try PairList(reading: folder(name))
  }

  private func message(_ text: String, _ name: String = "list.csv") -> String {
    do {
      _ = try list(text, name)
      return ""
    } catch { return "\(error)" }
  }

  private let rich = """
    name,image,dem,site,split,fold,surface,bands,window,azimuth,heights
    one,a.tif,dem.tif,"here, there",train,2,DSM,3;2;1,4;5;60;70,147.5,guess.tif
    two,b.tif,dem.tif,-,test,-,DTM,1,-,-,-
    """

  @Test func `all columns are read, and paths are relative to the list`() throws {
    let pairs = try list(rich).pairs
    var one = Pair(name: "one", image: folder("a.tif"), dem: folder("dem.tif"))
    one.site = "here, there"
    (one.split, one.fold, one.surface, one.bands) = (.train, 2, .dsm, [3, 2, 1])
    one.window = Window(column: 4, row: 5, width: 60, height: 70)
    (one.azimuth, one.heights) = (147.5, folder("guess.tif"))
    var two = Pair(name: "two", image: folder("b.tif"), dem: folder("dem.tif"))
    (two.split, two.surface, two.bands) = (.test, .dtm, [1])
    #expect(pairs == [one, two])
  }

  @Test func `a written list is read back unchanged from any folder`() throws {
    let pairs = try list(rich)
    try pairs.write(to: folder("again.csv"))
    #expect(try PairList(reading: folder("again.csv")) == pairs)
    let text = try String(contentsOfFile: folder("again.csv"), encoding: .utf8)
    #expect(text.contains("one,a.tif,dem.tif,\"here, there\",train"))
    let other = try TemporaryFolder()
    try pairs.write(to: other("list.csv"))
    #expect(try PairList(reading: other("list.csv")) == pairs)
    #expect(throws: SceneError.self) { try pairs.write(to: other("list.csv")) }
    try pairs.write(to: other("list.csv"), overwrite: true)
  }

  @Test func `paths relative to the working directory are written as absolute paths`() throws {
    let here = FileManager.default.currentDirectoryPath
    let pair = Pair(name: "one", image: "images/a.tif", dem: "dem.tif")
    try PairList([pair]).write(to: folder("moved.csv"))
    let text = try String(contentsOfFile: folder("moved.csv"), encoding: .utf8)
    #expect(text.contains("one,\(here)/images/a.tif,\(here)/dem.tif"), "\(text)")
  }

  @Test func `a JSON list equals the same list as CSV`() throws {
    let json = """
      [{"name": "one", "image": "a.tif", "dem": "dem.tif", "site": "here, there", "split": "train", "fold": 2,
        "surface": "DSM", "bands": [3, 2, 1], "window": [4, 5, 60, 70], "azimuth": 147.5, "heights": "guess.tif"},
       {"name": "two", "image": "b.tif", "dem": "dem.tif", "split": "test", "surface": "DTM", "bands": [1]}]
      """
    #expect(try list(json, "list.json") == list(rich))
  }

  /// Spreadsheets use the delimiter that the locale's number format leaves free; some write a byte order mark.
  @Test(arguments: [";", "\t"], ["list.csv", "list.tsv"])
  func `semicolons and tabs are detected as delimiters`(separator: String, name: String) throws {
    let text = """
      "image",dem,bands,window
      a.tif,dem.tif,"3;2;1",-
      b.tif,dem.tif,"1","0;1;2;3"

      """
    let plain = try list(text.replacingOccurrences(of: "\"image\"", with: "image"))
    let separated = text.replacingOccurrences(of: ",", with: separator)
    #expect(try list(separated, name) == plain)
    #expect(try list("\u{FEFF}" + separated, name) == plain)
    #expect(plain.pairs.map(\.bands) == [[3, 2, 1], [1]])
  }

  @Test func `a pair without a name is named by its image and window`() throws {
    let pairs = try list("image,dem,window\na.tif,dem.tif,-\na.tif,dem.tif,0;1;2;3\n").pairs
    #expect(pairs.map(\.name) == ["a", "a@0,1,2,3"])
  }

  @Test(arguments: [
    ("image\na.tif", "row 1 lacks the column “dem”"),
    ("image,dem,seson\na.tif,dem.tif,July", "“seson”"),
    ("image,dem,site\na.tif,dem.tif,", "column “site” is empty"),
    ("image,dem,site\na.tif,dem.tif", "2 cells, expected 3"),
    ("image,dem,dem\na.tif,dem.tif,x", "two columns “dem”"),
    ("image,dem\na.tif,dem.tif\na.tif,dem.tif", "named a, expected unique names"),
    ("image,dem,split\na.tif,dem.tif,training", "“training” in column “split”, expected train,"),
    ("image,dem,surface\na.tif,dem.tif,dsm", "expected DSM or DTM"),
    ("image,dem,bands\na.tif,dem.tif,3;2", "one or three"),
    ("image,dem,window\na.tif,dem.tif,1;2;0;4", "column;row;width;height"),
    ("image,dem,fold\na.tif,dem.tif,0", "an integer from 1"),
    ("image,dem,azimuth\na.tif,dem.tif,361", "0 to 360"),
    ("image,dem\n", "no pairs"),
    ("a.tif,dem.tif\nb.tif,dem.tif\n", "no header: its first row is “a.tif,dem.tif”, expected"),
    ("image;den\na.tif;dem.tif\n", "row 1 has an unknown column “den”"),
  ])
  func `an invalid list is refused with the row and the reason`(text: String, words: String) {
    #expect(message(text).contains(words), "\(message(text))")
  }

  @Test func `all missing files are named at once`() throws {
    let error = try #require(throws: RasterError.self) {
      try list("image,dem\nc.tif,dem.tif\na.tif,d.tif\n/vsizip/x.zip/y.tif,dem.tif")
    }
    #expect(error.kind == .noInput && error.message.contains("2 files"))
    #expect(error.message.contains(folder("c.tif")) && error.message.contains(folder("d.tif")))
    #expect(throws: RasterError.self) { try PairList(reading: folder("none.csv")) }
  }

  @Test(arguments: [
    ("{\"image\": \"a.tif\"}", "not an array"),
    ("[{\"image\": \"a.tif\", \"dem\": \"dem.tif\", \"bnads\": [1]}]", "“bnads”"),
    ("[{\"image\": \"a.tif\", \"dem\": [1.5]}]", "expected text"),
    ("[", "JSON"),
  ])
  func `JSON lists are validated as strictly`(text: String, words: String) {
    #expect(message(text, "list.json").contains(words), "\(message(text, "list.json"))")
  }

  // MARK: RS3DBench

  private func writeArea(train: [Int], test: [Int]) throws -> String {
    for (ids, name) in [(train, "singleRGBNormalization"), (test, "singleRGBNormalizationTest")] {
      for id in ids {
        try write("", "ImageToDEM-Med/\(name)/png-stretched-unique/tile_\(id).png")
        try write("", "ImageToDEM-Med/\(name)/DEM_255-unique/tile_\(id).tif")
      }
    }
    return folder("ImageToDEM-Med")
  }

  private func writeSplit(_ lists: [[Int]]) throws -> [String] {
    try lists.enumerated().map { index, ids in
      let name = "Medstage1-\(index + 1).txt"
      try write(ids.map(String.init).joined(separator: "\n"), name)  // no final newline
      return folder(name)
    }
  }

  @Test func `an area of RS3DBench is read as published`() throws {
    let area = try writeArea(train: [1, 2, 3, 14, 15], test: [2, 40])
    let pairs = try PairList(reading: area).pairs
    #expect(
      pairs.map(\.name) == [
        "train/tile_1", "train/tile_2", "train/tile_3", "train/tile_14", "train/tile_15",
        "test/tile_2", "test/tile_40",
      ])
    #expect(pairs.map(\.split) == Array(repeating: .train, count: 5) + [.test, .test])
    #expect(pairs[3].dem == area + "/singleRGBNormalization/DEM_255-unique/tile_14.tif")
  }

  @Test func `split files define five folds, whether they list held-out tiles or training tiles`()
    throws
  {
    let area = try writeArea(train: [1, 2, 3, 14, 15], test: [40])
    let held = [[14], [1], [15], [2], [3]]
    let kept = held.map { fold in held.joined().filter { !fold.contains($0) } }
    for lists in [held, kept] {
      let pairs = try PairList(reading: area, splitFiles: writeSplit(lists)).pairs
      #expect(pairs.map(\.fold) == [2, 4, 5, 1, 3, nil])
    }
    #expect(throws: SceneError.self) {
      try PairList(reading: area, splitFiles: writeSplit([[14], [1], [15], [2], [2, 3]]))
    }
    #expect(throws: SceneError.self) {  // tile 3 is in no file
      try PairList(reading: area, splitFiles: writeSplit([[14], [1], [15], [2], []]))
    }
  }

  @Test func `a tile without a DEM is named`() throws {
    let area = try writeArea(train: [1], test: [40])
    try write("", "ImageToDEM-Med/singleRGBNormalization/png-stretched-unique/tile_7.png")
    let error = try #require(throws: RasterError.self) { try PairList(reading: area) }
    #expect(error.message.contains("DEM_255-unique/tile_7.tif"))
  }

  // MARK: Exclusion

  private func exclusions(_ entries: [String]) throws -> ExclusionList {
    try write("path\twhy\n" + entries.map { "\($0)\twhy, \($0)\n" }.joined(), "excluded.tsv")
    return try ExclusionList(reading: folder("excluded.tsv"))
  }

  @Test(arguments: [
    ("tiles/set1_tile_1083", "tiles/set1_tile_1083_rgb.png", true),
    ("tiles/set1_tile_1083", "tiles/set1_tile_1083.png", true),
    ("tiles/set1_tile_1083", "tiles/set1_tile_1083", true),
    ("tiles/set1_tile_1083", "tiles/set1_tile_10834_rgb.png", false),
    ("tiles/set1_tile_1083", "tiles/set1_tile_108.png", false),
    ("pairs/zion", "pairs/zion/landsat.vrt", true),
    ("pairs/zion/", "pairs/zion/landsat.vrt", true),
    ("pairs/zion", "pairs/zionist/x.tif", false),
    ("pairs/zion", "pairs/../pairs/zion/x.tif", true),
    ("./pairs/zion", "other/zion/x.tif", false),
  ])
  func `an entry excludes a path prefix that does not end within a number or word`(
    entry: String, path: String, isExcluded: Bool
  ) throws {
    #expect((try exclusions([entry]).reason(against: folder(path)) != nil) == isExcluded)
  }

  @Test func `symbolic links are resolved in lists and paths`() throws {
    try write("", "data/zion/a.tif")
    let link = { (name: String, target: String) in
      try FileManager.default.createSymbolicLink(
        atPath: self.folder(name), withDestinationPath: self.folder(target))
    }
    try link("innocent.tif", "data/zion/a.tif")
    try link("mine", "data")
    #expect(try exclusions(["data/zion"]).reason(against: folder("innocent.tif")) != nil)
    #expect(try exclusions(["mine/zion"]).reason(against: folder("data/zion/a.tif")) != nil)
    #expect(try exclusions(["mine/zion/a"]).reason(against: folder("data/zion/a.tif")) != nil)
    #expect(try exclusions(["mine/zion"]).reason(against: folder("a.tif")) == nil)
  }

  @Test func `all excluded pairs are named with the reason, including VRTs of excluded files`()
    throws
  {
    try makeRaster(at: folder("secret.tif"), width: 2, height: 2, bands: [[1, 2, 3, 4]])
    try write(
      """
      <VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>
      <SourceFilename relativeToVRT="1">secret.tif</SourceFilename><SourceBand>1</SourceBand>
      </SimpleSource></VRTRasterBand></VRTDataset>
      """, "copy.vrt")
    let pairs = [
      Pair(name: "good", image: folder("a.tif"), dem: folder("dem.tif")),
      Pair(name: "bad", image: folder("b.tif"), dem: folder("dem.tif")),
      Pair(name: "sly", image: folder("a.tif"), dem: folder("copy.vrt")),
    ]
    let list = try exclusions(["b.tif", "secret"])
    let error = try #require(throws: SceneError.self) { try list.refuse(pairs) }
    #expect(error.message.contains("2 of 3") && error.message.contains("bad: why, b.tif"))
    #expect(error.message.contains("sly: why, secret") && !error.message.contains("good"))
    try list.refuse([pairs[0]])
  }

  @Test(.enabled(if: hasSharedData("pairs")))
  func `the exclusion list of the shared data is read and applied`() throws {
    let list = try ExclusionList(reading: sharedPath("EVALUATION_ONLY.tsv"))
    #expect(list.entries.count > 10)
    #expect(list.reason(against: sharedPath("pairs/zion/srtm.tif")) != nil)
    #expect(list.reason(against: sharedPath("pairs/rs3dbench_tiles/set1_tile_131_rgb.png")) == nil)
    #expect(list.reason(against: sharedPath("pairs/rs3dbench_tiles/set1_tile_1083_rgb.png")) != nil)
  }
}
