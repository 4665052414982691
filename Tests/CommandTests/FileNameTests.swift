import Foundation
import TestSupport
import Testing

/// File names are bytes: existing files are read under any name, and outputs are never written under a different name.
@Suite struct FileNameTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs a shell line; the shell creates the names, because Swift strings cannot contain them.
  private func shell(_ line: String) throws -> Command.Result {
    try relief.shell(
      "u=$(printf '\\374'); o='--window 400,400,64,64 --steps 0'; " + line, [Command.sample],
      in: folder.path)
  }

  @Test func `a scene with a Latin-1 name is read, together with its sidecar files`() throws {
    let result = try shell(
      """
      cp "$1" "M${u}n.tif"; printf '2\\n0\\n0\\n-2\\n1\\n1\\n' > "M${u}n.tfw"; mkdir t; export TMPDIR=$PWD/t
      "$0" info "M${u}n.tif" --json && "$0" infer "M${u}n.tif" o.tif $o && ls t | wc -l
      """)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("M%FCn.tif") && result.output.hasSuffix("o.tif\n0\n"))
  }

  @Test func `a folder with a Latin-1 name can be read and written`() throws {
    let result = try shell(
      """
      mkdir "Z${u}"; cp "$1" "Z${u}/a.tif"
      "$0" infer "Z${u}/a.tif" "Z${u}/o.tif" $o && "$0" status "Z${u}/o.tif" && test -f "Z${u}/o.tif" && ls | wc -l
      """)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("is finished") && result.output.hasSuffix("1\n"))
  }

  @Test func `an output with a Latin-1 name is refused with an explanation`() throws {
    let result = try shell("\"$0\" infer \"$1\" \"Z${u}.tif\" $o")
    #expect(
      result.code == 2 && result.errors.contains("“Z%FC.tif” is not UTF-8"), "\(result.errors)")
    let replacing = try shell(
      "cp \"$1\" \"Z${u}.tif\"; \"$0\" infer \"$1\" \"Z${u}.tif\" --overwrite $o")
    #expect(replacing.code == 2 && replacing.errors.contains("“Z%FC.tif”"), "\(replacing.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }
}
