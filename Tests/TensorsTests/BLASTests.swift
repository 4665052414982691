import Foundation
import Tensors
import Testing

@Suite struct BLASTests {
  @Test(
    .enabled(if: CPU.kernelLevel != "default", "this CPU has no AVX2"),
    .enabled(
      if: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil, "the user chose a core"))
  func `a CPU with AVX2 gets kernels that use it`() {
    let old = ["Prescott", "Core2", "Nehalem", "Sandybridge", "Generic"]
    #expect(!old.contains(BLAS.coreName), "the core is \(BLAS.coreName)")
  }

  @Test func `the speed of products is measured`() {
    #expect(BLAS.measuredGFLOPS(threads: 1) > 0.1)
  }
}

@Suite struct RandomTests {
  @Test func `splitmix64 gives its published sequence`() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }
}
