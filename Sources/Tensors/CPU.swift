import CKernels

/// The processor as our own kernels see it.
public enum CPU {
  /// The instruction set level they run at: `x86-64-v4`, `x86-64-v3` or `default`.
  ///
  /// The highest of the processor, unless the environment variable `RELIEF_CPU_LEVEL` names a lower one, as a test of the
  /// other kernels on a newer machine, or a cluster of mixed machines, wants it. Results may differ in their last bits
  /// between levels, so a plan records it.
  public static var kernelLevel: String { String(cString: ck_level()) }

  /// What `RELIEF_CPU_LEVEL` asks for and this processor cannot do; nil where all is well.
  public static var refusedLevel: String? { ck_refused_level().map { String(cString: $0) } }
}
