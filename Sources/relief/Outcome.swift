import ArgumentParser
import DepthModels
import Files
import Foundation
import Rasters
import Scenes

/// How an error ends the program: the code that a script acts on, and what a person reads.
///
/// Codes are those of `sysexits.h` where one fits, so that a scheduler can tell "give up" from "try again".
struct Outcome {
  let code: Int32
  let message: String

  private static let usage: Int32 = 2
  private static let badData: Int32 = 65
  private static let noInput: Int32 = 66
  private static let missingResource: Int32 = 69
  private static let cannotCreate: Int32 = 73
  private static let io: Int32 = 74
  private static let interrupted: Int32 = 75

  init(of error: any Error) {
    switch error {
    case is CancellationError:
      code = Self.interrupted
      message = "relief: interrupted; what is finished is kept, the same command goes on"
    case let error as Interrupted:
      code = Self.interrupted
      message = "relief: interrupted; \(error.loss)"
    case let error as SceneError:
      code =
        switch error.kind {
        case .usage: Self.usage
        case .badData: Self.badData
        case .cannotCreate: Self.cannotCreate
        case .io: Self.io
        }
      message = "relief: \(error)"
    case let error as FileError:
      code =
        error.mayPass ? Self.io : error.operation == .read ? Self.noInput : Self.cannotCreate
      message = "relief: \(error)"
    case let error as RasterError:
      code =
        switch error.kind {
        case .usage: Self.usage
        case .noInput: Self.noInput
        case .badData: Self.badData
        case .cannotCreate: Self.cannotCreate
        case .io: Self.io
        case .missingResource: Self.missingResource
        case .cancelled: Self.interrupted
        }
      message = "relief: \(error)"
    case let error as ModelError:
      code =
        switch error.kind {
        case .usage: Self.usage
        case .noInput: Self.noInput
        case .badData: Self.badData
        case .cannotCreate: Self.cannotCreate
        case .io: Self.io
        case .missingResource: Self.missingResource
        }
      message = "relief: \(error)"
    default:
      // The parser knows help, version and its own complaints; what it does not know came from the system.
      switch Relief.exitCode(for: error) {
      case .validationFailure: code = Self.usage
      case .failure where !(error is ExitCode): code = Self.io
      case let other: code = other.rawValue
      }
      message = Relief.fullMessage(for: error)
    }
  }
}
