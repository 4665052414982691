import ArgumentParser

/// The help topic `relief help exit-codes`; as a command it prints the same text.
struct ExitCodes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exit-codes",
    abstract: "Explains the exit codes.",
    discussion: """
       0  Success, also if the output was complete before.
       1  A requested check failed, such as --fail-above or --fail-on.
       2  Usage error: read the message, which ends in something to type.
      65  Bad data. Retrying does not help. An output may exist in which some pixels
          have no height; its tag RELIEF_HOLES lists them with reasons.
      66  An input does not exist or cannot be opened.
      69  A resource is missing: memory, threads, a library, a model bundle.
      73  The output cannot be created: choose another path or use --overwrite.
      74  Input/output error. Retrying may help.
      75  Interrupted. The same command resumes the run.
      """,
    shouldDisplay: false)

  func run() { print(Self.helpMessage()) }
}
