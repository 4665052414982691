import DepthModels
import Foundation
import TestModels
import TestSupport
import Testing

@Suite struct OtherCommandsTests {
  let relief = Command(name: "relief")
  let shipped = Command(name: "relief", environment: Command.shipped)

  @Test(arguments: ["infer", "info", "status", "audit", "model", "render", "doctor", "bench"])
  func `every command has a help text`(verb: String) throws {
    let result = try relief("help", verb)
    #expect(result.code == 0)
    #expect(result.output.contains("OVERVIEW") && result.output.contains("USAGE"))
    #expect(try relief("--help").output.contains(verb))
  }

  @Test func `info describes the scene and the plan`() throws {
    let result = try relief("info", Command.sample)
    #expect(result.code == 0, "\(result.errors)")
    for words in ["EPSG:", "30.0", "band 4", "stretch", "tiles", "forecast"] {
      #expect(result.output.contains(words), "\(result.output)")
    }
  }

  @Test func `info shows the number of ensemble members`() throws {
    let result = try relief("info", Command.sample, "--ensemble", "8")
    #expect(
      result.code == 0
        && result.output.contains("ensemble  the coarse network runs on each tile at 8 pixel sizes")
    )
    #expect(try relief("info", Command.sample, "--ensemble", "3").code == 2)
  }

  @Test func `the shipped bundle is valid, and model info shows its refinement cost`() throws {
    #expect(try shipped("model", "verify").code == 0)
    let result = try shipped("model", "info")
    for words in ["coarse, vae, unet, released", "6 steps", "for refinement in 6 steps"] {
      #expect(result.output.contains(words), "\(result.output)")
    }
  }

  @Test func `a checkpoint can be imported as a valid bundle, once`() throws {
    let folder = try TemporaryFolder()
    let checkpoint = Command.root + "/SampleData/bundle/coarse.safetensors"
    let importing = [
      "model", "import", folder("bundle"), "--coarse", checkpoint, "--name", "again", "--licence",
      "MIT", "--gsd", "21,60", "--heads", "3", "--hooks", "3,5", "--normalization", "half",
      "--groups", "16",
    ]
    let made = try relief.run(importing)
    #expect(made.code == 0, "\(made.errors)")
    #expect(try relief("model", "verify", folder("bundle")).code == 0)
    let again = try relief.run(importing)
    #expect(again.code == 73, "import does not write into a folder that is not empty")
  }

  @Test func `model info describes all three networks of an imported bundle`() throws {
    let folder = try TemporaryFolder()
    let denoiser = try #require(Architectures.denoisers["unet_tiny32"])
    try FormulaCheckpoint { _ = try DPT($0, Architectures.tinyCoarse) }.write(to: folder("coarse"))
    try FormulaCheckpoint { _ = try AutoencoderKL($0, Architectures.tinyAutoencoder) }
      .write(to: folder("vae"))
    try FormulaCheckpoint { _ = try DenoiseUNet($0, denoiser, steps: 6) }.write(to: folder("unet"))
    let common = [
      "model", "import", folder("bundle"), "--coarse", folder("coarse"), "--unet", folder("unet"),
      "--unet-heads", "2", "--name", "all", "--license", "MIT", "--gsd", "21,60",
    ]
    let alone = try relief.run(common)
    #expect(alone.code == 65)
    #expect(alone.errors.contains("needs one whose latents have 4 channels"), "\(alone.errors)")
    let made = try relief.run(common + ["--vae", folder("vae")])
    #expect(made.code == 0, "\(made.errors)")
    let info = try relief("model", "info", folder("bundle")).output
    for words in [
      "coarse, vae, unet, provisional", "4 blocks of 64 channels",
      "levels [32, 32, 64, 64], 4 latent channels at 1/8", "8 to 4 channels, levels [32, 64, 128]",
      "6 steps", "cost      for 512 × 512 pixels", "for refinement in 6 steps",
    ] { #expect(info.contains(words), "\(info)") }
  }

  @Test func `doctor finds all components and a fast BLAS core`() throws {
    let result = try relief("doctor")
    #expect(result.code == 0, "\(result.errors)")
    for words in ["GDAL", "PROJ", "BLAS core", "GFLOP/s", "bundle"] {
      #expect(result.output.contains(words), "\(result.output)")
    }
    #expect(!result.output.contains("Prescott"))
  }

  @Test func `doctor keeps a BLAS core that the user has chosen`() throws {
    guard try relief("doctor").output.contains("x86-64-v") else {
      try Test.cancel("needs a CPU with AVX2")
    }
    let chosen = Command(name: "relief", environment: ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(try chosen("doctor").output.contains("Haswell"))
  }

  @Test func `bench times the networks and their layers, and sgemm`() throws {
    let result = try shipped("bench", "--tile", "128", "--runs", "1", "--json")
    #expect(result.code == 0, "\(result.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let networks = try #require(object["networks"] as? [[String: Any]])
    for network in networks {
      #expect(network["gflops"] as? Double ?? 0 > 0)
      #expect(network["sgemm"] as? Double ?? 0 > 0)
      // The layers take most of a network's time, and never more than all of it.
      let layers = try #require(network["layers"] as? [[String: Any]])
      let parts = layers.compactMap { $0["seconds"] as? Double }.reduce(0, +)
      let seconds = try #require(network["seconds"] as? Double)
      #expect(parts > seconds / 2 && parts <= seconds)
    }
    let table = try shipped("bench", "--tile", "128", "--runs", "1", "--threads", "1", "--layers")
    #expect(table.output.contains("3 × 3 64 → 64, 32 × 32"), "\(table.output)")
  }
}
