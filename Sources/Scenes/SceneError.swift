/// What stopped a run, said so that the user knows what to change.
public struct SceneError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// The command or its options cannot be meant like this.
    case usage
    /// The scene is there but cannot be used.
    case badData
    /// The output, or the folder for finished tiles, cannot be made.
    case cannotCreate
    /// Reading or writing failed on the way; trying again may help.
    case io
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
