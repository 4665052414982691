import Foundation
public import Grids

/// A land of waves of many lengths and directions, whose heights are proportional to their lengths.
public struct WavyLand {
  private struct Wave {
    let down, across, phase, length: Double

    func height(_ row: Double, _ column: Double) -> Double {
      length * cos(2 * Double.pi * (down * row + across * column) + phase)
    }
  }

  private let waves: [Wave]

  /// Creates a land whose shortest wave has 6 pixels.
  public init() {
    waves = (0..<60).map { number in
      let turn = Double(number) * 2.399963  // the golden angle
      let length = 6 * pow(1.07, Double(number))
      return Wave(
        down: cos(turn) / length, across: sin(turn) / length, phase: turn * 5, length: length)
    }
  }

  /// The heights, `[row, column]`, of the land moved by a distance in pixels.
  public func heights(on grid: Grid, down: Double = 0, right: Double = 0) -> [Float] {
    (0..<grid.pixelCount).map { pixel in
      let (row, column) = pixel.quotientAndRemainder(dividingBy: grid.width)
      return Float(
        waves.reduce(0) { $0 + $1.height(Double(row) - down, Double(column) - right) })
    }
  }
}
