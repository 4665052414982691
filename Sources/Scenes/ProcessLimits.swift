import Foundation

/// What this process may take of the machine: memory and processors, after every limit on it.
///
/// Containers and batch systems limit both by control groups, of version 1 or 2, one inside another; shells limit memory
/// by `ulimit`, `taskset` the processors.
public struct ProcessLimits: Hashable, Sendable {
  /// Bytes that can be taken without swapping, or being ended for it.
  public let freeMemory: Int
  /// Threads that can run at once, at least 1.
  public let processors: Int

  /// As of now.
  ///
  /// - Parameter root: where `proc` lies, and the mount points that it names; tests give trees of their own.
  public init(root: String = "") {
    let groups = ControlGroups(root: root)
    let memory = [
      Self.availableMemory(root: root), groups.freeMemory, Self.freeAddresses(root: root),
    ]
    freeMemory = max(0, memory.compactMap(\.self).min() ?? 0)
    let allowed =
      Self.allowedProcessors(root: root) ?? ProcessInfo.processInfo.activeProcessorCount
    processors = max(1, min(allowed, groups.processors ?? .max))
  }

  /// As the kernel estimates it for the whole machine.
  private static func availableMemory(root: String) -> Int {
    kilobytes("MemAvailable", in: root + "/proc/meminfo")
      ?? Int(ProcessInfo.processInfo.physicalMemory)
  }

  /// Bytes that `ulimit -v` and `ulimit -d` leave; nil without them.
  public static func freeAddresses(root: String = "") -> Int? {
    let limits = text(root + "/proc/self/limits").split(separator: "\n")
    return [("Max address space", "VmSize"), ("Max data size", "VmData")]
      .compactMap { name, figure -> Int? in
        let words = limits.first { $0.hasPrefix(name) }?.dropFirst(name.count).split(separator: " ")
        guard let limit = words?.first.flatMap({ Int($0) }) else { return nil }  // "unlimited"
        return max(0, max(0, limit) - (kilobytes(figure, in: root + "/proc/self/status") ?? 0))
      }.min()
  }

  /// A figure out of lines such as `VmSize:    1234 kB`, in bytes; nil for one that cannot be.
  private static func kilobytes(_ name: String, in path: String) -> Int? {
    value(name, in: path)?.split(whereSeparator: \.isWhitespace).first
      .flatMap { Int($0) }.flatMap { (0..<1 << 50).contains($0) ? $0 << 10 : nil }
  }

  /// Those that the scheduler may run this process on, such as `0-3,8`: cpusets and `taskset` take some away.
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

  /// What stands behind `name:` in a file of lines.
  private static func value(_ name: String, in path: String) -> Substring? {
    text(path).split(separator: "\n").first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1)
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
