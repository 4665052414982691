import Foundation
import TestSupport
import Testing

/// Where the system makes no thread the run ends and says so, and a signal always ends it.
@Suite struct ThreadTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let infer = [
    "infer", Command.sample, "o.tif", "--window", "400,400,64,64", "--steps", "0",
    "--progress", "json",
  ]

  /// A library that lets the first `FAIL_N` − 1 threads be made and no more, as a limit on processes does.
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

  /// From the first, which OpenBLAS makes before the program begins, to one that is not needed.
  @Test(arguments: 1...9)
  func `69: a thread that cannot be made, or the whole output`(number: Int) throws {
    let relief = try limited(to: number)
    let result = try relief.run(Self.infer, in: folder.path)
    let isThere = FileManager.default.fileExists(atPath: folder("o.tif"))
    #expect(isThere == (result.code == 0))
    guard result.code != 0 else { return }
    #expect(result.code == 69, "\(result.errors)")
    #expect(result.errors.contains("relief: the system makes no thread"), "\(result.errors)")
  }

  @Test func `69: an address space too small for threads`() throws {
    let result = try Command(name: "relief").shell(
      "ulimit -v 500000; exec \"$0\" \"$@\"", Self.infer, in: folder.path)
    #expect(result.code == 69, "\(result.errors)")
  }

  private static let long = [
    "infer", Command.sample, "o.tif", "--progress", "json", "--threads", "1",
  ]

  /// Starts the sample's run and waits until it computes.
  private func start() throws -> (Process, Pipe) {
    let (process, output, _) = try Command(name: "relief").start(Self.long, in: folder.path)
    var seen = ""
    while !seen.contains("\"part\":\"coarse\"") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      seen += String(decoding: data, as: UTF8.self)
    }
    return (process, output)
  }

  @Test func `a terminal that goes away ends no run; the first signal does in order, as an event`()
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

  @Test func `a second signal ends the program at once`() throws {
    let (process, output) = try start()
    kill(process.processIdentifier, SIGSTOP)
    // Both are pending when it goes on: the first to be handled is the order, the other the end.
    kill(process.processIdentifier, SIGINT)
    kill(process.processIdentifier, SIGTERM)
    kill(process.processIdentifier, SIGCONT)
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }
}
