import Foundation
import Testing

/// README and docs: every link leads somewhere, and every command and code block is one that works.
@Suite struct DocumentationTests {
  static let pages: [String] = {
    let docs = try? FileManager.default.contentsOfDirectory(atPath: Command.root + "/docs")
    return [
      "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "SampleData/README.md",
      "SampleData/MODEL.md",
    ]
      + (docs ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }()

  private static func text(_ page: String) throws -> String {
    try String(contentsOfFile: Command.root + "/" + page, encoding: .utf8)
  }

  @Test(arguments: pages)
  func `a link leads to a file, and to a heading of it`(page: String) throws {
    let folder = URL(filePath: Command.root + "/" + page).deletingLastPathComponent()
    // Links of images, too; what lies on the web is not fetched.
    for match in try Self.text(page).matches(of: /\]\(([^)\s]+)\)/) {
      let link = String(match.1)
      if link.hasPrefix("http") { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target =
        parts[0].isEmpty ? Command.root + "/" + page : folder.appending(path: String(parts[0])).path
      #expect(FileManager.default.fileExists(atPath: target), "\(page) links to \(link)")
      if parts.count == 2 {
        let headings = try String(contentsOfFile: target, encoding: .utf8).matches(
          of: /(?m)^#+ (.+)$/
        )
        .map { Self.anchor(String($0.1)) }
        #expect(headings.contains(String(parts[1])), "\(page) links to \(link)")
      }
    }
  }

  /// The anchor that GitHub gives a heading.
  private static func anchor(_ heading: String) -> String {
    heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }.replacing(
      " ", with: "-")
  }

  @Test func `the command-line reference is the help of this program`() throws {
    let result = try Command(name: "/bin/bash").run(
      [Command.root + "/Tests/cli-reference.sh", Command(name: "relief").path])
    let isSame = try result.output == Self.text("docs/cli.md")
    #expect(isSame, "run Tests/cli-reference.sh .build/release/relief > docs/cli.md")
  }

  @Test(arguments: pages)
  func `a command has the verb and the options that its help lists`(page: String) throws {
    let sections = try Self.text("docs/cli.md").split(separator: "\n## ").dropFirst()
    let help = Dictionary(
      uniqueKeysWithValues: sections.map { section in
        (String(section.prefix { $0 != "\n" }), String(section))
      })
    for block in try Self.text(page).matches(of: /(?s)```sh\n(.*?)```/) {
      for line in block.1.replacing("\\\n", with: " ").split(separator: "\n") {
        let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
        guard words.first == "relief" else { continue }
        // Of `relief pairs doctor LIST` the first two or three words.
        let command = try #require(
          (1...3).reversed().lazy.map { words.prefix($0).joined(separator: " ") }.first {
            help[$0] != nil
          })
        #expect(command != "relief" || words.count == 1, "\(page): \(line)")
        for option in words where option.hasPrefix("--") {
          #expect(
            help[command]?.contains(option) == true, "\(page): \(line): \(command) has no \(option)"
          )
        }
      }
    }
  }

  @Test func `the README's program is an example that is built`() throws {
    let program = try Self.text("Examples/first-dem/FirstDEM.swift")
      .replacing("arguments[1]", with: "\"scene.tif\"").replacing(
        "arguments[2]", with: "\"heights.tif\"")
    let block = try #require(try Self.text("README.md").firstMatch(of: /(?s)```swift\n(.*?)```/))
    let lines = block.1.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    #expect(program.contains(lines))
  }
}
