import Grids
import Surfaces

/// What is told of the heights of a strip beside them, on the scene's own grid, [row, column].
struct ConfidenceStrip {
  private let tileCounts: [UInt8]
  private let disagreement: [Float]
  private let isFlat: [Bool]
  /// Whether the nearest pixel of the working lattice has no height.
  private let isInterpolated: [Bool]
  private let spread: [Float]?

  /// From what is told on the working lattice; what has a unit is resampled as the heights are.
  init(_ confidence: MosaicConfidence, by resampling: Resampling, to strip: Window) {
    let isBare = confidence.tileCounts.map { $0 == 0 }
    guard !resampling.isIdentity else {
      tileCounts = confidence.tileCounts
      disagreement = confidence.disagreement
      isFlat = confidence.isFlat
      isInterpolated = isBare
      spread = confidence.spread
      return
    }
    tileCounts = resampling.greatest(confidence.tileCounts, to: strip)
    disagreement = resampling.apply(confidence.disagreement, to: strip)
    isFlat = resampling.nearest(confidence.isFlat, to: strip)
    isInterpolated = resampling.nearest(isBare, to: strip)
    spread = confidence.spread.map { resampling.apply($0, to: strip) }
  }

  /// The samples of a raster, its nodata wherever `heights` have none (NaN).
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
