import COpenBLAS

extension BLAS {
  /// A row-major matrix in memory whose rows start `stride` elements apart.
  struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int

    init(_ base: UnsafePointer<Float>, stride: Int) { (self.base, self.stride) = (base, stride) }
  }

  /// Computes c = a·b for a `[m, k]`, b `[k, n]`, and c `[m, n]`.
  static func multiply(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    prepare()
    multiplyUnprepared(a, b, into: c, stride: stride, m: m, n: n, k: k)
  }

  /// Computes c = aᵀ·b, or c += aᵀ·b if `adding` is true, for a `[k, m]`, b `[k, n]`, and c `[m, n]`.
  static func multiplyTransposed(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int, adding: Bool
  ) {
    prepare()
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, c, Int32(stride))
  }

  /// Computes c = a·bᵀ for a `[m, k]`, b `[n, k]`, and c `[m, n]`.
  static func multiplyByTransposed(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    prepare()
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), 0, c, Int32(stride))
  }

  /// Computes c = a·b with the currently selected core, for the check during core selection.
  static func multiplyUnprepared(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), 0, c, Int32(stride))
  }

  /// Returns the throughput of 512³ matrix products in GFLOPS (10⁹ operations per second) on the given number of
  /// threads.
  ///
  /// It is the best of several runs that take about 0.2 s in total.
  public static func measuredGFLOPS(threads: Int) -> Double {
    let n = 512
    let a = Tensor.random([n, n], seed: 1)
    let b = Tensor.random([n, n], seed: 2)
    let clock = ContinuousClock()
    let start = clock.now
    var best = 0.0
    while clock.now - start < .milliseconds(200) {
      let time = clock.measure {
        Parallel.$workers.withValue(threads) {
          parallel(4 * threads) { _ in
            withScratch(n * n) { c in
              a.scalars.withUnsafeBufferPointer { a in
                b.scalars.withUnsafeBufferPointer { b in
                  multiply(
                    Operand(a.baseAddress!, stride: n), Operand(b.baseAddress!, stride: n),
                    into: c, stride: n, m: n, n: n, k: n)
                }
              }
            }
          }
        }
      }
      best = max(best, Double(8 * threads * n * n * n) / (time / .seconds(1)) / 1e9)
    }
    return best
  }
}
