import Files
import Foundation

/// The results of an epoch: a line of `epochs.csv`.
struct TrainedEpoch: Codable, Hashable {
  /// The epoch's number, from 1.
  let number: Int
  let step: Int
  let trainingLoss: Double
  let validationLoss: Double
  let learningRate: Double
  /// Whether the validation loss was the lowest so far.
  let isBest: Bool

  private static let header = "epoch,step,training_loss,validation_loss,learning_rate,kept"

  private var line: String {
    "\(number),\(step),\(trainingLoss),\(validationLoss),\(learningRate),\(isBest)"
  }

  /// Parses a line; nil if it is not a line of the table.
  private init?(_ line: Substring) {
    let cells = line.split(separator: ",")
    guard cells.count == 6, let number = Int(cells[0]), let step = Int(cells[1]),
      let trainingLoss = Double(cells[2]), let validationLoss = Double(cells[3]),
      let learningRate = Double(cells[4]), let isBest = Bool(String(cells[5]))
    else { return nil }
    self.init(
      number: number, step: step, trainingLoss: trainingLoss, validationLoss: validationLoss,
      learningRate: learningRate, isBest: isBest)
  }

  init(
    number: Int, step: Int, trainingLoss: Double, validationLoss: Double, learningRate: Double,
    isBest: Bool
  ) {
    (self.number, self.step, self.learningRate, self.isBest) = (number, step, learningRate, isBest)
    (self.trainingLoss, self.validationLoss) = (trainingLoss, validationLoss)
  }

  /// Writes a table of epochs.
  static func write(_ epochs: [TrainedEpoch], to path: String) throws {
    let lines = [header] + epochs.map(\.line)
    try NewFile.write(lines.joined(separator: "\n") + "\n", to: path, isDurable: true)
  }

  /// Reads the epochs of a table; empty if the file does not exist.
  static func reading(_ path: String) -> [TrainedEpoch] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap(Self.init)
  }
}
