import DepthModels
import Foundation
import Testing
import TestSupport
import Training

/// Configurations that state only their differences from another one.
@Suite struct DerivedJSONTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ files: [String: String]) throws -> [String: Any]? {
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(filePath: folder(name)))
    }
    return try JSONSerialization.jsonObject(with: DerivedJSON.read(folder("own.json")))
      as? [String: Any]
  }

  @Test func `objects are merged, other values replaced, null removes`() throws {
    let merged = try read([
      "own.json": #"{"base":"middle.json","a":{"x":3},"list":[9],"gone":null}"#,
      "middle.json": #"{"base":"base.json","a":{"y":{"q":2}},"b":false}"#,
      "base.json": #"{"a":{"x":1,"y":{"p":1,"q":1}},"b":true,"list":[1,2],"gone":5,"kept":"k"}"#,
    ])
    let expected: [String: Any] = [
      "a": ["x": 3, "y": ["p": 1, "q": 2]], "b": false, "list": [9], "kept": "k",
    ]
    #expect(try NSDictionary(dictionary: #require(merged)).isEqual(to: expected))
  }

  @Test func `a file without a base is returned as it is`() throws {
    let text = #"{ "a": 1.50 }"#
    try Data(text.utf8).write(to: URL(filePath: folder("own.json")))
    #expect(try DerivedJSON.read(folder("own.json")) == Data(text.utf8))
  }

  @Test(arguments: [
    (#"{"base":"own.json"}"#, "does not lead back here"), (#"{"base":3}"#, "base is 3"),
    (#"{"base":"none.json"}"#, "base is none.json"),
  ])
  func `a base that is no path, or leads back, is an error`(text: String, words: String) {
    let error = #expect(throws: ModelError.self) { _ = try read(["own.json": text]) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["coarse-3", "autoencoder-2", "training-5"])
  func `the configurations of the shipped bundle are complete`(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    _ = try TrainingConfiguration(reading: root + "/Experiments/train-small/\(name).json")
  }
}
