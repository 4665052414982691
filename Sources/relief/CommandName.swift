import ArgumentParser
import Glibc

/// Checks command names and suggests corrections for misspelled ones.
///
/// The argument parser itself suggests corrections only for options.
struct CommandName {
  /// Throws if the arguments name an unknown command, with a suggestion of what to type instead.
  ///
  /// - Parameters:
  ///   - arguments: The arguments after the program's name.
  ///   - root: The command whose subcommands the arguments name.
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
        throw ValidationError(errorMessage(for: word, at: path, choices.map(name), isHelp: isHelp))
      }
      command = next
      path.append(word)
    }
  }

  /// Returns the arguments with options that had a British spelling spelled as they are now.
  static func withCurrentSpelling(_ arguments: some Sequence<String>) -> [String] {
    let renamed = [("--normalisation", "--normalization"), ("--licence", "--license")]
    return arguments.map { argument in
      for (old, new) in renamed where argument == old || argument.hasPrefix(old + "=") {
        return new + argument.dropFirst(old.count)
      }
      return argument
    }
  }

  /// The error message for an unknown command.
  private static func errorMessage(
    for word: String, at path: [String], _ choices: [String], isHelp: Bool
  ) -> String {
    let prefix = path.joined(separator: " ")
    if path.count == 1, !isHelp, isScene(word) {
      return "“\(word)” is not a command; to compute heights from a scene: \(prefix) infer \(word)"
    }
    let nearest = choices.map { ($0, distance(word.lowercased(), $0)) }.min { $0.1 < $1.1 }
    let unknown = "“\(word)” is not a command of \(prefix)"
    guard let (choice, distance) = nearest, distance <= max(2, choice.count / 3) else {
      return unknown + ", expected one of \(choices.joined(separator: ", ")); see \(prefix) --help"
    }
    return unknown + "; did you mean: \(isHelp ? "relief help " : prefix + " ")"
      + (isHelp ? (path.dropFirst() + [choice]).joined(separator: " ") : choice)
  }

  /// Whether a word is probably the path of a scene: it contains a slash or a dot, or names an existing file.
  private static func isScene(_ word: String) -> Bool {
    word.contains("/") || word.contains(".") || access(word, F_OK) == 0
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  /// The edit distance between two words: insertions, deletions, replacements and swaps of adjacent letters.
  ///
  /// This is the optimal string alignment distance.
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
