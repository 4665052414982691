import COpenBLAS
import Glibc

/// The system's OpenBLAS, configured to use one thread and the fastest kernels that this CPU supports.
public enum BLAS {
  /// The name of the kernels that OpenBLAS selected (`SkylakeX`, `Haswell`, …).
  public static var coreName: String {
    prepare()
    return selectedCore
  }

  private static var selectedCore: String { String(cString: openblas_get_corename()) }

  /// Initializes OpenBLAS on the first call; further calls return immediately.
  ///
  /// Every product calls it first, so the core never changes during a product. OpenBLAS is limited to one thread,
  /// because multithreading changes the last bits of a product. OpenBLAS up to 0.3.24 treats any unknown Intel
  /// model as a Prescott of 2004 (OpenMathLib/OpenBLAS#4267), which makes it five to ten times slower than
  /// necessary. In this case, the core is selected again, unless the user has set `OPENBLAS_CORETYPE`.
  public static func prepare() { preparation }

  private static let preparation: Void = {
    openblas_set_num_threads(1)
    selectCapableCore()
  }()

  /// The cores whose kernels use AVX2 or better.
  private static let capableCores: Set<String> = [
    "haswell", "zen", "excavator", "skylakex", "cooperlake", "sapphirerapids",
  ]

  private static func selectCapableCore() {
    let variable = "OPENBLAS_CORETYPE"
    let best = ["x86-64-v4": "SkylakeX", "x86-64-v3": "Haswell"][CPU.kernelLevel]
    guard let best, getenv(variable) == nil, !capableCores.contains(selectedCore.lowercased())
    else {
      return
    }
    // These symbols are missing in an OpenBLAS built for a single core, which has no other kernels to select.
    typealias Function = @convention(c) () -> Void
    guard let quit = dlsym(nil, "gotoblas_dynamic_quit"),
      let initialize = dlsym(nil, "gotoblas_dynamic_init")
    else { return }
    func reselect() {
      unsafeBitCast(quit, to: Function.self)()
      unsafeBitCast(initialize, to: Function.self)()
    }
    setenv(variable, best, 1)
    reselect()
    unsetenv(variable)
    if !productIsCorrect() {
      reselect()
      precondition(
        productIsCorrect(), "OpenBLAS (core \(selectedCore)) computes incorrect products")
    }
  }

  /// Returns whether a product of integers, which `Float` represents exactly, has the correct result.
  static func productIsCorrect() -> Bool {
    let (m, n, k) = (67, 45, 53)  // not multiples of any kernel's block size
    let a = (0..<m * k).map { Float($0 % 13 - 6) }
    let b = (0..<k * n).map { Float($0 % 11 - 5) }
    var c = [Float](repeating: .nan, count: m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          multiplyUnprepared(
            Operand(a.baseAddress!, stride: k), Operand(b.baseAddress!, stride: n),
            into: c.baseAddress!, stride: n, m: m, n: n, k: k)
        }
      }
    }
    for i in 0..<m {
      for j in 0..<n {
        var sum: Float = 0
        for l in 0..<k { sum += a[i * k + l] * b[l * n + j] }
        if c[i * n + j] != sum { return false }
      }
    }
    return true
  }
}
