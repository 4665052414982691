import Foundation
import TestSupport
import Testing

/// A stream that cannot be written does not end a run, and a lost report is not a success.
@Suite struct StreamTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var infer: [String] {
    get throws {
      [
        "infer", try Command.part.get(), "o.tif", "--window", "80,80,64,64", "--steps", "0",
      ]
    }
  }

  private func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder(name)))
  }

  /// Closing a stream is deliberate, so it does not change the exit code; a full device for standard output does.
  ///
  /// Other causes of failed writes are a pipe whose reader has gone and a file at its size limit.
  @Test(arguments: [
    ("2>/dev/full", 0), (">/dev/full", 74), ("2>&-", 0), (">&-", 0), ("<&- >&- 2>&-", 0),
    ("--progress json >/dev/full", 74), ("2>&1 >/dev/full", 74),
  ])
  func `a run without a log completes with the same output`(how: String, code: Int32) throws {
    let plain = try relief.run(infer, in: folder.path)
    #expect(plain.code == 0, "\(plain.errors)")
    let whole = try data("o.tif")
    for name in ["o.tif", "o.qml"] { try FileManager.default.removeItem(atPath: folder(name)) }
    let result = try relief.shell("exec \"$0\" \"$@\" " + how, infer, in: folder.path)
    #expect(result.code == code, "\(result.errors)")
    #expect(try data("o.tif") == whole)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["o.qml", "o.tif"])
  }

  @Test func `a pipe without a reader does not end a run`() throws {
    let result = try relief.shell(
      "{ \"$0\" \"$@\" --progress json; echo $? >code; } | true", infer, in: folder.path)
    #expect(result.errors.contains("relief: standard output cannot be written: Broken pipe"))
    #expect(try String(decoding: data("code"), as: UTF8.self) == "74\n")
    #expect(FileManager.default.fileExists(atPath: folder("o.tif")))
  }

  @Test(arguments: [
    ["info", Command.sample], ["model", "info"], ["model", "verify"], ["status", "o.tif"],
    ["--help"], ["help", "infer"], ["--version"], ["train", "preset", "small"],
    ["audit", Command.sample, "--tile", "256", "--overlap", "64"],
  ])
  func `74: a report that cannot be written, in every command`(arguments: [String]) throws {
    if arguments[0] == "status" {
      let made = try relief.run(infer, in: folder.path)
      #expect(made.code == 0, "\(made.errors)")
    }
    let result = try relief.shell("exec \"$0\" \"$@\" >/dev/full", arguments, in: folder.path)
    #expect(result.code == 74, "\(result.errors)")
    let message = "relief: standard output cannot be written: No space left on device"
    #expect(result.errors.components(separatedBy: message).count == 2, "\(result.errors)")
  }

  @Test func `an error keeps its exit code if it cannot be printed`() throws {
    let arguments = ["infer", "nowhere.tif", "o.tif"]
    for how in ["2>/dev/full", "2>&-", ">/dev/full 2>&1"] {
      let result = try relief.shell("exec \"$0\" \"$@\" " + how, arguments, in: folder.path)
      #expect(result.code == 66)
    }
  }

  /// The parent makes its pipe non-blocking, as some runtimes do, and still receives all of the output.
  @Test func `a non-blocking pipe receives the complete output`() throws {
    let script = """
      import fcntl, os, subprocess, sys, time
      reader, writer = os.pipe()
      fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
      fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
      child = subprocess.Popen(sys.argv[1:], stdout=writer)
      os.close(writer)
      time.sleep(1)
      text = b""
      while piece := os.read(reader, 65536): text += piece
      print(len(text), child.wait())
      """
    let help = try relief("help", "infer").output.utf8.count
    #expect(help > 4096, "the text is longer than the pipe's buffer")
    let python = Command(name: "/usr/bin/python3")
    guard FileManager.default.fileExists(atPath: python.name) else {
      try Test.cancel("needs Python")
    }
    let result = try python("-c", script, relief.path, "help", "infer")
    #expect(result.output == "\(help) 0\n", "\(result.errors)")
  }

  @Test func `an error is also an event with --progress json`() throws {
    let result = try relief.run(
      ["infer", "nowhere.tif", "o.tif", "--progress", "json"], in: folder.path)
    let event = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(event["event"] as? String == "error" && event["kind"] as? String == "noInput")
    #expect(event["code"] as? Int == 66 && result.code == 66)
    let message = try #require(event["message"] as? String)
    #expect(result.errors == "relief: \(message)\n")
    let odd = try relief.run(["infer", "nowhere.tif", "--progress=json", "--no-such"])
    #expect(odd.code == 2 && odd.output.contains("\"kind\":\"usage\""), "\(odd.output)")
  }
}
