import Foundation
import Rasters
import TestSupport
import Testing

/// Tests of `relief audit` as users and scripts run it.
@Suite struct AuditTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let values = (0..<100 * 80).map { pixel -> Float in
      let (row, column) = (pixel / 100, pixel % 100)
      return Float(row + column + 5 * (column / 40))
    }
    try makeRaster(at: stepped, width: 100, height: 80, bands: [values])
  }

  /// The path of a raster with steps.
  private var stepped: String { folder("stepped.tif") }

  private let tiling = ["--tile", "40", "--overlap", "0"]

  private func object(_ output: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  @Test func `the audit is printed as a table or as JSON`() throws {
    let table = try relief.run(["audit", stepped] + tiling)
    #expect(table.code == 0, "\(table.errors)")
    for words in [
      "height steps", "slope steps", "spectral peak", "detail", "broad steps", "--overlap 5",
    ] {
      #expect(table.output.contains(words), "\(table.output)")
    }
    let json = try object(relief.run(["audit", stepped, "--json"] + tiling).output)
    #expect(
      Set(json.keys) == [
        "raster", "lines", "heightSteps", "slopeSteps", "spectralPeak", "detailInOverlaps",
        "broadSteps", "overlap",
      ])
    let steps = try #require(json["heightSteps"] as? [String: Double])
    // Two lines of 80 pixels have steps of 6, and one line of 100 pixels has steps of 1.
    #expect(abs(try #require(steps["on"]) - 1060.0 / 260) < 1e-9 && steps["off"] == 1)
    #expect((json["slopeSteps"] as? [String: Any])?["ratio"] as? String == "Infinity")
    #expect((json["overlap"] as? [String: Any])?["tryOverlap"] as? Int == 5)
    #expect((json["lines"] as? [String: Int]) == ["columns": 2, "rows": 1])
  }

  @Test func `1: a ratio is above the limit of --fail-above`() throws {
    let failed = try relief.run(["audit", stepped, "--fail-above", "1.5"] + tiling)
    #expect(failed.code == 1)
    for words in [stepped, "height steps 4.077", "expected at most 1.5"] {
      #expect(failed.errors.contains(words), "\(failed.errors)")
    }
    // Without tile edges, no ratio is above the limit.
    let passed = try relief(
      "audit", stepped, "--fail-above", "1", "--tile", "500", "--overlap", "0")
    #expect(passed.code == 0 && passed.output.contains("no lines"), "\(passed.output)")
  }

  @Test func `the worst tile edges are written, and an existing file is not replaced`() throws {
    let arguments = ["audit", stepped, "--places", folder("seams.gpkg")] + tiling
    #expect(try relief.run(arguments).code == 0)
    #expect(try #require(LineLayer(folder("seams.gpkg"))).features.count == 11)
    #expect(try relief.run(arguments).code == 73)
    #expect(try relief.run(arguments + ["--overwrite"]).code == 0)
  }

  @Test func `2, 66: invalid options and a missing raster are errors`() throws {
    for (arguments, words) in [
      ([stepped], "--tile"), ([stepped, "--tile", "40"], "together"),
      ([stepped, "--tile", "40", "--overlap", "30"], "half a tile"),
      ([stepped, "--fail-above", "0.5"] + tiling, "--fail-above"),
      ([stepped, "--places", "seams.shp"] + tiling, "NAME.gpkg"),
      ([stepped, "--overwrite"] + tiling, "--places"),
    ] {
      let result = try relief.run(["audit"] + arguments)
      #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
    }
    #expect(try relief("audit", folder("none.tif"), "--tile", "9", "--overlap", "0").code == 66)
  }

  @Test func `infer ends with the seam audit of its output`() throws {
    let arguments = try ["infer", Command.part.get(), folder("dem.tif"), "--window", "0,0,300,300"]
    let result = try relief.run(arguments + ["--tile", "128", "--progress", "json"])
    let done = try object(try #require(result.output.split(separator: "\n").last.map(String.init)))
    let own = try object(relief("audit", folder("dem.tif"), "--json").output)
    #expect(done["audit"] as? NSDictionary == own as NSDictionary)
    let plain = try relief.run(arguments + ["--tile", "128", "--overwrite"])
    #expect(plain.errors.contains("seams     height steps"), "\(plain.errors)")
  }
}
