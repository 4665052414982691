import Foundation
import Grids
import Surfaces

/// How far a DEM lies beside its image, found by the light on its slopes.
///
/// Fine brightness is regressed on the fine forms of the surface's normal for every whole shift: the best hillshade of all
/// azimuths. Where they agree best, the two lie on one another. Blocks of ground, drawn anew, say how sure that is.
/// The idea is that of matching images with simulated shade (B. K. P. Horn and B. L. Bachman, Communications of the ACM 21,
/// 1978, doi:10.1145/359642.359645).
public struct PairShift: Sendable, Hashable, Codable {
  /// Why the shift is not known.
  public enum Doubt: String, Sendable, Codable {
    case tooSmall = "too few pixels to shift"
    case flat = "no relief to cast shade"
    case weak = "the image hardly follows the relief"
    case wide = "the ground doesn't agree with itself"
    case rim = "the best shift is the largest one tried"
  }

  /// How far the DEM lies to the right of the image, and below it, in the image's pixels.
  public let columns: Double
  public let rows: Double
  /// Where 95 % of the bootstrap's rounds lie; nil with too few blocks.
  public let columnRange: ClosedRange<Double>?
  public let rowRange: ClosedRange<Double>?
  /// Between fine brightness and the best hillshade, 0…1.
  public let correlation: Double
  /// Where the light comes from, in degrees clockwise from the top of the image.
  public let azimuthInDegrees: Double
  /// Nil where the shift can be believed.
  public let doubt: Doubt?
  /// Shifts of up to so many pixels were tried.
  public let radius: Int
  /// Correlations over shifts, `[row, column]` from −radius to radius.
  public let surface: [Double]

  /// The length of the shift in pixels.
  public var distance: Double { (columns * columns + rows * rows).squareRoot() }

  /// How shifts are searched for.
  public struct Options: Sendable, Hashable {
    /// Shifts of up to so many pixels.
    public var radius = 8
    /// Waves longer than this are left out: land cover has most of them.
    public var wavelengthInPixels = 24.0
    /// A correlation below this is too weak to believe in, however many pixels agree.
    public var leastCorrelation = 0.08
    /// A range wider than this, in pixels, tells too little: half of it is how far off the shift may be.
    public var widestRange = 0.6
    /// Of the bootstrap.
    public var rounds = 400
    public var seed: UInt64 = 42

    public init() {}
  }

  /// At most so many pixels are looked at, in windows spread evenly.
  private static let wholePixels = 1 << 20
  private static let windowSide = 288
  private static let mostWindows = 16
  /// A block is a little longer than the longest wave, and the bootstrap has at most about so many.
  private static let blockSide = 32
  private static let mostBlocks = 100.0
  private static let leastBlocks = 6

  /// Measures a pair.
  ///
  /// - Parameters:
  ///   - pair: An aligned one.
  ///   - options: How.
  /// - Throws: `RasterError` when reading fails.
  public init(of pair: borrowing AlignedPair, _ options: Options = Options()) throws {
    let windows = Self.windows(in: pair.grid.window)
    let looked = windows.reduce(0) { $0 + $1.pixelCount }
    let block = max(
      Self.blockSide, Int((Double(looked) / Self.mostBlocks).squareRoot().rounded()))
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
        brightness: Self.tamed(brightness),
        east: highPass.apply(slopes.east, width: window.width),
        north: highPass.apply(slopes.north, width: window.width), width: window.width,
        block: block)
    }
    self.init(search, hasRelief: hasRelief, options)
  }

  /// Brightness by its own spread, with clouds, roofs and the edges of fields held to twice that.
  private static func tamed(_ values: [Float]) -> [Float] {
    let sizes = values.filter { !$0.isNaN }.map(abs).sorted()
    guard !sizes.isEmpty else { return values }
    let spread = 1.4826 * sizes[sizes.count / 2]
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
    if blocks >= Self.leastBlocks, peak.correlation > 0 {
      columnRange = bootstrap.interval(blocks: blocks) { drawn in
        peaks.append(ShiftPeak(of: search.correlations(of: drawn)))
        return peaks[peaks.count - 1].right
      }
      // The same draws in the same order.
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
      if !hasRelief || peak.correlation == 0 { .flat } else if blocks < Self.leastBlocks {
        .tooSmall
      } else if peak.correlation < options.leastCorrelation {
        .weak
      } else if peak.isAtRim {
        .rim
      } else if width > options.widestRange || !peak.isHill {
        .wide
      } else {
        nil
      }
  }

  /// All of a small image, or windows spread over a large one.
  static func windows(in whole: Window) -> [Window] {
    guard whole.pixelCount > wholePixels else { return [whole] }
    func count(_ extent: Int, _ most: Int) -> Int { max(1, min(extent / windowSide, most)) }
    let square = Int(Double(mostWindows).squareRoot())
    var down = count(whole.height, square)
    let across = count(whole.width, mostWindows / down)
    down = count(whole.height, mostWindows / across)
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
