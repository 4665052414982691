import Foundation
import Tensors
import Testing

@Suite struct BLASTests {
  @Test(
    .enabled(if: CPU.kernelLevel != "default", "this CPU has no AVX2"),
    .enabled(
      if: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil,
      "the user has set OPENBLAS_CORETYPE"))
  func `OpenBLAS uses AVX2 kernels on a CPU with AVX2`() {
    let old = ["Prescott", "Core2", "Nehalem", "Sandybridge", "Generic"]
    #expect(!old.contains(BLAS.coreName), "the core is \(BLAS.coreName)")
  }

  @Test func `the measured throughput of products is plausible`() {
    #expect(BLAS.measuredGFLOPS(threads: 1) > 0.1)
  }
}
