import Foundation

/// A small SVG chart with two axes, round tick values, and marks.
package struct Chart {
  /// A data series, in the units of the axes.
  package enum Mark {
    /// Bars from 0, each over a range of x.
    case bars([(range: ClosedRange<Double>, height: Double)])
    /// Dots.
    case points([(x: Double, y: Double)])
    /// A line through the points in order; NaN interrupts it.
    case line([(x: Double, y: Double)])
    /// The line y = x.
    case diagonal
  }

  package var xLabel: String
  package var yLabel: String
  package var x: ClosedRange<Double>
  package var y: ClosedRange<Double>
  /// The marks with their names in the legend; an empty name is not listed.
  package var marks: [(name: String, mark: Mark)] = []

  package init(_ xLabel: String, _ yLabel: String, x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (self.xLabel, self.yLabel) = (xLabel, yLabel)
    self.x = Self.widened(x)
    self.y = Self.widened(y)
  }

  private static let (width, height) = (380.0, 260.0)
  private static let (left, right, top, bottom) = (58.0, 12.0, 12.0, 44.0)
  private static let colors = ["#24708a", "#c0562b", "#5a8f3c", "#8054a0", "#a08a1e", "#555555"]

  /// The `svg` element.
  package var svg: String {
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Int(Self.width))\" "
        + "height=\"\(Int(Self.height))\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\">"
    ]
    parts += axes
    for (index, item) in marks.enumerated() {
      parts.append(element(item.mark, Self.colors[index % Self.colors.count]))
    }
    parts += legend
    return parts.joined(separator: "\n") + "\n</svg>"
  }

  private var axes: [String] {
    var parts: [String] = []
    let (x0, x1) = (Self.left, Self.width - Self.right)
    let (y0, y1) = (Self.height - Self.bottom, Self.top)
    for tick in Self.ticks(x) {
      let at = Self.text(horizontal(tick))
      parts.append("<path d=\"M\(at) \(y1)V\(y0)\" stroke=\"#e3e8ea\"/>")
      parts.append(
        "<text x=\"\(at)\" y=\"\(y0 + 15)\" text-anchor=\"middle\">\(Self.label(tick, x))</text>")
    }
    for tick in Self.ticks(y) {
      let at = Self.text(vertical(tick))
      parts.append("<path d=\"M\(x0) \(at)H\(x1)\" stroke=\"#e3e8ea\"/>")
      parts.append(
        "<text x=\"\(x0 - 6)\" y=\"\(at)\" dy=\"4\" text-anchor=\"end\">\(Self.label(tick, y))</text>"
      )
    }
    parts.append("<path d=\"M\(x0) \(y1)V\(y0)H\(x1)\" fill=\"none\" stroke=\"#6f7d82\"/>")
    parts.append(
      "<text x=\"\((x0 + x1) / 2)\" y=\"\(Self.height - 10)\" text-anchor=\"middle\">"
        + "\(Self.escaped(xLabel))</text>")
    parts.append(
      "<text transform=\"translate(13 \((y0 + y1) / 2)) rotate(-90)\" text-anchor=\"middle\">"
        + "\(Self.escaped(yLabel))</text>")
    return parts
  }

  private func element(_ mark: Mark, _ color: String) -> String {
    switch mark {
    case .bars(let bars):
      let base = vertical(0)
      return bars.map { bar in
        let (from, to) = (horizontal(bar.range.lowerBound), horizontal(bar.range.upperBound))
        let end = vertical(bar.height)
        return "<rect x=\"\(Self.text(from))\" y=\"\(Self.text(min(base, end)))\" "
          + "width=\"\(Self.text(max(to - from - 0.3, 0.3)))\" "
          + "height=\"\(Self.text(abs(base - end)))\" fill=\"\(color)\"/>"
      }.joined()
    case .points(let points):
      let dots = points.filter { x.contains($0.x) && y.contains($0.y) }.map {
        "M\(Self.text(horizontal($0.x))) \(Self.text(vertical($0.y)))h0"
      }
      return "<path d=\"\(dots.joined())\" stroke=\"\(color)\" stroke-opacity=\".35\" "
        + "stroke-width=\"2.4\" stroke-linecap=\"round\"/>"
    case .line(let points):
      var path = ""
      var isOpen = false
      for point in points {
        guard point.x.isFinite, point.y.isFinite else {
          isOpen = false
          continue
        }
        let (x, y) = (Self.text(horizontal(point.x)), Self.text(vertical(point.y)))
        path += "\(isOpen ? "L" : "M")\(x) \(y)"
        isOpen = true
      }
      return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.6\"/>"
    case .diagonal:
      let (low, high) = (max(x.lowerBound, y.lowerBound), min(x.upperBound, y.upperBound))
      guard low < high else { return "" }
      return "<path d=\"M\(Self.text(horizontal(low))) \(Self.text(vertical(low)))"
        + "L\(Self.text(horizontal(high))) \(Self.text(vertical(high)))\" stroke=\"#6f7d82\" "
        + "stroke-dasharray=\"4 3\"/>"
    }
  }

  private var legend: [String] {
    let shown = marks.enumerated().filter { !$0.element.name.isEmpty }
    guard shown.count > 1 else { return [] }
    return shown.enumerated().map { line, item in
      let y = Self.top + 12 + 15 * Double(line)
      let x = Self.width - Self.right - 8
      return "<text x=\"\(x - 14)\" y=\"\(y)\" text-anchor=\"end\">"
        + "\(Self.escaped(item.element.name))</text><path d=\"M\(x - 9) \(y - 4)h11\" "
        + "stroke=\"\(Self.colors[item.offset % Self.colors.count])\" stroke-width=\"3\"/>"
    }
  }

  private func horizontal(_ value: Double) -> Double {
    Self.left + (value - x.lowerBound) / (x.upperBound - x.lowerBound)
      * (Self.width - Self.left - Self.right)
  }

  private func vertical(_ value: Double) -> Double {
    let share = (min(max(value, y.lowerBound), y.upperBound) - y.lowerBound)
    return Self.height - Self.bottom - share / (y.upperBound - y.lowerBound)
      * (Self.height - Self.top - Self.bottom)
  }

  /// Returns the range, widened if it is a single value.
  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    range.lowerBound < range.upperBound
      ? range : range.lowerBound - 0.5...range.upperBound + 0.5
  }

  /// Returns about five values in a range, at steps of 1, 2 or 5 times a power of ten.
  package static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let step = step(range)
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step).rounded(.down)
    guard first <= last else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private static func step(_ range: ClosedRange<Double>) -> Double {
    let rough = (range.upperBound - range.lowerBound) / 5
    let power = pow(10, log10(rough).rounded(.down))
    let factor = rough / power
    return power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10)
  }

  /// Formats a tick with the number of decimals that the axis needs.
  private static func label(_ tick: Double, _ range: ClosedRange<Double>) -> String {
    let step = step(range)
    guard step < 1e6, step > 1e-6 else { return String(format: "%.3g", tick) }
    let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return String(format: "%.\(decimals)f", tick == 0 ? 0 : tick)
  }

  private static func text(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }
}
