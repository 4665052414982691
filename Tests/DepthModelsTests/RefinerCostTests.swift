import DepthModels
import Testing
import TestModels

/// Comparison of operation counts with those measured by running the original networks at 512 × 512 pixels.
@Suite struct RefinerCostTests {
  @Test(arguments: [
    (Architectures.autoencoderKL, 1116.7, 2514.5), (Architectures.vaVAE, 556.6, 1015.2),
  ])
  func `operation counts of the autoencoders match the originals`(
    sizes: AutoencoderArchitecture, encoding: Double, decoding: Double
  ) {
    let pixels = 512 * 512
    let latent = Cost(positions: pixels / (sizes.reduction * sizes.reduction))
    #expect(abs(sizes.encodingCount(Cost(positions: pixels)) / 1e9 / encoding - 1) < 2e-3)
    #expect(abs(sizes.decodingCount(latent) / 1e9 / decoding - 1) < 2e-3)
  }

  @Test(arguments: [
    ("unet_aekl_full", 64, 124.9), ("unet_aekl_sa", 64, 71.2), ("unet_vavae", 32, 47.5),
    ("unet_pixel_segrefiner", 512, 1999), ("unet_light64", 64, 18), ("unet_light64_r1", 64, 11.8),
    ("unet_tiny32", 64, 3.2),
  ])
  func `operation counts of one denoiser step match the originals`(
    name: String, side: Int, expected: Double
  ) throws {
    let sizes = try #require(Architectures.denoisers[name])
    let found = sizes.operationCount(Cost(positions: side * side)) / 1e9
    #expect(abs(found / expected - 1) < 0.01, "\(found)")
  }

  /// The product of channel counts would overflow.
  @Test func `excessive dimensions are an error before operations are counted`() throws {
    var sizes = try #require(Architectures.denoisers["unet_tiny32"])
    sizes.width = 1 << 19
    sizes.multipliers = [1, 1 << 19]
    let error = #expect(throws: ModelError.self) { try sizes.validate(ManifestCheck(path: "x")) }
    #expect(error?.message.contains("refiner.denoiser.width") == true)
  }
}
