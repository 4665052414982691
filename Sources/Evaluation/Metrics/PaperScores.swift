import DepthModels
import Grids

/// The paper's metrics of one surface: the mean over images of at most 512 × 512 pixels.
public struct PaperScore: Sendable, Encodable {
  /// The name of the surface.
  public let name: String
  /// How it was fitted to the reference.
  public let fit: Fit
  /// The arithmetic mean over images, as in the paper.
  public let metrics: PaperMetrics
  /// The metrics of each image.
  let images: [PaperMetrics]

  private enum CodingKeys: CodingKey { case name, fit, metrics }

  /// Creates a score; nil without images.
  init?(name: String, fit: Fit, images: [PaperMetrics]) {
    guard let mean = PaperMetrics(meanOf: images) else { return nil }
    (self.name, self.fit, self.images, metrics) = (name, fit, images, mean)
  }
}

/// Divides heights and reference into images, as in the paper, on the heights' grid.
struct PaperScores {
  /// The side of an image in pixels.
  static let side = 512

  let grid: Grid
  let truth: any HeightSurface
  let surfaces: [(name: String, fit: Fit, surface: any HeightSurface)]
  let lpips: LPIPS?

  /// Computes the scores.
  ///
  /// - Parameter progress: Called with the completed fraction, 0…1.
  /// - Returns: The scores, the number of images, and the number of images left out because of voids.
  /// - Throws: `RasterError` if reading fails, `CancellationError`.
  func run(
    _ progress: (Double) -> Void
  ) throws -> (scores: [PaperScore], images: Int, leftOut: Int) {
    let windows = images
    var sums: [[PaperMetrics]] = surfaces.map { _ in [] }
    for (index, window) in windows.enumerated() {
      try Task.checkCancellation()
      let truth = try truth.heights(in: window)
      let heights = try surfaces.map { try $0.surface.heights(in: window) }
      if ([truth] + heights).allSatisfy({ $0.allSatisfy(\.isFinite) }) {
        for surface in surfaces.indices {
          sums[surface].append(
            try PaperMetrics(heights[surface], truth: truth, width: window.width, lpips: lpips))
        }
      }
      progress(Double(index + 1) / Double(windows.count))
    }
    let images = sums.first?.count ?? 0
    let scores = zip(surfaces, sums).compactMap { surface, metrics in
      PaperScore(name: surface.name, fit: surface.fit, images: metrics)
    }
    return (scores, images, windows.count - images)
  }

  /// Adjacent images centered on the grid; incomplete ones at the edges are omitted.
  private var images: [Window] {
    let (width, height) = (min(Self.side, grid.width), min(Self.side, grid.height))
    guard min(width, height) >= Similarity.window else { return [] }
    let (columns, rows) = (grid.width / width, grid.height / height)
    let (left, top) = ((grid.width - columns * width) / 2, (grid.height - rows * height) / 2)
    return (0..<rows).flatMap { row in
      (0..<columns).map { column in
        Window(
          column: left + column * width, row: top + row * height, width: width, height: height)
      }
    }
  }
}

extension PaperMetrics {
  /// Returns the arithmetic mean of each metric, of LPIPS only if all have it; nil if there are none.
  init?(meanOf all: [PaperMetrics]) {
    guard let first = all.first else { return nil }
    func mean(_ value: (PaperMetrics) -> Double) -> Double {
      all.reduce(0) { $0 + value($1) } / Double(all.count)
    }
    self = first
    mae = mean(\.mae)
    rmse = mean(\.rmse)
    delta1 = mean(\.delta1)
    delta2 = mean(\.delta2)
    delta3 = mean(\.delta3)
    psnr = mean(\.psnr)
    ssim = mean(\.ssim)
    let distances = all.compactMap(\.lpips)
    lpips = distances.count == all.count ? distances.reduce(0, +) / Double(all.count) : nil
  }
}
