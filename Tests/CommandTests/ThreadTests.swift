import Foundation
import TestSupport
import Testing

/// A run ends with a message if the system cannot create a thread, and a signal always ends a run.
@Suite struct ThreadTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var infer: [String] {
    get throws {
      [
        "infer", try Command.part.get(), "o.tif", "--window", "80,80,64,64", "--steps", "0",
        "--progress", "json",
      ]
    }
  }

  /// Returns a command in which only the first `number` − 1 threads can be created, as under a process limit.
  ///
  /// A preloaded library replaces `pthread_create`.
  private func limited(to number: Int) throws -> Command {
    let source = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <errno.h>
      #include <pthread.h>
      #include <stdatomic.h>
      #include <stdlib.h>
      static atomic_int count;
      int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*s)(void *), void *x) {
        if (++count >= atoi(getenv("FAIL_N"))) return EAGAIN;
        return ((int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))
                    dlsym(RTLD_NEXT, "pthread_create"))(t, a, s, x);
      }
      """
    let library = folder("limit.so")
    if !FileManager.default.fileExists(atPath: library) {
      try Data(source.utf8).write(to: URL(filePath: folder("limit.c")))
      let made = try Command(name: "/usr/bin/env")(
        "cc", "-shared", "-fPIC", "-o", library, folder("limit.c"), "-ldl")
      guard made.code == 0 else { try Test.cancel("needs a C compiler: \(made.errors)") }
    }
    return Command(
      name: "relief", environment: ["LD_PRELOAD": library, "FAIL_N": "\(number)"])
  }

  /// Tests limits from the first thread, which OpenBLAS creates before `main`, to one that is not needed.
  @Test(arguments: sample(Array(1...9), every: 4))
  func `69: a thread that cannot be created ends the run, or the output is complete`(number: Int)
    throws
  {
    let relief = try limited(to: number)
    let result = try relief.run(infer, in: folder.path)
    let isThere = FileManager.default.fileExists(atPath: folder("o.tif"))
    #expect(isThere == (result.code == 0))
    guard result.code != 0 else { return }
    #expect(result.code == 69, "\(result.errors)")
    #expect(result.errors.contains("relief: the system cannot create a thread"), "\(result.errors)")
  }

  @Test func `69: an address space that is too small for threads ends the run`() throws {
    let result = try Command(name: "relief").shell(
      "ulimit -v 500000; exec \"$0\" \"$@\"", infer, in: folder.path)
    #expect(result.code == 69, "\(result.errors)")
  }

  /// Starts a run on the sample scene and waits until it processes coarse tiles.
  private func start() throws -> (Process, Pipe) {
    let started = try Command(name: "relief").startUntilCoarse(
      ["infer", Command.sample, "o.tif", "--progress", "json", "--threads", "1"], in: folder.path)
    return (started.process, started.output)
  }

  @Test func `a closed terminal does not end a run; the first signal ends it with an event`()
    throws
  {
    let (process, output) = try start()
    kill(process.processIdentifier, SIGHUP)
    usleep(200_000)
    #expect(process.isRunning)
    process.terminate()
    let rest = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 75 && process.terminationReason == .exit)
    #expect(rest.contains("\"code\":75,\"event\":\"error\",\"kind\":\"interrupted\""), "\(rest)")
  }

  @Test func `a second signal ends the program immediately`() throws {
    let (process, output) = try start()
    kill(process.processIdentifier, SIGSTOP)
    // Both signals are pending when it continues: the first one requests cancellation, the second one kills it.
    kill(process.processIdentifier, SIGINT)
    kill(process.processIdentifier, SIGTERM)
    kill(process.processIdentifier, SIGCONT)
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }
}
