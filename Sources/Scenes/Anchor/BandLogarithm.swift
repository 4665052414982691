import Foundation
import Grids
package import Rasters
import Surfaces

/// How the logarithm of a band's brightness is taken, without the haze that brightens all of it.
public struct BandLogarithm: Hashable, Sendable, Codable {
  /// The number of the band.
  public let band: Int
  /// What is subtracted: most of the darkest value, which is that of haze.
  public let haze: Float
  /// The least brightness.
  public let least: Float

  /// The quantile of the darkest value, and the share of it that is haze.
  private static let dark = (quantile: 0.001, share: Float(0.8))

  /// Finds the levels of a band in some of its samples; NaN is ignored.
  package init(of band: Int, _ samples: [Float]) {
    let known = samples.filter { !$0.isNaN }
    self.band = band
    let (dark, middle) =
      known.isEmpty ? (0, 0) : (known.quantile(Self.dark.quantile), known.median())
    haze = dark > 0 ? Self.dark.share * dark : dark
    let least = 0.01 * (dark > 0 ? middle : middle - dark)
    self.least = least > 0 ? least : 1
  }

  /// The logarithm of the brightness of a sample.
  package func value(of sample: Float) -> Float { log(max(sample - haze, least)) }

  /// The greatest number of bands.
  private static let mostBands = 4

  /// Returns the bands whose brightness is used: the selected ones, and then others like them.
  ///
  /// Near infrared shows slopes best, since land is bright and haze is not.
  package static func bands(of selection: BandSelection, among bands: [Band]) -> [Int] {
    let selected = selection.numbers
    let type = bands[selected[0] - 1].sampleType
    let others = bands.filter {
      !selected.contains($0.number) && $0.sampleType == type
        && $0.colorInterpretation != .alpha && $0.colorInterpretation != .palette
    }
    return selected + others.map(\.number).prefix(max(0, mostBands - selected.count))
  }

  /// Whether the numbers are possible.
  var isValid: Bool { band > 0 && haze.isFinite && least > 0 && least.isFinite }
}

extension SceneSource {
  /// Returns samples of bands of a window, `[row, column, band]`, NaN where there are none or outside of the scene.
  func samples(_ window: Window, bands: [Int]) throws -> [Float] {
    let inside = window.intersection(grid.window)
    guard !inside.isEmpty else {
      return Array(repeating: .nan, count: window.pixelCount * bands.count)
    }
    let values = try unlessChanged { try pixelsAroundDamage(inside, bands: bands).pixels.values }
    guard inside != window else { return values }
    let empty = [Float](repeating: .nan, count: window.width * bands.count)
    let line = inside.width * bands.count
    return window.rows.flatMap { row -> [Float] in
      guard inside.rows.contains(row) else { return empty }
      let start = (row - inside.row) * line
      var result = empty
      let offset = (inside.column - window.column) * bands.count
      result.replaceSubrange(offset..<offset + line, with: values[start..<start + line])
      return result
    }
  }
}

extension [BandLogarithm] {
  /// Returns the logarithms of each band, `[band][row, column]`, of samples, `[row, column, band]`; NaN stays.
  func values(of samples: [Float]) -> [[Float]] {
    indices.map { channel in
      stride(from: channel, to: samples.count, by: count).map {
        self[channel].value(of: samples[$0])
      }
    }
  }
}
