import ArgumentParser
import DepthModels
import Files
import Foundation
import Rasters
import Scenes

/// How an error ends the program: the code that a script acts on, and what a person reads.
struct Outcome {
  /// Codes are those of `sysexits.h` where one fits, so that a scheduler can tell "give up" from "try again".
  enum Kind: String {
    case done, checkFailed, usage, badData, noInput, missingResource, cannotCreate, io, interrupted

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
  /// Without the program's name; empty where all has been said.
  let message: String
  /// Whether the message is the argument parser's, which is printed as it is.
  private let isParsers: Bool

  init(_ kind: Kind, _ message: String, isParsers: Bool = false) {
    self.kind = kind
    self.message = message
    self.isParsers = isParsers
  }

  init(of error: any Error) {
    switch error {
    case is CancellationError:
      self.init(.interrupted, "interrupted; what is finished is kept, the same command goes on")
    case let error as Interrupted: self.init(.interrupted, "interrupted; \(error.loss)")
    case let error as SceneError: self.init(Kind(error.kind), "\(error)")
    case let error as RasterError: self.init(Kind(error.kind), "\(error)")
    case let error as ModelError: self.init(Kind(error.kind), "\(error)")
    case let error as FileError: self.init(Kind(error), "\(error)")
    default:
      // The parser knows help, version and its own complaints; what it does not know came from the system.
      let kind: Kind =
        switch Relief.exitCode(for: error) {
        case .success: .done
        case .validationFailure: .usage
        case .failure where error is ExitCode: .checkFailed
        default: .io
        }
      self.init(kind, Relief.fullMessage(for: error), isParsers: true)
    }
  }

  /// For programs.
  var object: [String: Any] {
    ["code": Int(kind.code), "kind": kind.rawValue, "message": message]
  }

  /// Prints it: for people on standard error, as an event too for programs that read events.
  ///
  /// - Parameter isEvent: whether standard output carries events.
  func report(asEvent isEvent: Bool) {
    if isEvent && kind != .done {
      ProgressLine.emit(object.merging(["event": "error"]) { $1 })
    }
    guard !message.isEmpty else { return }
    if kind == .done {
      Console.output(message)
    } else {
      Console.error(isParsers ? message : "relief: \(message)")
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
    case .read: self = error.mayPass ? .io : .badData
    case .create, .write, .synchronize, .rename, .remove: self = error.mayPass ? .io : .cannotCreate
    }
  }
}
