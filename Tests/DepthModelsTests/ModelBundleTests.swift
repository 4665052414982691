import DepthModels
import Foundation
import Tensors
import Testing

@Suite struct ModelBundleTests {
  /// Calls `body` with the path of a copy of the shipped bundle, in whose `model.json` `old` is replaced by `new`.
  func withBundle(
    replacing old: String = "", by new: String = "", _ body: (String) throws -> Void
  ) throws {
    try Places.withTemporaryFolder { folder in
      let copy = folder + "/bundle"
      try FileManager.default.copyItem(atPath: Places.bundle, toPath: copy)
      if !old.isEmpty {
        let path = copy + "/model.json"
        let json = try String(contentsOfFile: path, encoding: .utf8)
        try #require(json.contains(old))
        try json.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
      }
      try body(copy)
    }
  }

  @Test func `the shipped bundle is valid and describes itself`() throws {
    let bundle = try ModelBundle(directory: Places.bundle)
    try bundle.verify()
    #expect(bundle.manifest.card.status == .released)
    #expect(bundle.manifest.stages == [.coarse, .vae, .unet])
    #expect(bundle.hash.count == 64)
  }

  @Test(arguments: [
    ("\"depth\" : 6", "\"depth\" : 6, \"depht\" : 7", "the key coarse.depht is unknown"),
    ("\"groups\" : 16", "\"groups\" : 16, \"x\" : {}", "coarse.backbone.hybrid.x is unknown"),
    ("\"heads\" : 3", "\"heads\" : 5", "coarse.heads is 5"),
    ("\"groups\" : 16", "\"groups\" : 0", "a multiple of 0 groups"),
    ("\"depth\" : 6", "\"depth\" : 5", "coarse.hooks is [3, 5]"),
    ("\"width\" : 192", "\"breadth\" : 192", "coarse lacks the key width"),
    ("\"overlap\" : 64", "\"overlap\" : 256", "card.overlap is 256"),
    ("\"tileSize\" : 256", "\"tileSize\" : 250", "card.tileSize is 250"),
    ("\"tileSize\" : 256", "\"tileSize\" : 8589934592", "card.tileSize is 8589934592"),
    ("\"formatVersion\" : 1", "\"formatVersion\" : 2", "formatVersion is 2"),
    ("\"coarse.safetensors\"", "\"../coarse.safetensors\"", "is not a bundle file"),
    ("\"bytes\" : 8", "\"bytes\" : 28", "bytes"),
    ("\"half\"", "\"third\"", "coarse.normalization"),
  ])
  func `the error for an invalid manifest names the value`(
    old: String, new: String, message: String
  ) throws {
    try withBundle(replacing: old, by: new) { path in
      let error = #expect(throws: ModelError.self) { try ModelBundle(directory: path) }
      #expect(error?.kind == .badData)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  /// This happens if a bundle is copied again during a run.
  @Test
  func `weights that change after their hash was checked are an error that a retry may solve`()
    throws
  {
    try withBundle { path in
      let bundle = try ModelBundle(directory: path)
      let file = try #require(try bundle.verifiedFiles()["coarse.safetensors"])
      let weights = try Safetensors(file)
      let name = try #require(weights.entries.keys.min())
      _ = try weights.tensor(name)
      truncate(path + "/coarse.safetensors", off_t(weights.byteCount - 1))
      for name in weights.entries.keys.sorted() {
        let error = #expect(throws: ModelError.self) { try weights.tensor(name) }
        #expect(error?.kind == .io)
        #expect(error?.message.contains("changed while it was read") == true)
      }
      #expect(throws: ModelError.self) { try weights.sha256 }
    }
  }

  @Test func `the hash of a file detects one wrong byte`() throws {
    try withBundle { path in
      let file = try #require(FileHandle(forUpdatingAtPath: path + "/coarse.safetensors"))
      try file.seek(toOffset: 4_000_000)
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: 4_000_000)
      try file.write(contentsOf: [byte ^ 1])
      try file.close()
      let error = #expect(throws: ModelError.self) { try ModelBundle(directory: path).verify() }
      #expect(error?.message.contains("coarse.safetensors has the SHA-256") == true)
    }
  }

  @Test(arguments: [
    ("\"hidden\" : 768", "\"hidden\" : 760", "mlp.fc1.weight is [768, 192]"),
    ("\"depth\" : 6", "\"depth\" : 7", "blocks.6.norm1.weight is missing"),
  ])
  func `the error for tensors that do not match the architecture names them`(
    old: String, new: String, message: String
  ) throws {
    try withBundle(replacing: old, by: new) { path in
      let error = #expect(throws: ModelError.self) { try ModelBundle(directory: path).verify() }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test func `bundles are searched in the documented order`() throws {
    try withBundle { path in
      func located(_ explicit: String?, _ variable: String?) throws -> String {
        try ModelBundle.locate(
          explicit, environment: variable.map { ["RELIEF_MODEL": $0] } ?? [:],
          executable: Places.package.path + "/.build/release/relief"
        ).directory
      }
      #expect(try located(path, "/nowhere") == path)
      #expect(try located(nil, path) == path)
      #expect(try located(nil, nil) == Places.bundle)
      let error = #expect(throws: ModelError.self) { try located(nil, "/nowhere") }
      #expect(error?.kind == .missingResource)

      let installed = URL(fileURLWithPath: path).deletingLastPathComponent().path
      try FileManager.default.createDirectory(
        atPath: installed + "/share", withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: path, toPath: installed + "/share/relief")
      let found = try ModelBundle.locate(
        nil, environment: [:], executable: installed + "/bin/relief")
      #expect(found.directory == installed + "/share/relief")
    }
  }

  @Test func `the error for a missing bundle lists the places searched`() {
    let error = #expect(throws: ModelError.self) {
      try ModelBundle.locate(nil, environment: [:], executable: "/opt/bin/relief")
    }
    #expect(error?.kind == .missingResource)
    for place in ["--model", "$RELIEF_MODEL", "/opt/share/relief/model.json", "/opt/bin"] {
      #expect(error?.message.contains(place) == true, "\(place)")
    }
  }
}
