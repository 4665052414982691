import Foundation
import Rasters
import TestSupport
import Testing

/// Typical first mistakes: every error message says what to type instead.
@Suite struct CommandSuggestionTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    (["scene.tif"], "relief infer scene.tif"),
    (["infre", "scene.tif"], "did you mean: relief infer"),
    (["help", "infre"], "did you mean: relief help infer"), (["Audit"], "relief audit"),
    (["pairs", "docter", "list.csv"], "relief pairs doctor"),
    (["help", "pairs", "slpit"], "relief help pairs split"),
    (["model", "verfy"], "relief model verify"), (["xyzzy"], "expected one of infer, info, status"),
    (["infer", Command.sample, "o"], "such as o.tif"),
    (["infer", Command.sample, "out/o.png"], "such as out/o.tif"),
    (["infer", Command.sample, "o.tif", "--tile", "100"], "--tile 96"),
    (["infer", Command.sample, "o.tif", "--window", "0,0,99999,9"], "--window 0,0,1300,9"),
    (["info", Command.sample, "--bbox", "1,2,3,4", "--bbox-crs", "4326"], "EPSG:4326"),
    (["info", Command.sample, "--bbox", "1,2,3,4", "--bbox-crs", "EPSG 32632"], "EPSG:32632"),
  ])
  func `2: a mistyped command or option is answered with a correction`(
    arguments: [String], words: String
  ) throws {
    let result = try relief.run(arguments, in: folder.path)
    #expect(result.code == 2 && (result.output.isEmpty || arguments[0] == "info"))
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test(arguments: [["help"], ["help", "infer"], ["help", "pairs", "doctor"], ["pairs"], []])
  func `0: valid help commands are accepted`(arguments: [String]) throws {
    let result = try relief.run(arguments)
    #expect(result.code == 0 && result.output.contains("USAGE"), "\(result.errors)")
  }

  @Test func `info --json has all facts, and an error next to the facts found before`() throws {
    func info(_ options: String...) throws -> (Int32, [String: Any]) {
      let result = try relief.run(["info", Command.sample, "--json"] + options)
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
      return (result.code, try #require(object as? [String: Any]))
    }
    let (code, whole) = try info()
    let width = try Dataset(reading: Command.sample).width
    #expect(code == 0 && whole["error"] == nil)
    #expect(whole["width"] as? Int == width && (whole["bands"] as? [Any])?.count == 4)
    #expect((whole["forecast"] as? [String: Any])?["memory"] as? Int ?? 0 > 1 << 20)
    #expect((whole["plan"] as? [String: Any])?["bands"] as? [Int] == [1, 2, 3])
    let (refusal, known) = try info("--ram", "100MB")
    let error = try #require(known["error"] as? [String: Any])
    #expect(refusal == 2 && error["code"] as? Int == 2 && error["kind"] as? String == "usage")
    #expect(known["plan"] != nil && known["bundle"] != nil && known["forecast"] == nil)
    let bands = try info("--bands", "1,2,9")
    #expect(bands.0 == 2 && bands.1["bands"] != nil && bands.1["bundle"] != nil)
  }

  @Test func `info prints the facts found before an error`() throws {
    let result = try relief("info", Command.sample, "--ram", "100MB")
    #expect(result.code == 2 && result.errors.contains("--ram"))
    for words in ["EPSG:", "bundle", "stretch", "tiles"] {
      #expect(result.output.contains(words), "\(result.output)")
    }
  }

  @Test func `the overall share rises from 0 to 1 and never decreases`() throws {
    let result = try relief.run(
      [
        "infer", Command.sample, "o.tif", "--window", "300,300,200,200", "--tile", "128", "--steps",
        "1", "--progress", "json",
      ], in: folder.path)
    #expect(result.code == 0, "\(result.errors)")
    let shares = try result.output.split(separator: "\n").compactMap { line in
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return event?["overall"] as? Double
    }
    #expect(shares.count > 4 && shares.last == 1 && shares[0] < 0.2)
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 <= $1 })
  }
}
