import CKernels

/// The processor features that the built-in kernels use.
public enum CPU {
  /// The instruction set level of the kernels: `x86-64-v4`, `x86-64-v3`, or `default`.
  ///
  /// It is the highest level that the processor supports, unless the environment variable `RELIEF_CPU_LEVEL`
  /// selects a lower one, for example to test other kernels on a newer machine or for a cluster of mixed machines.
  /// Results may differ in their last bits between levels, so a plan records the level.
  public static var kernelLevel: String { String(cString: ck_level()) }

  /// The value of `RELIEF_CPU_LEVEL` if it is unknown or this processor does not support it; otherwise nil.
  public static var unsupportedLevel: String? { ck_unsupported_level().map { String(cString: $0) } }
}
