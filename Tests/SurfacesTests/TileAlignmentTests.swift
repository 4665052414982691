import AlignmentTestBed
import Grids
import Surfaces
import Testing

@Suite struct TileAlignmentTests {
  /// Returns heights of aperiodic hills.
  private static func height(_ place: Int) -> Double {
    Double((place * 7919) % 211) + Double((place * 104_729) % 97) / 3
  }

  /// Fits two tiles of a row over their common area, each observed with its own scale and offset.
  private static func fit(
    _ area: Range<Int>, of first: (Double, Double), with second: (Double, Double)
  ) throws -> AffineFit {
    let observed = { (calibration: (Double, Double)) in
      area.map { Float((height($0) - calibration.1) / calibration.0) }
    }
    return try #require(AffineFit(of: observed(first), to: observed(second)))
  }

  /// The scale and offset of each tile.
  private static let truths: [(Double, Double)] = (0..<12).map { tile in
    let scale: Double = 0.3 + Double(tile * 7 % 5)
    let shift: Double = 40 * Double(tile * 13 % 7)
    return (scale, shift)
  }

  private static func chain(_ tiles: Range<Int>) throws -> [TileAlignment.Overlap] {
    try tiles.dropLast().map { tile in
      .init(
        of: tile, with: tile + 1,
        try fit(tile * 200..<tile * 200 + 120, of: truths[tile], with: truths[tile + 1]))
    }
  }

  @Test func `tiles without errors get their true scales and offsets`() throws {
    let anchor = try Self.fit(500..<620, of: Self.truths[3], with: (1, 0))
    let alignment = TileAlignment(
      tiles: 12, overlaps: try Self.chain(0..<12) + [.init(of: 3, with: nil, anchor)])
    for (calibration, (scale, shift)) in zip(alignment.calibrations, Self.truths) {
      let calibration = try #require(calibration)
      #expect(abs(calibration.scale / scale - 1) < 1e-4)
      #expect(abs(calibration.shift - shift) < 0.05)
    }
  }

  @Test func `without a reference, the mean scale is 1 and the mean offset is 0`() throws {
    let calibrations = TileAlignment(tiles: 12, overlaps: try Self.chain(0..<12)).calibrations
      .compactMap { $0 }
    #expect(calibrations.count == 12)
    let product = calibrations.map(\.scale).reduce(1, *)
    #expect(abs(product - 1) < 1e-3)
    let sum = calibrations.map(\.shift).reduce(0, +)
    #expect(abs(sum) < 0.1)
    // The tiles are nevertheless calibrated consistently: all give the same height for the same place.
    let heights = zip(calibrations, Self.truths).map { (calibration, truths) -> Double in
      calibration.scale * (100 - truths.1) / truths.0 + calibration.shift
    }
    #expect(heights.allSatisfy { abs($0 - heights[0]) < 0.1 })
  }

  @Test func `tiles without a chain of overlaps to the reference have no calibration`() throws {
    let anchor = try Self.fit(0..<120, of: Self.truths[0], with: (1, 0))
    let overlaps =
      try Self.chain(0..<5) + Self.chain(5..<9) + [.init(of: 0, with: nil, anchor)]
    let calibrations = TileAlignment(tiles: 9, overlaps: overlaps).calibrations
    #expect(
      calibrations.map { $0 != nil } == [true, true, true, true, true, false, false, false, false])
  }

  @Test func `a flat tile takes the scale of its neighbors and matches their heights`() throws {
    let flat = [Float](repeating: 5, count: 120)
    let shore = [Float](repeating: 80, count: 120)
    let overlaps: [TileAlignment.Overlap] = [
      .init(of: 0, with: 1, try Self.fit(0..<120, of: (2, 0), with: (4, 0))),
      .init(of: 1, with: 2, try #require(AffineFit(of: shore, to: flat))),
      .init(of: 0, with: nil, try Self.fit(0..<120, of: (2, 0), with: (1, 0))),
    ]
    let calibrations = TileAlignment(tiles: 3, overlaps: overlaps).calibrations
    let (land, sea) = (try #require(calibrations[1]), try #require(calibrations[2]))
    #expect(abs(sea.scale / land.scale - 1) < 1e-3 && sea.trust == 0 && land.trust > 0.5)
    #expect(abs(sea.scale * 5 + sea.shift - land.scale * 80 - land.shift) < 0.1)
  }

  @Test func `a single wrong overlap does not affect the result`() throws {
    // A ring of tiles in which one pair disagrees, as if one of the two showed clouds.
    var overlaps = try Self.chain(0..<12)
    for tile in 0..<10 {
      overlaps.append(
        .init(
          of: tile, with: tile + 2,
          try Self.fit(
            tile * 90..<tile * 90 + 120, of: Self.truths[tile], with: Self.truths[tile + 2]))
      )
    }
    overlaps.append(
      .init(of: 0, with: nil, try Self.fit(0..<120, of: Self.truths[0], with: (1, 0))))
    let wrongFit = try Self.fit(0..<120, of: (9, -300), with: (0.1, 700))
    overlaps[4] = .init(of: 4, with: 5, wrongFit)
    let calibrations = TileAlignment(tiles: 12, overlaps: overlaps).calibrations
    for (calibration, (scale, shift)) in zip(calibrations, Self.truths) {
      let calibration = try #require(calibration)
      #expect(abs(calibration.scale / scale - 1) < 0.02)
      #expect(abs(calibration.shift - shift) < 4)
    }
  }

  /// The errors of the tiles, and the best RMSE, in percent of the range, that the prototype reached with them.
  private static let cases = [
    (AlignmentTestBed.Errors(noise: 0.1, bend: 0.05, outliers: 0), 1.3),
    (AlignmentTestBed.Errors(noise: 0.2, bend: 0.1, outliers: 0.05), 3.2),
    (AlignmentTestBed.Errors(noise: 0.4, bend: 0.2, outliers: 0.05), 3.8),
  ]

  @Test(arguments: cases)
  func `1,200 tiles with errors reach the RMSE of the prototype, and an overview improves it`(
    errors: AlignmentTestBed.Errors, limit: Double
  ) {
    let bed = AlignmentTestBed(rows: 30, columns: 40, errors: errors)
    let truth = bed.evaluateTruth()
    let all = bed.overlaps()
    let evaluations = [all.filter { $0.second != nil }, all].map { overlaps in
      bed.evaluate(TileAlignment(tiles: bed.tiles.count, overlaps: overlaps).calibrations)
    }
    #expect(evaluations[1].rmse <= limit && evaluations[1].rmse <= evaluations[0].rmse)
    #expect(evaluations[1].reliefKept >= 0.97)
    // Compared with the true scales; the remaining error is that of any fit of the whole surface.
    #expect(abs(evaluations[1].scaleBias - truth.scaleBias) < 0.03)
  }
}
