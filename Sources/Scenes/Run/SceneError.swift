/// An error that stops a run; its message tells the user what to change.
public struct SceneError: Error, Sendable, CustomStringConvertible {
  /// The category of an error.
  public enum Kind: Sendable {
    /// The command or its options are invalid.
    case usage
    /// The scene exists but cannot be used.
    case badData
    /// The output, or the folder of finished tiles, cannot be created.
    case cannotCreate
    /// Reading or writing failed; retrying may help.
    case io
  }

  /// The category of the error.
  public let kind: Kind
  /// The message for the user.
  public let message: String

  /// Creates an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
