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
