import Files

/// An error of a raster operation, the only error type that this module throws.
///
/// The message contains the subject, what was found and, where applicable, what was expected.
public struct RasterError: Error, Sendable, CustomStringConvertible {
  /// The kind of an error, which determines the exit code of the command.
  public enum Kind: Sendable, Hashable {
    /// The input does not exist or may not be read.
    case noInput
    /// The input exists but is invalid.
    case badData
    /// The output cannot be created: it exists, or its directory is missing or not writable.
    case cannotCreate
    /// Reading or writing failed; another attempt may succeed.
    case io
    /// A required component is not installed, such as a PROJ grid.
    case missingResource
    /// The caller asked for something that does not exist, such as band 5 of 3.
    case usage
    /// The caller's progress function requested cancellation.
    case cancelled
  }

  /// The kind of the error.
  public let kind: Kind
  /// What was found and what was expected, in one sentence.
  public let message: String
  /// GDAL's messages before its last one, oldest first: the causes.
  public let earlier: [String]

  /// Creates an error from a message and the earlier messages of GDAL.
  public init(_ kind: Kind, _ message: String, earlier: [String] = []) {
    self.kind = kind
    self.message = message
    self.earlier = earlier
  }

  /// The message followed by the causes, latest first.
  public var description: String {
    ([message] + earlier.reversed()).joined(separator: "\n  because: ")
  }
}

extension RasterError {
  /// Creates an error from a file error.
  init(_ error: FileError, earlier: [String] = []) {
    self.init(error.isTransient ? .io : .cannotCreate, error.description, earlier: earlier)
  }
}
