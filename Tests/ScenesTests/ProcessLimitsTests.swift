import Foundation
import Scenes
import Testing
import TestSupport

/// The limits of control groups, version 1 and 2, apply at any level of the hierarchy.
///
/// The files follow the kernel's documentation; the values are made up, not measured.
@Suite struct ProcessLimitsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes the files to a new root folder and returns its path.
  private func tree(_ files: [String: String]) throws -> String {
    let root = folder(UUID().uuidString)
    let machine = ["proc/meminfo": "MemAvailable:  8388608 kB\n"]
    for (path, text) in machine.merging(files, uniquingKeysWith: { $1 }) {
      let file = URL(filePath: root + "/" + path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return root
  }

  private func freeMemory(_ files: [String: String]) throws -> Int {
    ProcessLimits(root: try tree(files)).freeMemory
  }

  private static let two =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let one = """
    31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
    32 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct

    """

  @Test func `without control groups, all memory that the kernel reports is free`() throws {
    #expect(try freeMemory([:]) == 8 << 30)
    #expect(try freeMemory(["proc/meminfo": "MemAvailable:  1024 kB\n"]) == 1 << 20)
  }

  @Test func `version 2: the tightest limit of nested groups applies, minus its usage`() throws {
    let files = [
      "proc/self/cgroup": "0::/slurm/job/step\n", "proc/self/mountinfo": Self.two,
      "sys/fs/cgroup/slurm/job/step/memory.max": "max\n",
      "sys/fs/cgroup/slurm/job/step/memory.high": "max\n",
      "sys/fs/cgroup/slurm/job/step/memory.current": "7000000000\n",
      "sys/fs/cgroup/slurm/job/memory.max": "3000000000\n",
      "sys/fs/cgroup/slurm/job/memory.current": "1500000000\n",
      "sys/fs/cgroup/slurm/job/memory.stat": "anon 900000000\ninactive_file 500000000\n",
      "sys/fs/cgroup/slurm/memory.max": "8000000000\n",
    ]
    #expect(try freeMemory(files) == 2_000_000_000)
    let soft = files.merging(["sys/fs/cgroup/slurm/memory.high": "1200000000\n"]) { $1 }
    #expect(try freeMemory(soft) == 1_200_000_000)
    let full = files.merging(["sys/fs/cgroup/slurm/job/memory.current": "9000000000\n"]) { $1 }
    #expect(try freeMemory(full) == 0)
  }

  @Test func `version 1: the limit of an outer group applies, and almost 2^63 is no limit`() throws
  {
    let none = "9223372036854771712\n"
    let files = [
      "proc/self/cgroup": "4:memory:/a/b\n3:cpu,cpuacct:/\n1:name=systemd:/x\n0::/\n",
      "proc/self/mountinfo": Self.one,
      "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": none,
      "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2000000000\n",
      "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "1000000000\n",
      "sys/fs/cgroup/memory/a/memory.stat": "inactive_file 1\ntotal_inactive_file 250000000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": none,
    ]
    #expect(try freeMemory(files) == 1_250_000_000)
    var unlimited = files
    unlimited["sys/fs/cgroup/memory/a/memory.limit_in_bytes"] = none
    #expect(try freeMemory(unlimited) == 8 << 30)
  }

  @Test func `the unused part of the address space limit applies`() throws {
    let files = [
      "proc/self/limits": """
      Limit                     Soft Limit           Hard Limit           Units
      Max data size             unlimited            unlimited            bytes
      Max address space         1073741824           unlimited            bytes

      """,
      "proc/self/status": "VmPeak:\t  900000 kB\nVmSize:\t  262144 kB\nVmData:\t 1024 kB\n",
    ]
    #expect(try freeMemory(files) == 768 << 20)
  }

  @Test(arguments: [("0-3,8", 5), ("5", 1), ("0-1", 2)])
  func `the processors are those that the scheduler allows`(list: String, expected: Int) throws {
    let root = try tree(["proc/self/status": "Cpus_allowed:\tff\nCpus_allowed_list:\t\(list)\n"])
    #expect(ProcessLimits(root: root).processors == expected)
  }

  /// A container finds its group at the mount point; without a namespace, the group's path is that of the host.
  @Test(arguments: ["/docker/ab", "/", "/../ab", "/elsewhere"])
  func `a container's own limit applies, whatever its path`(part: String) throws {
    let found = try freeMemory([
      "proc/self/cgroup": "4:memory:/docker/ab\n",
      "proc/self/mountinfo":
        "31 23 0:27 \(part) /sys/fs/my\\040groups rw shared:1 master:2 - cgroup cgroup rw,memory\n",
      "sys/fs/my groups/memory.limit_in_bytes": "1073741824\n",
    ])
    #expect(found == 1 << 30)
  }

  @Test(arguments: [
    ("100000 100000", 1), ("50000 100000", 1), ("max 100000", nil), ("1000 0", nil),
  ])
  func `version 2: a CPU quota limits the processors`(quota: String, expected: Int?) throws {
    let root = try tree([
      "proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": Self.two,
      "sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/a/cpu.max": quota + "\n",
    ])
    #expect(ControlGroups(root: root).processors == expected)
    #expect(ProcessLimits(root: root).processors <= expected ?? .max)
  }

  @Test(arguments: [(-1, nil), (150_000, 2), (90_000, 1)])
  func `version 1: a CPU quota is rounded up, and -1 is no quota`(quota: Int, expected: Int?) throws
  {
    let root = try tree([
      "proc/self/cgroup": "3:cpu,cpuacct:/a\n", "proc/self/mountinfo": Self.one,
      "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "\(quota)\n",
      "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
    ])
    #expect(ControlGroups(root: root).processors == expected)
  }

  @Test(arguments: [
    "0", "-1", "1e300", "9223372036854775807", "-9223372036854775808", "nan", "inf",
    "99999999999999999999",
  ])
  func `invalid values never trap and never give invalid limits`(figure: String) throws {
    let groups = "4:memory,cpu:/\n0::/\n"
    let mounts =
      "30 23 0:26 / /g rw - cgroup2 cgroup2 rw\n31 23 0:27 / /g rw - cgroup cgroup rw,memory,cpu\n"
    let names = ["max", "current", "limit_in_bytes", "usage_in_bytes"].map { "g/memory.\($0)" }
    for name in names + ["g/cpu.cfs_quota_us", "g/cpu.cfs_period_us"] {
      var files = [
        "proc/self/cgroup": groups, "proc/self/mountinfo": mounts, "g/memory.max": "1000000",
        "g/memory.stat": "inactive_file \(figure)\n", "g/cpu.max": "\(figure) \(figure)\n",
        "proc/self/limits": "Max address space  \(figure)  unlimited  bytes\n",
        "proc/self/status": "VmSize: \(figure) kB\nCpus_allowed_list: \(figure),0-\(figure)\n",
      ]
      files[name] = figure
      let limits = ProcessLimits(root: try tree(files))
      #expect(limits.freeMemory >= 0 && limits.processors >= 1)
    }
  }
}
