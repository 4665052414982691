import Reports
import Foundation
import Grids
public import Pairs
import Surfaces

/// The shift of a DEM relative to its image, estimated from the lighting of its slopes.
///
/// For every whole-pixel shift, high-pass filtered brightness is regressed on the high-pass filtered components of the
/// surface normal, which fits the best hillshade of all azimuths. The shift with the highest correlation aligns the
/// two. A bootstrap over blocks of pixels gives the uncertainty. The approach follows registration with synthetic
/// shaded images (B. K. P. Horn and B. L. Bachman, Communications of the ACM 21, 1978, doi:10.1145/359642.359645).
public struct PairShift: Sendable, Hashable, Codable {
  /// Why the shift cannot be determined.
  public enum Doubt: String, Sendable, Codable {
    /// The image has too few pixels for a bootstrap.
    case tooSmall = "the image has too few pixels"
    /// The DEM is flat, or explains nothing of the image.
    case flat = "there is no relief to shade"
    /// The correlation is too low.
    case weak = "the image hardly correlates with the relief"
    /// The bootstrap's range is too wide, or the peak is ill-defined.
    case wide = "different parts of the image suggest different shifts"
    /// The best shift is at the edge of the search range.
    case rim = "the best shift is the largest one tried"
  }

  /// How far the DEM lies to the right of the image, in the image's pixels.
  public let columns: Double
  /// How far the DEM lies below the image, in the image's pixels.
  public let rows: Double
  /// The 95 % bootstrap interval of `columns`; nil if there are too few blocks.
  public let columnRange: ClosedRange<Double>?
  /// The 95 % bootstrap interval of `rows`; nil if there are too few blocks.
  public let rowRange: ClosedRange<Double>?
  /// The correlation of high-pass filtered brightness with the best hillshade, 0…1.
  public let correlation: Double
  /// The direction of the light, in degrees clockwise from the top of the image.
  public let azimuthInDegrees: Double
  /// Why the estimate is unreliable; nil if it is reliable.
  public let doubt: Doubt?
  /// The largest shift that was tried along each axis, in pixels.
  public let radius: Int
  /// The correlation for each shift, `[row, column]` from −radius to radius.
  public let surface: [Double]

  /// The length of the shift in pixels.
  public var distance: Double { (columns * columns + rows * rows).squareRoot() }

  /// Parameters of the search.
  public struct Options: Sendable, Hashable {
    /// The largest shift to try along each axis, in pixels.
    public var radius = 8
    /// The longest wavelength that is kept, in pixels; longer ones are mostly land cover.
    public var wavelengthInPixels = 24.0
    /// The lowest acceptable correlation, regardless of the number of pixels.
    public var minCorrelation = 0.08
    /// The widest acceptable bootstrap interval, in pixels; the shift is uncertain by half of it.
    public var maxRange = 0.6
    /// The number of bootstrap rounds.
    public var rounds = 400
    /// The seed of the bootstrap.
    public var seed: UInt64 = 42

    /// Creates the default options.
    public init() {}
  }

  /// The largest number of pixels that is used whole; larger images are sampled with evenly spaced windows.
  private static let maxWholePixels = 1 << 20
  private static let windowSide = 288
  private static let maxWindows = 16
  /// Blocks are somewhat longer than the longest wavelength, and limited to about `maxBlocks` for the bootstrap.
  private static let blockSide = 32
  private static let maxBlocks = 100.0
  private static let minBlocks = 6

