import Foundation

/// The memory and processors available to this process under all limits.
///
/// Containers and batch systems limit both with nested control groups of version 1 or 2; shells limit memory with
/// `ulimit`, and `taskset` limits the processors.
public struct ProcessLimits: Hashable, Sendable {
  /// The bytes that can be allocated without swapping or being killed.
  public let freeMemory: Int
  /// The number of threads that can run at once, at least 1.
  public let processors: Int

  /// Reads the current limits.
  ///
  /// - Parameter root: A prefix of `/proc` and of the mount points that it names; tests use their own trees.
  public init(root: String = "") {
    let groups = ControlGroups(root: root)
    let memory = [
      Self.availableMemory(root: root), groups.freeMemory, Self.freeAddressSpace(root: root),
    ]
    freeMemory = max(0, memory.compactMap(\.self).min() ?? 0)
    let allowed =
      Self.allowedProcessors(root: root) ?? ProcessInfo.processInfo.activeProcessorCount
    processors = max(1, min(allowed, groups.processors ?? .max))
  }

  /// The kernel's estimate of available memory for the whole machine, in bytes.
  private static func availableMemory(root: String) -> Int {
    kilobytes("MemAvailable", in: root + "/proc/meminfo")
      ?? Int(ProcessInfo.processInfo.physicalMemory)
  }

  /// The bytes of address space left under `ulimit -v` and `ulimit -d`; nil if neither is set.
  public static func freeAddressSpace(root: String = "") -> Int? {
    let limits = text(root + "/proc/self/limits").split(separator: "\n")
    return [("Max address space", "VmSize"), ("Max data size", "VmData")]
      .compactMap { name, figure -> Int? in
        let words = limits.first { $0.hasPrefix(name) }?.dropFirst(name.count).split(separator: " ")
        guard let limit = words?.first.flatMap({ Int($0) }) else { return nil }  // "unlimited"
        return max(0, max(0, limit) - (kilobytes(figure, in: root + "/proc/self/status") ?? 0))
      }.min()
  }

  /// A value from a line such as `VmSize:    1234 kB`, in bytes; nil if it is missing or implausible.
  private static func kilobytes(_ name: String, in path: String) -> Int? {
    value(name, in: path)?.split(whereSeparator: \.isWhitespace).first
      .flatMap { Int($0) }.flatMap { (0..<1 << 50).contains($0) ? $0 << 10 : nil }
  }

  /// The number of processors that the scheduler may use for this process, from a list such as `0-3,8`.
  ///
  /// Cpusets and `taskset` shorten the list.
  private static func allowedProcessors(root: String) -> Int? {
    let ranges = value("Cpus_allowed_list", in: root + "/proc/self/status")?
      .trimmingCharacters(in: .whitespaces).split(separator: ",")
      .map { $0.split(separator: "-").compactMap { Int($0) } }
    let possible = 0..<1 << 20
    guard let ranges,
      ranges.allSatisfy({ [1, 2].contains($0.count) && $0.allSatisfy(possible.contains) })
    else { return nil }
    return ranges.reduce(0) { $0 + max(0, $1[$1.count - 1] - $1[0] + 1) }
  }

  /// The text after `name:` in the first line of a file that begins with it.
  private static func value(_ name: String, in path: String) -> Substring? {
    text(path).split(separator: "\n").first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1)
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
