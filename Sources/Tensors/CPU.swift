import CKernels

/// The processor as our own kernels see it.
public enum CPU {
  /// The instruction set level they run at: `x86-64-v4`, `x86-64-v3` or `default`.
  ///
  /// Results may differ in their last bits between levels, so a plan records it.
  public static var kernelLevel: String { String(cString: ck_level()) }
}
