import ArgumentParser
import Glibc

/// What was typed where a command is expected, and the one that was probably meant.
///
/// The parser itself suggests options only.
struct CommandName {
  /// Refuses a command that there is not, with what to type instead.
  ///
  /// - Parameters:
  ///   - arguments: those after the program's name.
  ///   - root: the command whose subcommands these are.
  /// - Throws: `ValidationError` for an unknown command, also after `help`.
  static func check(_ arguments: [String], of root: any ParsableCommand.Type) throws {
    var (command, path) = (root, [name(of: root)])
    var rest = arguments[...]
    let isHelp = rest.first == "help"
    if isHelp { rest = rest.dropFirst() }
    while let word = rest.popFirst(), !word.hasPrefix("-") {
      let choices = command.configuration.subcommands
      guard !choices.isEmpty else { return }
      guard let next = choices.first(where: { name(of: $0) == word }) else {
        if word == "help", path.count == 1 { return }
        throw ValidationError(refusal(of: word, at: path, choices.map(name), isHelp: isHelp))
      }
      command = next
      path.append(word)
    }
  }

  private static func refusal(
    of word: String, at path: [String], _ choices: [String], isHelp: Bool
  ) -> String {
    let prefix = path.joined(separator: " ")
    if path.count == 1, !isHelp, isScene(word) {
      return "“\(word)” is no command; to make heights of a scene: \(prefix) infer \(word)"
    }
    let nearest = choices.map { ($0, distance(word.lowercased(), $0)) }.min { $0.1 < $1.1 }
    let said = "“\(word)” is no command of \(prefix)"
    guard let (choice, distance) = nearest, distance <= max(2, choice.count / 3) else {
      return said + ", expected one of \(choices.joined(separator: ", ")): \(prefix) --help"
    }
    return said + "; did you mean: \(isHelp ? "relief help " : prefix + " ")"
      + (isHelp ? (path.dropFirst() + [choice]).joined(separator: " ") : choice)
  }

  /// Paths have slashes and endings, and files are there; commands are neither.
  private static func isScene(_ word: String) -> Bool {
    word.contains("/") || word.contains(".") || access(word, F_OK) == 0
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  /// Letters to insert, delete or replace, or neighbours to swap (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var table = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(
          table[i][j + 1] + 1, row[j] + 1, table[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, table[i - 1][j - 1] + 1)
        }
        row.append(cost)
      }
      table.append(row)
    }
    return table[a.count][b.count]
  }
}
