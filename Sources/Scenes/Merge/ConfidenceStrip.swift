import Grids
import Surfaces
import Tensors

/// The quality layers of one strip of the output, on the scene's grid, `[row, column]`.
struct ConfidenceStrip {
  private let tileCounts: [UInt8]
  private let disagreement: [Float]
  private let isFlat: [Bool]
  /// Whether the nearest pixel of the working lattice has no height.
  private let isInterpolated: [Bool]
  private let spread: [Float]?

  /// Resamples the quality measures of the working lattice to a strip of the scene.
  ///
  /// Measures in height units are resampled like the heights.
  ///
  /// - Parameters:
  ///   - confidence: The measures on the lattice over the turned scene.
  ///   - resampling: The resampling from that lattice to the turned scene's pixels.
  ///   - strip: The strip, in pixels of the turned scene.
  ///   - back: The turn back to the scene's orientation.
  init(
    _ confidence: MosaicConfidence, by resampling: Resampling, to strip: Window,
    turned back: SquareSymmetry
  ) {
    func counts(_ values: [UInt8]) -> [UInt8] {
      resampling.isIdentity ? values : resampling.greatest(values, to: strip)
    }
    func heights(_ values: [Float]) -> [Float] {
      resampling.isIdentity ? values : resampling.apply(values, to: strip)
    }
    func flags(_ values: [Bool]) -> [Bool] {
      resampling.isIdentity ? values : resampling.nearest(values, to: strip)
    }
    tileCounts = back.turned(counts(confidence.tileCounts), of: strip)
    disagreement = back.turned(heights(confidence.disagreement), of: strip)
    isFlat = back.turned(flags(confidence.isFlat), of: strip)
    isInterpolated = back.turned(flags(confidence.tileCounts.map { $0 == 0 }), of: strip)
    spread = confidence.spread.map { back.turned(heights($0), of: strip) }
  }

  /// The samples of a layer; `noData` where `heights` is NaN or the layer has no value.
  func values(of raster: ConfidenceRaster, where heights: [Float], noData: Float) -> [Float] {
    let value: (Int) -> Float =
      switch raster {
      case .tiles: { Float(tileCounts[$0]) }
      case .disagreement: { disagreement[$0] }
      case .heightClass: { Float(heightClass(of: $0).rawValue) }
      case .spread: { spread?[$0] ?? .nan }
      }
    return heights.indices.map { pixel in
      let value = heights[pixel].isNaN ? .nan : value(pixel)
      return value.isNaN ? noData : value
    }
  }

  private func heightClass(of pixel: Int) -> HeightClass {
    isInterpolated[pixel] ? .interpolated : isFlat[pixel] ? .flat : .model
  }
}
