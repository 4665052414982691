import Files

/// What went wrong with a raster: the one error that leaves this module.
///
/// The message names the thing, what was found and, where there is one, what was expected.
public struct RasterError: Error, Sendable, CustomStringConvertible {
  /// Who can do something about it; the command makes its exit code of it.
  public enum Kind: Sendable, Hashable {
    /// The input is not there, or may not be read.
    case noInput
    /// The input is there and is not what it should be.
    case badData
    /// The output cannot be begun: it exists, or its directory is missing or not writable.
    case cannotCreate
    /// Reading or writing failed on the way; trying again may help.
    case io
    /// Something that should be installed is not, such as a PROJ grid.
    case missingResource
    /// The caller asked for what does not exist, such as a fifth band of three.
    case usage
    /// The caller's progress function asked to stop.
    case cancelled
  }

  /// Who can do something about it.
  public let kind: Kind
  /// What was found and what was expected, in one sentence.
  public let message: String
  /// What GDAL said before its last message, oldest first: the causes.
  public let earlier: [String]

  /// From what there is to say, and what GDAL said before.
  public init(_ kind: Kind, _ message: String, earlier: [String] = []) {
    self.kind = kind
    self.message = message
    self.earlier = earlier
  }

  /// The message, and under it the causes, last first.
  public var description: String {
    ([message] + earlier.reversed()).joined(separator: "\n  because: ")
  }
}

extension RasterError {
  /// From what the system answered to a call on a file.
  init(_ error: FileError, earlier: [String] = []) {
    self.init(error.mayPass ? .io : .cannotCreate, error.description, earlier: earlier)
  }
}
