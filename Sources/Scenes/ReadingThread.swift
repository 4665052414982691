import Dispatch

/// Where a scene is read: reads that wait for a disk or a server hold no thread that networks run on.
final class ReadingThread: SerialExecutor {
  private let queue = DispatchQueue(label: "relief.reading")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
