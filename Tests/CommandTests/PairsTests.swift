import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Tests of `relief pairs` as users and scripts run it.
@Suite struct PairsTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  /// Writes two pairs from the sample, one of them with its DEM two pixels too far to the right.
  init() throws {
    folder = try TemporaryFolder()
    let dem = Command.root + "/SampleData/ridges_dem.tif"
    let source = try Dataset(reading: dem)
    var place = source.georeferencing
    let across = place.geoTransform?.columnX ?? 0
    place.geoTransform?.originX += 2 * across
    let heights = try source.read(source.grid.window, band: 1)
    try makeRaster(
      at: folder("moved.tif"), width: source.width, height: source.height, bands: [heights]
    ) { dataset in
      try dataset.setGeoreferencing(place)
      if let noData = source.bands[0].noData { try dataset.setNoData(noData, band: 1) }
    }
    try write(
      """
      name,image,dem,site,split,window
      good,\(Command.sample),\(dem),a,train,100;100;300;280
      moved,\(Command.sample),moved.tif,b,test,600;500;300;280
      """, "list.csv")
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: folder(name)))
  }

  /// The path of the list.
  private var list: String { folder("list.csv") }

  @Test func `findings are printed as a table, and written as HTML and CSV`() throws {
    let arguments = [
      "pairs", "doctor", list, "--html", folder("report.html"), "--csv", folder("report.csv"),
    ]
    let result = try relief.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 5, "\(result.output)")
    let moved = try #require(lines.first { $0.hasPrefix("moved") })
    #expect(moved.contains("+2.0") || moved.contains("+1.9"), "\(moved)")
    #expect(lines[3].hasPrefix("warning: moved: the DEM lies"), "\(lines[3])")
    #expect(lines[4] == "2 pairs: 0 errors, 1 warning, 0 notes")
    let page = try String(contentsOfFile: folder("report.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("moved"))
    let table = try String(contentsOfFile: folder("report.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count == 3 && table.contains(",shift,"))
    #expect(try relief.run(arguments).code == 73)
    #expect(try relief.run(arguments + ["--overwrite"]).code == 0)
  }

  @Test func `findings are printed as one JSON object`() throws {
    let output = try relief("pairs", "doctor", list, "--json").output
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    let pairs = try #require(object["pairs"] as? [[String: Any]])
    let shift = try #require(pairs[1]["shift"] as? [String: Any])
    let columns = try #require(shift["columns"] as? Double)
    #expect(shift["isKnown"] as? Bool == true && abs(columns - 2) < 0.3)
    #expect((pairs[1]["findings"] as? [[String: Any]])?.first?["code"] as? String == "shift")
    #expect(object["warnings"] as? Int == 1 && object["errors"] as? Int == 0)
  }

  @Test func `1: a finding has the severity of --fail-on`() throws {
    #expect(try relief("pairs", "doctor", list, "--fail-on", "error").code == 0)
    let failed = try relief("pairs", "doctor", list, "--fail-on", "warning")
    #expect(failed.code == 1 && failed.errors.contains("of severity warning"), "\(failed.errors)")
  }

  @Test func `2, 65, 66: invalid options, excluded pairs and missing files are errors`() throws {
    try write("path,why\nmoved,judged on it\n", "excluded.csv")
    let excluded = try relief("pairs", "doctor", list, "--exclude", folder("excluded.csv"))
    #expect(excluded.code == 65 && excluded.errors.contains("moved: judged on it"))
    try write("image,dem\nnone.tif,moved.tif\n", "missing.csv")
    let missing = try relief("pairs", "doctor", folder("missing.csv"))
    #expect(missing.code == 66 && missing.errors.contains("none.tif"))
    #expect(try relief("pairs", "doctor", folder("none.csv")).code == 66)
    #expect(try relief("pairs", "doctor", list, "--most-shift", "99").code == 2)
    #expect(try relief("pairs", "doctor", list, "--fail-on", "anything").code == 2)
    #expect(try relief("pairs", "doctor", list, "--split-file", list).code == 2)
    #expect(try relief("pairs", "split", list, folder("no/out.csv"), "--by", "site").code != 0)
  }

  @Test func `lists are split by blocks and by site, and doctor finds no errors`() throws {
    let blocks = try relief(
      "pairs", "split", list, folder("blocks.csv"), "--by", "blocks", "--block", "100", "--gap",
      "16", "--overwrite")
    #expect(blocks.code == 0, "\(blocks.errors)")
    #expect(blocks.output.contains("train") && blocks.output.contains("megapixels"))
    let text = try String(contentsOfFile: folder("blocks.csv"), encoding: .utf8)
    #expect(text.split(separator: "\n").count == 19, "\(text)")
    let again = try relief(
      "pairs", "split", list, folder("blocks.csv"), "--by", "blocks", "--block", "100")
    #expect(again.code == 2 && again.errors.contains("has splits, such as train of good"))
    let sites = try relief(
      "pairs", "split", list, folder("sites.csv"), "--by", "site", "--train", "0.5",
      "--validation", "0", "--test", "0.5", "--overwrite")
    #expect(sites.code == 0, "\(sites.errors)")
    let checked = try relief("pairs", "doctor", folder("blocks.csv"), "--fail-on", "error")
    #expect(checked.code == 0, "\(checked.output) \(checked.errors)")
  }
}
