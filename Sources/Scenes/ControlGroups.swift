import Foundation

/// The limits of the control groups that this process is in, each inside the next up to the root.
///
/// Sources: the kernel's documentation, `admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst`, `scheduler/sched-bwc.rst`;
/// cgroups(7), proc_pid_mountinfo(5).
struct ControlGroups {
  /// Bytes that the tightest group still has; nil where none limits memory.
  let freeMemory: Int?
  /// Processors by the tightest quota, rounded up: a share of one more keeps a thread busy for its part of the time.
  let processors: Int?

  /// Reads `/proc/self/cgroup` and `/proc/self/mountinfo`, and the groups' files where those say.
  ///
  /// - Parameter root: what is put before these paths.
  init(root: String) {
    let mounts = Self.lines(root + "/proc/self/mountinfo").compactMap(Mount.init)
    let memberships = Self.lines(root + "/proc/self/cgroup").compactMap(Membership.init)
    func folders(_ controller: String) -> [String] {
      memberships.flatMap { membership -> [String] in
        guard membership.controls(controller),
          let mount = mounts.last(where: { $0.shows(membership, controller) })
        else { return [] }
        return mount.folders(of: membership.path).map { root + $0 }
      }
    }
    freeMemory = folders("memory").flatMap(Self.freeMemory).min()
    processors = folders("cpu").compactMap(Self.quota).min()
      .flatMap { Int(exactly: $0.rounded(.up)) }.map { max(1, $0) }
  }

  /// What a group may still take by each of its limits.
  ///
  /// Its use counts pages of files, too; those not read lately are given up first, as Kubernetes counts it.
  private static func freeMemory(_ folder: String) -> [Int] {
    let limits = ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap {
      number(folder + "/" + $0)
    }.filter { (0..<1 << 60).contains($0) }  // version 1 writes "none" as almost 2^63
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

  /// The processors' time in each period of time; nil where there is no quota.
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

  /// nil for "max", and where there is no such file.
  private static func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private static func lines(_ path: String) -> [String] {
    // Names of groups are bytes.
    (FileManager.default.contents(atPath: path)).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
    } ?? []
  }

  /// A line of `/proc/self/cgroup`, as `4:memory:/user/job` or, of version 2, `0::/user/job`.
  private struct Membership {
    let controllers: [Substring]
    let path: String

    init?(_ line: String) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      controllers = parts[1].split(separator: ",")
      path = String(parts[2])
    }

    var isUnified: Bool { controllers.isEmpty }

    func controls(_ controller: String) -> Bool {
      isUnified || controllers.contains { $0 == controller }
    }
  }

  /// A line of `/proc/self/mountinfo`: which part of a hierarchy is seen where.
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

    func shows(_ membership: Membership, _ controller: String) -> Bool {
      membership.isUnified
        ? type == "cgroup2" : type == "cgroup" && options.contains { $0 == controller }
    }

    /// The folders of a group and of those that it is in, from the inside out.
    ///
    /// A container may see its own group at the mount point, whatever the path to it is outside.
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

    /// Blanks are written as `\040`, and likewise tabs, newlines and backslashes.
    private static func unescaped(_ text: Substring) -> String {
      [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) {
        $0.replacingOccurrences(of: $1.0, with: $1.1)
      }
    }
  }
}
