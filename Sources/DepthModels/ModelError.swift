/// What went wrong with a bundle or a checkpoint: the thing, what was found, what was expected.
public struct ModelError: Error, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// A file that contradicts its format, its manifest or its hash.
    case badData
    /// No bundle where one is looked for.
    case missingResource
    /// A path that does not exist.
    case noInput
    case cannotCreate
    /// The file system failed; trying again may help.
    case io
    /// A request that makes no sense.
    case usage
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