  /// Estimates the shift of a pair.
  ///
  /// - Parameters:
  ///   - pair: The aligned pair.
  ///   - options: The parameters of the search.
  /// - Throws: `RasterError` if reading fails.
  public init(of pair: borrowing AlignedPair, _ options: Options = Options()) throws {
    let windows = Self.windows(in: pair.grid.window)
    let sampledPixels = windows.reduce(0) { $0 + $1.pixelCount }
    let block = max(
      Self.blockSide, Int((Double(sampledPixels) / Self.maxBlocks).squareRoot().rounded()))
    var search = ShiftSearch(radius: options.radius)
    var hasRelief = false
    for window in windows {
      let pixels = try pair.read(window)
      let slopes = SurfaceNormals(
        pixels.heights, width: window.width, ground: pair.groundSampleDistance)
      guard let slopes else { continue }
      hasRelief = true
      let highPass = HighPass(
        wavelengthInColumns: options.wavelengthInPixels, rows: options.wavelengthInPixels)
      let brightness = highPass.apply(pixels.luminance, width: window.width)
      search.add(
        brightness: Self.normalized(brightness),
        east: highPass.apply(slopes.east, width: window.width),
        north: highPass.apply(slopes.north, width: window.width), width: window.width,
        block: block)
    }
    self.init(search, hasRelief: hasRelief, options)
  }

  /// Returns brightness divided by its spread and clipped to ±2, which limits clouds, roofs and field edges.
  private static func normalized(_ values: [Float]) -> [Float] {
    let sizes = values.filter { !$0.isNaN }.map(abs)
    guard !sizes.isEmpty else { return values }
    let spread = 1.4826 * sizes.median()
    guard spread > 0 else { return values.map { $0.isNaN ? .nan : 0 } }
    return values.map { $0.isNaN ? .nan : min(max($0 / spread, -2), 2) }
  }

  init(_ search: ShiftSearch, hasRelief: Bool, _ options: Options) {
    let blocks = search.blocks.count
    let surface = search.correlations(of: Array(0..<blocks))
    let peak = ShiftPeak(of: surface)
    radius = options.radius
    self.surface = surface.values
    (columns, rows, correlation) = (peak.right, peak.down, peak.correlation)
    let light = search.hillshade(down: peak.wholeDown, right: peak.wholeRight)
    let azimuth = atan2(light.east, light.north) * 180 / .pi
    azimuthInDegrees = azimuth < 0 ? azimuth + 360 : azimuth
    var bootstrap = BlockBootstrap()
    (bootstrap.rounds, bootstrap.seed) = (options.rounds, options.seed)
    var peaks: [ShiftPeak] = []
    if blocks >= Self.minBlocks, peak.correlation > 0 {
      columnRange = bootstrap.interval(blocks: blocks) { drawn in
        peaks.append(ShiftPeak(of: search.correlations(of: drawn)))
        return peaks[peaks.count - 1].right
      }
      // The same seed gives the same draws in the same order.
      var round = 0
      rowRange = bootstrap.interval(blocks: blocks) { _ in
        round += 1
        return peaks[round - 1].down
      }
    } else {
      (columnRange, rowRange) = (nil, nil)
    }
    let width =
      [columnRange, rowRange].map { range in
        range.map { $0.upperBound - $0.lowerBound } ?? .infinity
      }.max() ?? .infinity
    doubt =
      if !hasRelief || peak.correlation == 0 { .flat } else if blocks < Self.minBlocks {
        .tooSmall
      } else if peak.correlation < options.minCorrelation {
        .weak
      } else if peak.isAtSearchEdge {
        .rim
      } else if width > options.maxRange || !peak.isWellDefined {
        .wide
      } else {
        nil
      }
  }

  /// Returns the whole of a small image, or evenly spaced windows of a large one.
  static func windows(in whole: Window) -> [Window] {
    guard whole.pixelCount > maxWholePixels else { return [whole] }
    func count(_ extent: Int, _ most: Int) -> Int { max(1, min(extent / windowSide, most)) }
    let square = Int(Double(maxWindows).squareRoot())
    var down = count(whole.height, square)
    let across = count(whole.width, maxWindows / down)
    down = count(whole.height, maxWindows / across)
    func starts(_ extent: Int, _ count: Int) -> [(Int, Int)] {
      let size = min(windowSide, extent)
      return (0..<count).map { ((2 * $0 + 1) * extent / (2 * count) - size / 2, size) }
    }
    return starts(whole.height, down).flatMap { row, height in
      starts(whole.width, across).map { column, width in
        Window(
          column: whole.column + column, row: whole.row + row, width: width, height: height)
      }
    }
  }
}
