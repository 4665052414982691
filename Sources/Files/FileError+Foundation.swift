import Foundation

extension FileError {
  /// Creates an error from what Foundation threw: with the system's code, or `EIO` and Foundation's words without one.
  public init(_ operation: Operation, _ path: String, from error: any Error) {
    if let system = (error as? CocoaError)?.underlying as? POSIXError {
      self.init(operation, path, code: system.code.rawValue)
    } else {
      self.init(operation, path, code: EIO, reason: error.localizedDescription)
    }
  }
}
