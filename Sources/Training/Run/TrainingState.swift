package import DepthModels
import Foundation
import Tensors

/// The complete state to resume a training from: parameters, optimizer state and progress.
package struct TrainingState {
  package var parameters: Parameters
  /// The optimizer state of each tensor.
  package var moments: [AdamW.State]
  var average: MovingAverage?
  package var progress: Progress

  /// The progress of a training.
  package struct Progress: Codable, Hashable {
    /// The number of finished epochs.
    var epoch = 0
    /// The number of finished batches of the current epoch.
    var batch = 0
    /// The number of steps taken since the start.
    package var step = 0
    /// The sum of the current epoch's losses over samples.
    package var lossSum = 0.0
    var samples = 0
    package var plateau: PlateauSchedule?
    /// The lowest validation loss, which belongs to the kept weights.
    var best: Double?
    var history: [TrainedEpoch] = []
  }

  /// Creates the state before the first step.
  package init(_ parameters: Parameters, _ optimization: Optimization) {
    self.parameters = parameters
    moments = parameters.values.map { AdamW.State(count: $0.shape.count) }
    average = optimization.averageDecay.map {
      MovingAverage(of: parameters.values.map(\.scalars), decay: $0)
    }
    progress = Progress()
    if case .plateau(let patience, let factor) = optimization.schedule {
      progress.plateau = PlateauSchedule(
        learningRate: optimization.learningRate, patience: patience, factor: factor)
    }
  }

  private enum Kind: String, CaseIterable { case parameter, mean, square, average }

  private static let progressKey = "progress"

  /// The parameters to validate, and to keep if they are the best: the moving average if there is one.
  var judged: Parameters {
    guard let average else { return parameters }
    var result = parameters
    result.replace(by: average.values)
    return result
  }

  /// Writes the state to one file, atomically.
  ///
  /// - Throws: `ModelError` of kind `.io`, naming the file; an existing file is then unchanged.
  package func write(to path: String) throws {
    var items: [Safetensors.Item] = []
    func add(_ kind: Kind, _ arrays: [[Float]]) {
      for (index, array) in arrays.enumerated() {
        items.append(
          .init(
            "\(kind.rawValue).\(parameters.names[index])",
            Tensor(parameters.values[index].shape, array)))
      }
    }
    add(.parameter, parameters.values.map(\.scalars))
    add(.mean, moments.map(\.mean))
    add(.square, moments.map(\.square))
    if let average { add(.average, average.values) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(progress), as: UTF8.self)
    try Safetensors.write(items, metadata: [Self.progressKey: text], to: path)
  }

  /// Restores the state from a file.
  ///
  /// - Throws: `ModelError` naming a tensor that is missing, unexpected or of another shape, or naming `progress` if it
  ///   is missing or invalid.
  package mutating func read(from path: String) throws {
    let file = try Safetensors(reading: path)
    let kinds = Kind.allCases.filter { $0 != .average || average != nil }
    let expected = Set(kinds.flatMap { kind in parameters.names.map { "\(kind.rawValue).\($0)" } })
    if let extra = Set(file.entries.keys).subtracting(expected).min() {
      throw ModelError(
        .badData, "\(path) contains \(extra), which is not part of \(parameters.label)")
    }
    let found = try Self.progress(of: file)
    let shapes = parameters.values.map(\.shape)
    func arrays(_ kind: Kind) throws -> [[Float]] {
      try zip(parameters.names, shapes).map { name, shape in
        try (file as any WeightSource).tensor("\(kind.rawValue).\(name)", shape).scalars
      }
    }
    parameters.replace(by: try arrays(.parameter))
    moments = zip(try arrays(.mean), try arrays(.square)).map {
      AdamW.State(step: found.step, mean: $0, square: $1)
    }
    if let old = average {
      average = MovingAverage(
        of: try arrays(.average), decay: old.decay, start: old.start, count: found.step)
    }
    progress = found
  }

  /// Reads the progress of a checkpoint.
  package static func progress(of file: Safetensors) throws -> Progress {
    guard let text = file.metadata[progressKey] else {
      throw ModelError(
        .badData,
        "\(file.path) has no metadata key “\(progressKey)”, expected the checkpoint of a training")
    }
    let progress = try StrictJSON.decode(Progress.self, from: Data(text.utf8), path: file.path)
    try progress.validate(in: file.path)
    return progress
  }
}

extension TrainingState.Progress {
  /// Checks for values that would trap in a training.
  fileprivate func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    for (name, count) in [("epoch", epoch), ("batch", batch), ("step", step), ("samples", samples)]
    {
      try check.require(
        (0..<1 << 40).contains(count), "progress.\(name)", count, "0 or more, less than 2⁴⁰")
    }
    try check.require(
      (batch == 0) == (samples == 0), "progress.samples", samples,
      "\(batch == 0 ? "0" : "1 or more"), because \(batch) batches of the epoch are finished")
    guard let plateau else { return }
    try check.require(
      plateau.patience > 0 && plateau.factor > 0 && plateau.factor <= 1
        && plateau.learningRate >= 0 && (0..<1 << 40).contains(plateau.counter),
      "progress.plateau", plateau,
      "patience and factor above 0, factor at most 1, learningRate and counter 0 or more")
  }
}
