import COpenBLAS
import Glibc

/// The system's OpenBLAS, brought to run on one thread and with the kernels this CPU deserves.
public enum BLAS {
  /// The kernels that OpenBLAS has chosen, as it names them (`SkylakeX`, `Haswell`, …).
  public static var coreName: String {
    prepare()
    return selectedCore
  }

  private static var selectedCore: String { String(cString: openblas_get_corename()) }

  /// Makes OpenBLAS ready, once; every further call returns at once.
  ///
  /// Every product begins with it: the core is never changed under a product that runs.
  /// One thread, since more change the last bits of a product. And OpenBLAS up to 0.3.24 takes any Intel
  /// model that it does not know for a Prescott of 2004 (OpenMathLib/OpenBLAS#4267), five to ten times slower
  /// than need be: then its core is selected again, unless the user has set `OPENBLAS_CORETYPE`.
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
    // Absent from an OpenBLAS built for one core only, which then has nothing to choose from.
    typealias Step = @convention(c) () -> Void
    guard let quit = dlsym(nil, "gotoblas_dynamic_quit"),
      let initialize = dlsym(nil, "gotoblas_dynamic_init")
    else { return }
    func reselect() {
      unsafeBitCast(quit, to: Step.self)()
      unsafeBitCast(initialize, to: Step.self)()
    }
    setenv(variable, best, 1)
    reselect()
    unsetenv(variable)
    if !productIsRight() {
      reselect()
      precondition(productIsRight(), "OpenBLAS (core \(selectedCore)) multiplies wrongly")
    }
  }

  /// Whether a product of whole numbers, which floats hold exactly, comes out as arithmetic says.
  static func productIsRight() -> Bool {
    let (m, n, k) = (67, 45, 53)  // no multiples of any kernel's block
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
