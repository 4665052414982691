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
      switch line.look {
      case .none: break
      case .json: line.emit(["event": "found", "training": training, "validation": validation])
      case .line, .plain:
        Console.error("\(training) tiles to learn from, \(validation) to compare on")
      }
    case .leftOut(let tiles): say(tiles)
    case .training(let training): line.update(step(training))
    case .trained(let network, let best, let epochs, let loss): say(network, best, epochs, loss)
    case .seeing(let network, let done, let total):
      line.update(count("maps of \(network)", done, total))
    case .writing(let done, let total): line.update(count("tiles", done, total))
    case .encoding(let done, let total): line.update(count("latents", done, total))
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
    switch line.look {
    case .none: break
    case .json:
      line.emit([
        "event": "trained", "network": network, "bestEpoch": best, "epochs": epochs,
        "validationLoss": loss,
      ])
    case .line, .plain:
      Console.error(
        String(
          format: "%@ is trained: the validation's loss was least, %.4g, after epoch %d of %d",
          network, loss, best, epochs)
          + (best == 1 && epochs > 1 ? "; no later one was better" : ""))
    }
  }

  private func say(_ tiles: [String]) {
    switch line.look {
    case .none: break
    case .json: line.emit(["event": "leftOut", "tiles": tiles])
    case .line, .plain:
      Console.error("\(tiles.count) tiles are left out:")
      for tile in tiles.prefix(10) { Console.error("  \(tile)") }
      if tiles.count > 10 { Console.error("  …") }
    }
  }
}
