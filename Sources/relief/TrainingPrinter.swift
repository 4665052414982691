import Foundation
import Learning

/// Tells a person, or a program, how far a training is.
final class TrainingPrinter: Sendable {
  private let line: ProgressLine

  init(_ style: ProgressStyle) { line = ProgressLine(style) }

  func update(_ progress: TrainingRun.Progress) {
    switch progress {
    case .looking(let share):
      line.update(ProgressStep(part: "pairs", finished: share, total: 1))
    case .found(let training, let validation):
      tell(
        ["event": "found", "training": training, "validation": validation],
        "\(training) tiles to learn from, \(validation) to compare on")
    case .leftOut(let tiles):
      tell(
        ["event": "leftOut", "tiles": tiles],
        (["\(tiles.count) tiles are left out:"] + tiles.prefix(10).map { "  \($0)" }
          + (tiles.count > 10 ? ["  …"] : [])).joined(separator: "\n"))
    case .training(let training): line.update(step(training))
    case .trained(let network, let best, let epochs, let loss): say(network, best, epochs, loss)
    case .seeing(let network, let done, let total):
      line.update(count("maps of \(network)", done, total))
    case .writing(let done, let total): line.update(count("tiles", done, total))
    case .encoding(let done, let total): line.update(count("latents", done, total))
    case .coarseLoss(let loss):
      tell(
        ["event": "coarseLoss", "validationLoss": loss],
        String(format: "unrefined, the validation's coarse maps cost %.4g", loss))
    }
  }

  private func count(_ part: String, _ done: Int, _ total: Int) -> ProgressStep {
    ProgressStep(part: part, finished: Double(done), total: Double(total), unit: "tiles")
  }

  private func step(_ training: TrainingProgress) -> ProgressStep {
    var figures = [("loss", training.loss), ("rate", training.learningRate)]
    if let validation = training.validationLoss {
      figures.insert(("validation", validation), at: 1)
    }
    return ProgressStep(
      part: training.network, finished: Double(training.step), total: Double(training.steps),
      unit: "steps", figures: figures)
  }

  private func say(_ network: String, _ best: Int, _ epochs: Int, _ loss: Double) {
    tell(
      [
        "event": "trained", "network": network, "bestEpoch": best, "epochs": epochs,
        "validationLoss": loss,
      ],
      String(
        format: "%@ is trained: the validation's loss was least, %.4g, after epoch %d of %d",
        network, loss, best, epochs)
        + (best == 1 && epochs > 1 ? "; no later one was better" : ""))
  }

  /// An event for a program, or lines for a person.
  private func tell(_ event: [String: Any], _ text: String) {
    switch line.look {
    case .none: break
    case .json: ProgressLine.emit(event)
    case .line, .plain: Console.error(text)
    }
  }
}
