import CKernels

/// How this process keeps the memory that tensors have left.
public enum Memory {
  /// Lets the allocator keep what is freed, for good: a network's maps are of a few sizes that come again and again.
  ///
  /// Otherwise glibc gives every block above 32 MB back at once and takes it anew, and each fresh page is cleared by the
  /// system when it is touched: about a fifth of a large network's time. The process then holds its peak until it ends.
  /// It is for programs to call, at their start; a library should not decide it for its host.
  public static func keepFreed() { ck_keep_freed() }

  /// Pages that this process has been given so far, each cleared by the system.
  public static var pageFaults: Int { ck_page_faults() }
}
