import Files
import Foundation
import Scenes

/// The log of a training, as CSV with a line for each step.
///
/// After an interruption, lines behind the checkpoint are removed, because their steps are repeated.
struct TrainingLog: ~Copyable {
  static let header = "step,epoch,loss,learning_rate,gradient_norm,seconds"

  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  /// Opens a log and truncates it to the finished steps.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - steps: The number of finished steps.
  /// - Throws: `SceneError` if the file cannot be read or written.
  init(_ path: String, steps: Int) throws {
    self.path = path
    let lines = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n").dropFirst()
    }
    let kept = (lines ?? []).prefix { line in
      line.split(separator: ",").count == 6
        && Int(line.prefix { $0 != "," }).map { $0 <= steps } ?? false
    }
    let text = ([Self.header[...]] + kept).joined(separator: "\n") + "\n"
    try NewFile.write(text, to: path)
    guard let file = fopen(path, "ae") else {
      throw SceneError(.io, "\(path) can't be written: \(String(cString: strerror(errno)))")
    }
    self.file = file
  }

  deinit { fclose(file) }

  /// Appends a finished step.
  borrowing func add(
    step: Int, epoch: Int, loss: Double, learningRate: Double, norm: Double, seconds: Double
  ) throws {
    let line =
      "\(step),\(epoch),\(loss),\(learningRate),\(norm),\(String(format: "%.3f", seconds))\n"
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw SceneError(.io, "\(path) can't be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Reads the losses of a log, step by step.
  static func losses(_ path: String) -> [(step: Int, loss: Double)] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst().compactMap {
      let cells = $0.split(separator: ",")
      guard cells.count == 6, let step = Int(cells[0]), let loss = Double(cells[2]) else {
        return nil
      }
      return (step, loss)
    }
  }
}
