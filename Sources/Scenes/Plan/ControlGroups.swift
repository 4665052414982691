import Foundation

/// The limits of the control groups (cgroups) that contain this process, from its own group up to the root.
///
/// Sources: the kernel documentation, `admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst`, `scheduler/sched-bwc.rst`;
/// cgroups(7), proc_pid_mountinfo(5).
package struct ControlGroups {
  /// The smallest remaining memory of any group, in bytes; nil if no group limits memory.
  let freeMemory: Int?
  /// The smallest CPU quota of any group, in processors rounded up; nil if there is no quota.
  ///
  /// A fraction of a processor still keeps one thread busy for that fraction of the time.
  package let processors: Int?

  /// Reads `/proc/self/cgroup`, `/proc/self/mountinfo`, and the files of the groups that they name.
  ///
  /// - Parameter root: A prefix of all paths.
  package init(root: String) {
    let mounts = Self.lines(root + "/proc/self/mountinfo").compactMap(Mount.init)
    let memberships = Self.lines(root + "/proc/self/cgroup").compactMap(Membership.init)
    func folders(_ controller: String) -> [String] {
      memberships.flatMap { membership -> [String] in
        guard membership.controls(controller),
          let mount = mounts.last(where: { $0.contains(membership, controller) })
        else { return [] }
        return mount.folders(of: membership.path).map { root + $0 }
      }
    }
    freeMemory = folders("memory").flatMap(Self.freeMemory).min()
    processors = folders("cpu").compactMap(Self.quota).min()
      .flatMap { Int(exactly: $0.rounded(.up)) }.map { max(1, $0) }
  }

  /// The remaining memory of a group under each of its limits, in bytes.
  ///
  /// Usage includes the page cache. Inactive file pages are subtracted because the kernel reclaims them first;
  /// Kubernetes computes usage in the same way.
  private static func freeMemory(_ folder: String) -> [Int] {
    let limits = ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap {
      number(folder + "/" + $0)
    }.filter { (0..<1 << 60).contains($0) }  // cgroup v1 reports "no limit" as almost 2^63
    guard !limits.isEmpty else { return [] }
    let used =
      number(folder + "/memory.current") ?? number(folder + "/memory.usage_in_bytes") ?? 0
    let idle = lines(folder + "/memory.stat").compactMap { line -> Int? in
      let words = line.split(separator: " ")
      guard words.count == 2, ["inactive_file", "total_inactive_file"].contains(words[0]) else {
        return nil
      }
      return Int(words[1])
    }.max()
    return limits.map { max(0, $0 - max(0, max(0, used) - max(0, idle ?? 0))) }
  }

  /// The CPU time per period, in processors; nil if there is no quota.
  private static func quota(_ folder: String) -> Double? {
    let both = lines(folder + "/cpu.max").first?.split(separator: " ").map { Double($0) }
    if let both, both.count == 2, let quota = both[0], let period = both[1], quota > 0, period > 0 {
      return quota / period
    }
    guard let quota = number(folder + "/cpu.cfs_quota_us"), quota > 0,
      let period = number(folder + "/cpu.cfs_period_us"), period > 0
    else { return nil }
    return Double(quota) / Double(period)
  }

  /// The integer in the first line of a file; nil for "max" or if the file does not exist.
  private static func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private static func lines(_ path: String) -> [String] {
    // Group names are arbitrary bytes, so invalid UTF-8 is replaced instead of rejected.
    (FileManager.default.contents(atPath: path)).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
    } ?? []
  }

  /// A line of `/proc/self/cgroup`, such as `4:memory:/user/job`, or `0::/user/job` for version 2.
  private struct Membership {
    let controllers: [Substring]
    let path: String

    init?(_ line: String) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      controllers = parts[1].split(separator: ",")
      path = String(parts[2])
    }

    /// Whether the line belongs to the unified hierarchy of version 2.
    var isUnified: Bool { controllers.isEmpty }

    func controls(_ controller: String) -> Bool {
      isUnified || controllers.contains { $0 == controller }
    }
  }

  /// A line of `/proc/self/mountinfo`: which part of a hierarchy is mounted where.
  private struct Mount {
    let part: String
    let point: String
    let type: Substring
    let options: [Substring]

    init?(_ line: String) {
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 3 else {
        return nil
      }
      part = Self.unescaped(words[3])
      point = Self.unescaped(words[4])
      type = words[dash + 1]
      options = words[dash + 3].split(separator: ",")
    }

    /// Whether this mount contains the hierarchy of a membership.
    func contains(_ membership: Membership, _ controller: String) -> Bool {
      membership.isUnified
        ? type == "cgroup2" : type == "cgroup" && options.contains { $0 == controller }
    }

    /// The folders of a group and of its ancestors, innermost first.
    ///
    /// In a container, the mount point may be the container's own group, whatever its path is on the host.
    func folders(of path: String) -> [String] {
      let inside =
        part == "/"
        ? path
        : path == part || path.hasPrefix(part + "/") ? String(path.dropFirst(part.count)) : ""
      var names = inside.split(separator: "/").filter { $0 != ".." }
      var folders = [point]
      while !names.isEmpty {
        folders.insert(point + "/" + names.joined(separator: "/"), at: folders.count - 1)
        names.removeLast()
      }
      return folders
    }

    /// Decodes the octal escapes of spaces (`\040`), tabs, newlines, and backslashes.
    private static func unescaped(_ text: Substring) -> String {
      [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) {
        $0.replacingOccurrences(of: $1.0, with: $1.1)
      }
    }
  }
}
