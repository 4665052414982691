import COpenBLAS

extension BLAS {
  /// A row-major matrix in memory, whose rows begin `stride` numbers apart.
  struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int

    init(_ base: UnsafePointer<Float>, stride: Int) { (self.base, self.stride) = (base, stride) }
  }

  /// c = a·b, with a `[m, k]`, b `[k, n]`, c `[m, n]`.
  static func multiply(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    prepare()
    multiplyUnprepared(a, b, into: c, stride: stride, m: m, n: n, k: k)
  }

  /// c = aᵀ·b, added to what is in c if told so, with a `[k, m]`, b `[k, n]`, c `[m, n]`.
  static func multiplyTransposed(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int, adding: Bool
  ) {
    prepare()
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, c, Int32(stride))
  }

  /// c = a·bᵀ, with a `[m, k]`, b `[n, k]`, c `[m, n]`.
  static func multiplyByTransposed(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    prepare()
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), 0, c, Int32(stride))
  }

  /// The same with whatever core is selected, for the check that selecting it makes.
  static func multiplyUnprepared(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), 0, c, Int32(stride))
  }

  /// The speed of 512³ products in 10⁹ operations per second, on so many threads at once.
  ///
  /// The best of several rounds that take about 0.2 s together.
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
