import Surfaces
import Testing

@Suite struct AffineFitTests {
  private static let relief = (0..<400).map { Float(($0 * 7919) % 211) / 10 }

  @Test(arguments: [(2.0, 5.0), (0.01, -300), (40, 0)])
  func `an exact relation is found exactly`(scale: Double, shift: Double) throws {
    let reference = Self.relief.map { Float(scale * Double($0) + shift) }
    let fit = try #require(AffineFit(of: Self.relief, to: reference))
    #expect(abs(fit.scale / scale - 1) < 1e-4)
    #expect(abs(fit.shift - shift) < 1e-3 * max(1, abs(shift)))
    #expect(fit.correlation > 0.9999 && fit.count == 400)
  }

  @Test func `outliers do not move it`() throws {
    var reference = Self.relief.map { 3 * $0 + 1 }
    for i in stride(from: 0, to: 400, by: 20) { reference[i] += 500 }
    let fit = try #require(AffineFit(of: Self.relief, to: reference))
    #expect(abs(fit.scale - 3) < 0.1 && abs(fit.shift - 1) < 1)
  }

  @Test func `noise on both sides does not flatten`() throws {
    let noise = (0..<800).map { Float(($0 * 104_729) % 1009) / 1009 * 8 - 4 }
    let values = Self.relief.indices.map { Self.relief[$0] + noise[$0] }
    let reference = Self.relief.indices.map { Self.relief[$0] + noise[400 + $0] }
    let fit = try #require(AffineFit(of: values, to: reference))
    #expect(abs(fit.scale - 1) < 0.05)
  }

  @Test func `pixels without a value on either side are left out`() throws {
    var values = Self.relief
    var reference = Self.relief.map { 2 * $0 }
    for i in 0..<100 { values[i] = .nan }
    for i in 50..<150 { reference[i] = .nan }
    let fit = try #require(AffineFit(of: values, to: reference))
    #expect(fit.count == 250 && abs(fit.scale - 2) < 1e-5)
    #expect(AffineFit(of: [.nan, 1], to: [1, .nan]) == nil)
  }

  @Test func `a flat tile takes the common scale and keeps its height`() {
    let good = AffineFit(scale: 4, shift: 1, correlation: 1, count: 9)
    let flat = AffineFit(scale: 1, shift: 6, correlation: 0, count: 9)
    let steadied = AffineFit.steadied([good, flat, good], centres: [0, 10, 0])
    #expect(steadied[0] == good)
    #expect(steadied[1].scale == 4)
    #expect(steadied[1].scale * 10 + steadied[1].shift == flat.scale * 10 + flat.shift)
  }

  @Test func `a tile that runs against the overview takes the common scale`() throws {
    let reversed = try #require(AffineFit(of: Self.relief, to: Self.relief.map { -9 * $0 }))
    #expect(reversed.correlation < -0.9)
    let good = AffineFit(scale: 2, shift: 0, correlation: 0.9, count: 9)
    #expect(AffineFit.steadied([good, reversed], centres: [0, 10])[1].scale == 2)
  }
}
