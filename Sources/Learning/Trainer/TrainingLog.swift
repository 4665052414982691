import Files
import Foundation
import Scenes

/// What a training did, as CSV: a line for each step.
///
/// After an interruption, the lines behind the checkpoint are taken out again, as their steps are taken again.
struct TrainingLog: ~Copyable {
  static let header = "step,epoch,loss,learning_rate,gradient_norm,seconds"

  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  /// Opens a log, and cuts it to the steps that are done.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - steps: That are done.
  /// - Throws: `SceneError` if it can't be read or written.
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

  /// A step that was taken.
  borrowing func add(
    step: Int, epoch: Int, loss: Double, learningRate: Double, norm: Double, seconds: Double
  ) throws {
    let line =
      "\(step),\(epoch),\(loss),\(learningRate),\(norm),\(String(format: "%.3f", seconds))\n"
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw SceneError(.io, "\(path) can't be written: \(String(cString: strerror(errno)))")
    }
  }

  /// The losses of a log, step by step.
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
