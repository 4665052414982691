/// An error in a bundle or a checkpoint; its message names the item, what was found and what was expected.
public struct ModelError: Error, Hashable, CustomStringConvertible {
  /// The category of an error, which determines the exit code.
  public enum Kind: Sendable, Hashable {
    /// A file that is inconsistent with its format, its manifest or its hash.
    case badData
    /// A bundle or another shipped file was not found.
    case missingResource
    /// A path that does not exist or cannot be opened.
    case noInput
    /// The output cannot be created.
    case cannotCreate
    /// The file system failed; a retry may succeed.
    case io
    /// An invalid combination of arguments.
    case usage
  }

  /// The category of the error.
  public let kind: Kind
  /// The text that is shown to users.
  public let message: String

  /// Creates an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
