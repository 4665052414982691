import CKernels

/// Settings and statistics of this process's memory allocator.
public enum Memory {
  /// Permanently makes the allocator keep freed memory, because a network repeatedly allocates maps of a few sizes.
  ///
  /// Otherwise, glibc returns every block above 32 MB to the system immediately and allocates it again, and the
  /// system clears each new page on first access, which takes about a fifth of a large network's time. With this
  /// setting, the process keeps its peak memory until it exits. Programs should call this function at startup; a
  /// library should not make this decision for its host.
  public static func retainFreedMemory() { ck_retain_freed_memory() }

  /// The number of page faults of this process so far; the system clears each page that it provides.
  public static var pageFaults: Int { ck_page_faults() }
}
