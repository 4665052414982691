import ArgumentParser
import DepthModels
import Files
import Foundation
import Rasters
import Scenes

/// How the program ends: an exit code for scripts and a message for users.
struct Outcome {
  /// The kind of outcome, which determines the exit code.
  ///
  /// Codes are from `sysexits.h` where one fits, so that a scheduler can distinguish permanent from temporary failures.
  enum Kind: String {
    case done, checkFailed, usage, badData, noInput, missingResource, cannotCreate, io, interrupted

    /// The exit code.
    var code: Int32 {
      switch self {
      case .done: 0
      case .checkFailed: 1
      case .usage: 2
      case .badData: 65
      case .noInput: 66
      case .missingResource: 69
      case .cannotCreate: 73
      case .io: 74
      case .interrupted: 75
      }
    }
  }

  let kind: Kind
  /// The message without the program's name; empty if nothing remains to be printed.
  let message: String
  /// Whether the message comes from the argument parser, which is printed unchanged.
  private let isFromParser: Bool

  init(_ kind: Kind, _ message: String, isFromParser: Bool = false) {
    self.kind = kind
    self.message = message
    self.isFromParser = isFromParser
  }

  /// The outcome of an error that a command has thrown.
  init(of error: any Error) {
    switch error {
    case is CancellationError:
      self.init(
        .interrupted, "interrupted; finished work is kept: run the same command again to resume")
    case let error as Interrupted: self.init(.interrupted, "interrupted; \(error.loss)")
    case let error as SceneError: self.init(Kind(error.kind), "\(error)")
    case let error as RasterError: self.init(Kind(error.kind), "\(error)")
    case let error as ModelError: self.init(Kind(error.kind), "\(error)")
    case let error as FileError: self.init(Kind(error), "\(error)")
    default:
      // The parser recognizes help, version and its own errors; any other error came from the system.
      let kind: Kind =
        switch Relief.exitCode(for: error) {
        case .success: .done
        case .validationFailure: .usage
        case .failure where error is ExitCode: .checkFailed
        default: .io
        }
      self.init(kind, Relief.fullMessage(for: error), isFromParser: true)
    }
  }

  /// The outcome as a JSON object.
  var object: [String: Any] {
    ["code": Int(kind.code), "kind": kind.rawValue, "message": message]
  }

  /// Prints the outcome: errors on standard error, other messages on standard output.
  ///
  /// - Parameter isEvent: Whether to also print an error as an event on standard output.
  func report(asEvent isEvent: Bool) {
    if isEvent && kind != .done {
      ProgressLine.emit(object.merging(["event": "error"]) { $1 })
    }
    guard !message.isEmpty else { return }
    if kind == .done {
      Console.output(message)
    } else {
      Console.error(isFromParser ? message : "relief: \(message)")
    }
  }
}

extension Outcome.Kind {
  fileprivate init(_ kind: SceneError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .badData: self = .badData
    case .cannotCreate: self = .cannotCreate
    case .io: self = .io
    }
  }

  fileprivate init(_ kind: RasterError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .noInput: self = .noInput
    case .badData: self = .badData
    case .cannotCreate: self = .cannotCreate
    case .io: self = .io
    case .missingResource: self = .missingResource
    case .cancelled: self = .interrupted
    }
  }

  fileprivate init(_ kind: ModelError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .noInput: self = .noInput
    case .badData: self = .badData
    case .cannotCreate: self = .cannotCreate
    case .io: self = .io
    case .missingResource: self = .missingResource
    }
  }

  fileprivate init(_ error: FileError) {
    switch error.operation {
    case .read where error.isMissing: self = .noInput
    case .read: self = error.isTransient ? .io : .badData
    case .create, .write, .synchronize, .rename, .remove:
      self = error.isTransient ? .io : .cannotCreate
    }
  }
}
