import DepthModels
import Foundation
import Scenes
import Tensors
import Testing
import TestSupport
import Training

/// Files of a training's folder that were modified are rejected by name, or tolerated.
@Suite struct TrainingFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, to name: String) throws {
    let url = URL(filePath: folder(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  @Test(arguments: [
    ("epoch", "-1"), ("batch", "-2"), ("step", "\(Int.max)"), ("samples", "\(Int.min)"),
    ("batch", "3"), ("samples", "8"),
    ("plateau", #"{"learningRate":-1,"patience":1,"factor":0.5,"counter":0}"#),
    ("plateau", #"{"learningRate":1,"patience":0,"factor":0.5,"counter":0}"#),
    ("plateau", #"{"learningRate":1,"patience":1,"factor":0.5,"counter":\#(Int.max)}"#),
  ])
  func `a checkpoint with an invalid progress is rejected`(key: String, value: String) throws {
    var parts = [
      "epoch": "1", "batch": "0", "step": "5", "lossSum": "0", "samples": "0", "history": "[]",
    ]
    func progress() throws -> TrainingState.Progress {
      let text = "{" + parts.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
      try Safetensors.write(
        [.init("a", Tensor([1]))], metadata: ["progress": text], to: folder("checkpoint"))
      return try TrainingState.progress(of: Safetensors(reading: folder("checkpoint")))
    }
    #expect(try progress().step == 5)
    parts[key] = value
    let error = #expect(throws: ModelError.self) { try progress() }
    #expect(error?.message.contains("progress.") == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["[[]]", #"[["a"]]"#, #"[["a","b","c"]]"#, "{}", "[[1,2]]", "\u{1}"])
  func `pictures without a name or a caption are rejected`(pictures: String) throws {
    try write("step,epoch,loss,learning_rate,gradient_norm,seconds\n", to: "coarse/steps.csv")
    try write(pictures, to: "coarse/pictures.json")
    #expect {
      try TrainingPage(folder: folder.path, networks: ["coarse"]).write(isOver: false)
    } throws: {
      ($0 as? SceneError)?.kind == .badData && "\($0)".contains("pictures.json")
    }
  }

  @Test(arguments: ["-5", "nan", "inf", "1e308", "0"])
  func `unusual numbers in a log do not break the page`(number: String) throws {
    let step = Int(number) ?? 3
    try write(
      "step,epoch,loss,learning_rate,gradient_norm,seconds\n\(step),1,\(number),0.1,1,1\n",
      to: "coarse/steps.csv")
    let epoch = "\(step),\(number),\(number),\(number),true\n"
    try write("1,\(epoch)2,\(epoch)", to: "coarse/epochs.csv")
    try TrainingPage(folder: folder.path, networks: ["coarse"]).write(isOver: false)
    let page = try String(contentsOfFile: folder("index.html"), encoding: .utf8)
    #expect(page.contains("</html>"))
  }
}
