import Foundation
import Training

/// Shows the progress of a training run, as text or JSON events.
final class TrainingPrinter: Sendable {
  private let line: ProgressLine

  init(_ style: ProgressStyle) { line = ProgressLine(style) }

  /// Shows a progress update.
  func update(_ progress: TrainingRun.Progress) {
    switch progress {
    case .looking(let share):
      line.update(ProgressStep(part: "pairs", finished: share, total: 1))
    case .found(let training, let validation):
      report(
        ["event": "found", "training": training, "validation": validation],
        "\(training) training tiles, \(validation) validation tiles")
    case .leftOut(let tiles):
      report(
        ["event": "leftOut", "tiles": tiles],
        (["\(tiles.count) tiles are excluded:"] + tiles.prefix(10).map { "  \($0)" }
          + (tiles.count > 10 ? ["  …"] : [])).joined(separator: "\n"))
    case .training(let training): line.update(step(training))
    case .trained(let network, let best, let epochs, let loss):
      reportTrained(network, best, epochs, loss)
    case .estimating(let network, let done, let total):
      line.update(count("maps of \(network)", done, total))
    case .writing(let done, let total): line.update(count("tiles", done, total))
    case .encoding(let done, let total): line.update(count("latents", done, total))
    case .coarseLoss(let loss):
      report(
        ["event": "coarseLoss", "validationLoss": loss],
        String(format: "validation loss of the coarse maps without refinement: %.4g", loss))
    }
  }

  /// A step that counts tiles.
  private func count(_ part: String, _ done: Int, _ total: Int) -> ProgressStep {
    ProgressStep(part: part, finished: Double(done), total: Double(total), unit: "tiles")
  }

  /// A step of training a network, with its losses and learning rate.
  private func step(_ training: TrainingProgress) -> ProgressStep {
    var figures = [("loss", training.loss), ("rate", training.learningRate)]
    if let validation = training.validationLoss {
      figures.insert(("validation", validation), at: 1)
    }
    return ProgressStep(
      part: training.network, finished: Double(training.step), total: Double(training.steps),
      unit: "steps", figures: figures)
  }

  /// Reports that a network is trained.
  private func reportTrained(_ network: String, _ best: Int, _ epochs: Int, _ loss: Double) {
    report(
      [
        "event": "trained", "network": network, "bestEpoch": best, "epochs": epochs,
        "validationLoss": loss,
      ],
      String(
        format: "%@ is trained: the lowest validation loss is %.4g, after epoch %d of %d",
        network, loss, best, epochs)
        + (best == 1 && epochs > 1 ? "; no later epoch improved it" : ""))
  }

  /// Writes an event for programs, or text for users.
  private func report(_ event: [String: Any], _ text: String) {
    switch line.mode {
    case .none: break
    case .json: ProgressLine.emit(event)
    case .line, .plain: Console.error(text)
    }
  }
}
