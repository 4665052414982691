import DepthModels
import Foundation
import Training
import TestSupport
import TestTraining
import Testing

/// Tests of `relief train` as users run it, including interruptions.
@Suite struct TrainTests {
  let relief = Command(name: "relief")

  private static let networks = ["coarse-1", "coarse-2", "coarse", "autoencoder", "refiner"]

  private func sameWeights(_ fixture: TrainingFixture, _ a: String, _ b: String) throws {
    for network in Self.networks {
      #expect(
        try fixture.weights(network, in: a) == fixture.weights(network, in: b), "\(network)")
    }
  }

  @Test func `a killed training run, resumed by the same command, gives bit-identical weights`()
    throws
  {
    var fixture = try TrainingFixture()
    fixture.set { $0.checkpointSeconds = 0 }
    let path = try fixture.writeConfiguration()
    let start = ContinuousClock().now
    let whole = try relief("train", "all", path, fixture.folder("whole"))
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(whole.output == fixture.folder("whole/bundle") + "\n")
    #expect(whole.errors.contains("refiner") && whole.errors.contains("loss"))
    #expect(whole.errors.contains("refiner is trained: the lowest validation loss is "))
    let seconds = (ContinuousClock().now - start) / .seconds(1)
    var generator = SystemRandomNumberGenerator()
    var kills = 0
    for _ in 0..<4 {
      let (process, output, errors) = try relief.start([
        "train", "all", path, fixture.folder("torn"), "--progress", "none",
      ])
      Thread.sleep(forTimeInterval: .random(in: 0.1...0.6, using: &generator) * seconds)
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { kills += 1 }
      withExtendedLifetime((output, errors)) {}
    }
    #expect(kills > 0)
    let last = try relief("train", "all", path, fixture.folder("torn"), "--threads", "1")
    #expect(last.code == 0, "\(last.errors)")
    try sameWeights(fixture, "torn", "whole")
    let model = try relief("model", "verify", fixture.folder("torn/bundle"))
    #expect(model.code == 0, "\(model.errors)")
  }

  @Test func `75: a signal ends training after a checkpoint`() throws {
    var fixture = try TrainingFixture()
    fixture.set { $0.epochs = 10_000 }
    let path = try fixture.writeConfiguration()
    let (process, output, errors, events) = try relief.startUntilCoarse([
      "train", "coarse", path, fixture.folder("run"), "--progress", "json",
    ])
    // The first step has been completed when it is reported.
    process.terminate()
    defer { withExtendedLifetime(output) {} }
    let message = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 75 && message.contains("interrupted"), "\(message)")
    #expect(events.contains("\"loss\":") && events.contains("\"rate\":"))
    let checkpoint = try Safetensors(
      reading: fixture.folder("run/coarse/checkpoint.safetensors"))
    #expect(checkpoint.metadata["progress"]?.contains("\"step\":") == true)
  }

  @Test func `74: a full disk at a checkpoint loses nothing`() throws {
    var fixture = try TrainingFixture()
    fixture.set { $0.epochs = 1 }
    let folder = fixture.folder("run")
    var path = try fixture.writeConfiguration()
    #expect(try relief("train", "coarse", path, folder).code == 0)
    let checkpoint = URL(filePath: folder + "/coarse/checkpoint.safetensors")
    let before = try Data(contentsOf: checkpoint)
    fixture.set { $0.epochs = 2 }
    path = try fixture.writeConfiguration()
    // A file size limit simulates a full disk: half of a checkpoint can be written.
    let failed = try relief.shell(
      "trap '' XFSZ; ulimit -f \(before.count / 1024); exec \"$0\" \"$@\"",
      ["train", "coarse", path, folder], in: fixture.folder.path)
    #expect(failed.code == 74, "\(failed.errors)")
    #expect(
      failed.errors.contains("checkpoint.safetensors")
        && failed.errors.contains("cannot be written"))
    #expect(try Data(contentsOf: checkpoint) == before)
    #expect(try !names(in: folder + "/coarse").contains { $0.hasSuffix(".part") })
    #expect(try relief("train", "coarse", path, folder).code == 0)
    #expect(try relief("train", "coarse", path, fixture.folder("whole")).code == 0)
    #expect(try fixture.weights("coarse") == fixture.weights("coarse", in: "whole"))
  }

  @Test func `2, 65, 66: invalid arguments and configurations are errors`() throws {
    let fixture = try TrainingFixture()
    let path = try fixture.writeConfiguration()
    #expect(try relief("train", "coarse", path).code == 2)
    #expect(try relief("train", "coarse", path, fixture.folder("run"), "--fold", "3").code == 2)
    #expect(try relief("train", "preset", "large").code == 2)
    #expect(try relief("train", "all", "nowhere.json", fixture.folder("run")).code == 66)
    try Data("{\"seeds\": 1}".utf8).write(to: URL(filePath: path))
    let odd = try relief("train", "all", path, fixture.folder("run"))
    #expect(odd.code == 65 && odd.errors.contains(path), "\(odd.errors)")
  }

  @Test func `a preset is printed as a valid configuration`() throws {
    let preset = try relief("train", "preset", "jk")
    #expect(preset.code == 0)
    let configuration = try JSONDecoder().decode(
      TrainingConfiguration.self, from: Data(preset.output.utf8))
    #expect(configuration == TrainingPreset.jk.configuration)
  }

  /// Runs only where PyTorch is installed.
  @Test(.enabled(if: PyTorch.python != nil, "needs Python with torch and safetensors"))
  func `the PyTorch implementation gives the same losses`() throws {
    let fixture = try TrainingFixture()
    let result = try Command(name: #require(PyTorch.python))(
      Command.root + "/Experiments/train-gpu/agree.py", fixture.folder("pairs.csv"), "--relief",
      relief.path, "--steps", "5", "--tile", "64")
    #expect(result.code == 0, "\(result.output)\(result.errors)")
  }
}

/// A Python interpreter with the packages of the PyTorch implementation; nil if there is none.
private enum PyTorch {
  static let python: String? = {
    let environments = [
      ProcessInfo.processInfo.environment["RELIEF_PYTHON"],
      Command.root + "/.build/peers/environment/bin/python3", "/usr/bin/python3",
    ]
    return environments.compactMap { $0 }.first { path in
      guard FileManager.default.isExecutableFile(atPath: path) else { return false }
      return (try? runProgram([path, "-c", "import torch, safetensors, numpy"])) == 0
    }
  }()
}
