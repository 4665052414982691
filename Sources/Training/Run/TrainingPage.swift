import Reports
import Files
import Foundation
import Scenes
import Surfaces

/// The progress page of a training: loss curves and sample outputs of the networks.
///
/// The page is rewritten after each epoch, and reloads itself every 30 seconds. Pictures are in the networks' folders.
package struct TrainingPage {
  /// The largest number of validation tiles on the page.
  static let mostSamples = 3
  static let picturesName = "pictures.json"
  static let name = "index.html"

  /// The folder of the run.
  package let folder: String
  /// The names of the networks' folders, in training order.
  package let networks: [String]

  package init(folder: String, networks: [String]) {
    (self.folder, self.networks) = (folder, networks)
  }

  /// Writes the page.
  ///
  /// - Parameter isOver: Whether all networks are trained and the bundle is complete.
  /// - Throws: `SceneError` if the page cannot be written or its list of pictures is invalid; errors of the template.
  package func write(isOver: Bool) throws {
    let begun = networks.filter {
      FileManager.default.fileExists(atPath: "\(folder)/\($0)/steps.csv")
    }
    let page = try ReportPage.render(
      title: "Training", template: Self.template,
      [
        "networks": try begun.map(content), "isOver": isOver,
        "state": isOver
          ? "All networks are trained; the bundle is in bundle/."
          : "Started \(begun.count) of \(networks.count) networks, in this order: \(networks.joined(separator: ", "))."
          ,
      ])
    try NewFile.write(page, to: folder + "/" + Self.name)
  }

  private static let template = """
    {{^isOver}}<script>setTimeout(() => location.reload(), 30000)</script>{{/isOver}}
    <h1>Training</h1>
    <p>{{state}}</p>
    {{#networks}}
    <h2>{{name}}</h2>
    <p>{{facts}}</p>
    <div class="pictures">{{#charts}}<figure>{{{svg}}}<figcaption>{{caption}}</figcaption></figure>{{/charts}}</div>
    {{#samples}}<div class="pictures">
    {{#pictures}}<figure style="width: 16rem"><img alt="" style="width: 100%" src="{{{source}}}"><figcaption>{{caption}}</figcaption></figure>{{/pictures}}
    </div>{{/samples}}
    {{/networks}}
    {{^networks}}<p>No training has started yet.</p>{{/networks}}
    """

  /// Returns the template values of a network.
  func content(_ network: String) throws -> [String: Any] {
    let own = folder + "/" + network
    let epochs = TrainedEpoch.reading(own + "/epochs.csv")
    let losses = Self.smoothed(TrainingLog.losses(own + "/steps.csv"))
    var charts: [[String: Any]] = []
    if let chart = Self.chart(losses, epochs) {
      charts.append(["svg": chart, "caption": "training loss (smoothed) and validation loss"])
    }
    if let chart = Self.rateChart(epochs) {
      charts.append(["svg": chart, "caption": "learning rate"])
    }
    let best = epochs.last(where: \.isBest)
    return [
      "name": network,
      "facts": [
        "\(epochs.count) epochs", losses.last.map { "\($0.step) steps" },
        best.map {
          String(format: "lowest validation loss %.5g, epoch %d", $0.validationLoss, $0.number)
        },
      ].compactMap { $0 }.joined(separator: " · "),
      "charts": charts, "samples": try samples(network),
    ]
  }

  /// Returns the pictures of each tile as a row; names of a tile's pictures share the part before the hyphen.
  private func samples(_ network: String) throws -> [[String: Any]] {
    let path = "\(folder)/\(network)/\(Self.picturesName)"
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    guard let pictures = try? JSONDecoder().decode([[String]].self, from: data),
      pictures.allSatisfy({ $0.count == 2 })
    else {
      throw SceneError(
        .badData,
        "\(path) is not a list of pictures, expected a name and a caption for each; "
          + "move it away: the next epoch writes it again")
    }
    let rows = Dictionary(grouping: pictures) { $0[0].prefix { $0 != "-" } }
    return rows.sorted { $0.key < $1.key }.map { _, row in
      ["pictures": row.map { ["source": "\(network)/\($0[0]).png", "caption": $0[1]] }]
    }
  }

  /// Averages the losses over at most about 200 intervals of steps.
  private static func smoothed(_ losses: [(step: Int, loss: Double)]) -> [(step: Int, loss: Double)]
  {
    let length = max(1, losses.count / 200)
    return stride(from: 0, to: losses.count, by: length).map { start in
      let part = losses[start..<min(start + length, losses.count)]
      return (part[part.endIndex - 1].step, part.reduce(0) { $0 + $1.loss } / Double(part.count))
    }
  }

  private static func chart(_ losses: [(step: Int, loss: Double)], _ epochs: [TrainedEpoch])
    -> String?
  {
    let points = losses.map { (x: Double($0.step), y: $0.loss) }
    let validation = epochs.map { (x: Double($0.step), y: $0.validationLoss) }
    let values = (points + validation).map(\.y).filter(\.isFinite)
    guard let last = points.last?.x, let highest = values.max() else { return nil }
    // The large losses of the first steps would flatten the rest of the curve.
    let top = max(values.orderStatistics([values.count * 98 / 100])[0], highest * 0.05)
    var chart = Chart("step", "loss", x: 0...max(last, 0), y: 0...max(top, 0) * 1.05)
    chart.marks = [("training", .line(points)), ("validation", .line(validation))]
    return chart.svg
  }

  private static func rateChart(_ epochs: [TrainedEpoch]) -> String? {
    let rates = epochs.map(\.learningRate).filter { $0.isFinite && $0 >= 0 }
    guard let highest = rates.max(), epochs.count > 1 else { return nil }
    let unit = 1e-4
    var chart = Chart(
      "epoch", "rate, 10⁻⁴", x: 1...Double(epochs.count), y: 0...highest / unit * 1.05)
    chart.marks = [("", .line(epochs.map { (x: Double($0.number), y: $0.learningRate / unit) }))]
    return chart.svg
  }
}
