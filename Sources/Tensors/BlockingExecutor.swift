import Dispatch
import Synchronization

/// An executor for tasks that compute for long or wait for disks and servers.
///
/// Each job that is ready gets a thread, so such tasks never occupy the threads of Swift's global executor, of which
/// there is one for each processor. Callers limit how many tasks compute at once.
package final class BlockingExecutor: TaskExecutor {
  /// The executor of all runs in the process.
  package static let shared = BlockingExecutor()

  /// Serial queues without a job.
  ///
  /// Dispatch gives each serial queue a thread of its own while it has a job.
  private let idle = Mutex<[DispatchQueue]>([])

  private init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let queue = idle.withLock { $0.popLast() } ?? DispatchQueue(label: "relief.blocking")
    queue.async {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
      self.idle.withLock { $0.append(queue) }
    }
  }
}
