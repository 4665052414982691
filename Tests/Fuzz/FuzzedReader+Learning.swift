import DepthModels
import Foundation
import Rasters
import Scenes
import Tensors

@testable import Pairs
@testable import Training

/// Readers of lists, and of files that trainings write.
extension FuzzedReader {
  static func readPairs(_ bytes: Data, _ suffix: String) throws {
    let list = try PairList(reading: Scratch.file("pairs." + suffix, bytes))
    precondition(!list.pairs.isEmpty && Set(list.pairs.map(\.name)).count == list.pairs.count)
  }

  static func readExclusions(_ bytes: Data) throws {
    let list = try ExclusionList(reading: Scratch.file("exclusions.tsv", bytes))
    for entry in list.entries {
      precondition(list.reason(against: entry.path) != nil, "\(entry.path) excludes itself")
    }
  }

  /// Reads three split files, which assign five tiles.
  static func readSplits(_ bytes: Data) throws {
    let area = "ImageToDEM-x/singleRGBNormalization"
    for id in 1...5 {
      Scratch.file("\(area)/png-stretched-unique/tile_\(id).png", Data())
      Scratch.file("\(area)/DEM_255-unique/tile_\(id).tif", Data())
    }
    let names = (1...3).map { "split-\($0).txt" }
    Scratch.files(names, of: bytes)
    let list = try PairList(
      rs3dbench: Scratch.folder + "/ImageToDEM-x",
      splitFiles: names.map { Scratch.folder + "/" + $0 })
    precondition(list.pairs.allSatisfy { $0.fold.map((1...3).contains) ?? false })
  }

  /// Reads the checkpoint of a network with two tensors.
  static func readCheckpoint(_ bytes: Data) throws {
    let path = Scratch.file("checkpoint.safetensors", bytes)
    var optimization = Optimization(
      epochs: 9, batch: 2, learningRate: 1e-3, weightDecay: 0,
      schedule: .plateau(patience: 3, factor: 0.5))
    optimization.averageDecay = 0.9
    let parameters = try Parameters("the network", from: FreshWeights(seed: 42)) {
      for (name, sides) in SampleCheckpoint.shapes { _ = try $0.tensor(name, Shape(sides)) }
    }
    var state = TrainingState(parameters, optimization)
    try state.read(from: path)
    // The next steps are those of the trainer when it resumes.
    state.progress.plateau?.finishEpoch()
    _ = state.progress.plateau?.validate(1)
    state.average?.add(state.parameters.values.map(\.scalars))
    state.progress.step += 1
    state.progress.batch += 1
    precondition(state.progress.batch * optimization.batch > 0)
  }

  /// Reads tables of steps and epochs, the list of pictures, and the notes on derived parts.
  static func readTrainingFolder(_ bytes: Data) throws {
    Scratch.forget()
    Scratch.file("run/coarse/other", Data([1]))
    Scratch.files(
      [
        "run/coarse/steps.csv", "run/coarse/epochs.csv", "run/coarse/pictures.json",
        "run/derived.json",
      ],
      of: bytes)
    let folder = Scratch.folder + "/run"
    for read: () throws -> Void in [
      { _ = try TrainingPage(folder: folder, networks: ["coarse"]).content("coarse") },
      { try DerivedParts(folder: folder).requireUnchanged("coarse", of: ["weights": "1"]) },
      { _ = try TrainingLog(folder + "/coarse/steps.csv", steps: 9) },
    ] {
      do { try read() } catch is SceneError {}
    }
  }
}

/// The network and the state in the checkpoint.
enum SampleCheckpoint {
  static let shapes = [("a.weight", [2, 3]), ("a.bias", [2])]

  /// The checkpoint of an unfinished training.
  static var bytes: Data {
    let progress = """
      {"epoch":1,"batch":2,"step":7,"lossSum":1.5,"samples":4,"best":0.25,\
      "plateau":{"learningRate":0.001,"patience":3,"factor":0.5,"counter":1,"best":0.25},\
      "history":[{"number":1,"step":5,"trainingLoss":0.5,"validationLoss":0.25,"learningRate":0.001,"isBest":true}]}
      """
    var tensors: [String: [Int]] = [:]
    for kind in ["parameter", "mean", "square", "average"] {
      for (name, sides) in shapes { tensors["\(kind).\(name)"] = sides }
    }
    let text = progress.replacingOccurrences(of: "\"", with: "\\\"")
    return FuzzedReader.safetensors(tensors, metadata: "\"progress\":\"\(text)\"")
  }
}
