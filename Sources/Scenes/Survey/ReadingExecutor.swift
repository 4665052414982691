import Dispatch

/// A serial executor on which a scene is read.
///
/// Reads that wait for a disk or a server do not block the threads that run inference.
final class ReadingExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "relief.reading")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
