import Foundation
import Grids
import Evaluation
import Reports
import Rasters
import Scenes
import Surfaces
import TestSupport
import Testing

/// Tests errors by terrain class and tile distance, and that blocks add up to the whole.
@Suite struct TerrainClassTests {
  /// A lake on a plane that rises at 10°.
  @Test func `errors are assigned to the right terrain class`() throws {
    let rise = tan(10 * Double.pi / 180)
    let isLake = { (east: Double) in east > 1200 && east < 2400 }
    let land = { (east: Double, _: Double) in isLake(east) ? 50 : 100 + rise * east }
    let truth = try heightRaster(width: 100, height: 60, land)
    let ours = try heightRaster(width: 100, height: 60) { east, south in
      land(east, south) + (isLake(east) ? 7 : -2)
    }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth)).surfaces[0]
    func part(_ name: String) -> EvaluatedSurface.Part? { found.strata.first { $0.name == name } }
    // The shore counts as land: two pixels on either side.
    let water = try #require(part("water"))
    #expect(water.accuracy.count == (40 - 4) * 60 && abs(water.accuracy.bias - 7) < 1e-4)
    let slopes = try #require(part("slope 5–15°"))
    #expect(slopes.accuracy.count > 50 * 58)
    #expect(abs(slopes.accuracy.median + 2) < 1e-4)
    #expect(try #require(part("land")).accuracy.count + water.accuracy.count == 6000)
  }

  @Test func `a mask determines where water is`() throws {
    let truth = try heightRaster(width: 50, height: 50) { hills($0, $1) }
    let ours = try heightRaster(width: 50, height: 50) { hills($0, $1) + ($0 < 600 ? 4 : 0) }
    var request = EvaluationRequest.quick(ours, truth)
    request.water = try heightRaster(width: 50, height: 50, unit: "") { east, _ in
      east < 600 ? 1 : 0
    }
    let found = try SiteEvaluation.evaluate(request).surfaces[0]
    let water = try #require(found.strata.first { $0.name == "water" })
    #expect(water.accuracy.count == 20 * 50 && abs(water.accuracy.bias - 4) < 1e-4)
  }

  /// Tiles of 40 pixels that overlap by 8 begin at 0, 32, 64 and end at 40, 72.
  @Test func `errors at tile edges appear at distance 0 to 4`() throws {
    let lines = [32.0, 40, 64, 72].map { $0 * 30 }
    let truth = try heightRaster(width: 104, height: 104) { hills($0, $1) }
    let ours = try heightRaster(width: 104, height: 104) { east, south in
      let nearest = lines.flatMap { [abs(east - $0), abs(south - $0)] }.min() ?? 0
      return hills(east, south) + (nearest < 4 * 30 ? 6 : 0)
    }
    var request = EvaluationRequest.quick(ours, truth)
    request.tiling = try SeamAudit.Tiling(size: 40, overlap: 8)
    let parts = try SiteEvaluation.evaluate(request).surfaces[0].tileDistances
    #expect(parts.map(\.name) == ["4", "8", "16", "32"])
    #expect(abs(parts[0].accuracy.bias - 6) < 1e-4)
    #expect(parts.dropFirst().allSatisfy { abs($0.accuracy.bias) < 1e-4 })
    let count: Int = parts.map(\.accuracy.count).reduce(0, +)
    #expect(count == 104 * 104)
    request.tiling = nil
    #expect(try SiteEvaluation.evaluate(request).surfaces[0].tileDistances.isEmpty)
  }

  /// Types that process the whole raster at once must give the same metrics as all blocks together.
  @Test func `metrics of blocks equal those of the whole raster`() throws {
    let (width, height) = (130, 110)
    let noise = noise(width * height)
    var index = 0
    let truth = try heightRaster(width: width, height: height) { hills($0, $1) }
    let ours = try heightRaster(width: width, height: height) { east, south in
      index += 1
      let isVoid = (index * 7919) % 97 == 0
      return isVoid
        ? .nan : hills(east, south) + 9 * sin(east / 400) + Double(noise[index - 1]) / 4096
    }
    let found = try SiteEvaluation.evaluate(.quick(ours, truth))
    let (a, b) = (try values(ours), try values(truth))
    let accuracy = try #require(Accuracy(of: a, to: b))
    #expect(found.surfaces[0].count == accuracy.count)
    func near(_ metric: Metric, _ value: Double, _ tolerance: Double = 1e-6) throws {
      let figure = try #require(found.figure(metric))
      #expect(abs(figure - value) <= tolerance * max(1, abs(value)), "\(metric) \(figure) \(value)")
    }
    try near(.bias, accuracy.bias)
    try near(.rmse, accuracy.rmse)
    try near(.nmad, accuracy.nmad)
    try near(.le68, accuracy.le68)
    try near(.le90, accuracy.le90)
    let masked = zip(a, b).map { $0.isNaN ? Float.nan : $1 }
    let ground = try #require(try Dataset(reading: truth).groundSampleDistance())
    let slopes = try #require(
      SlopeAgreement(
        of: a, to: masked, width: width, pixelWidth: ground.x, pixelHeight: ground.y))
    try near(.slopeBias, slopes.bias)
    try near(.slopeRMSE, slopes.rmse)
    try near(.inversionRate, slopes.inversionRate)
    let filter = HighPass(wavelengthInColumns: 5000 / ground.x, rows: 5000 / ground.y)
    let (fineA, fineB) = (
      filter.apply(flattened(a, width), width: width),
      filter.apply(flattened(masked, width), width: width)
    )
    let pairs = zip(fineA, fineB).filter { !$0.0.isNaN }.map { (Double($0), Double($1)) }
    let n = Double(pairs.count)
    let (mx, my) = (pairs.reduce(0) { $0 + $1.0 } / n, pairs.reduce(0) { $0 + $1.1 } / n)
    let xy = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let xx = pairs.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
    let yy = pairs.reduce(0) { $0 + ($1.1 - my) * ($1.1 - my) }
    try near(.correlation, xy / (xx * yy).squareRoot(), 1e-5)
  }

  /// Subtracts the least-squares plane, by normal equations about the mean.
  private func flattened(_ z: [Float], _ width: Int) -> [Float] {
    let known = z.indices.filter { !z[$0].isNaN }
    let n = Double(known.count)
    let (x, y) = (known.map { Double($0 % width) }, known.map { Double($0 / width) })
    let v = known.map { Double(z[$0]) }
    let (mx, my, mv) = (x.reduce(0, +) / n, y.reduce(0, +) / n, v.reduce(0, +) / n)
    func product(_ a: [Double], _ ma: Double, _ b: [Double], _ mb: Double) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
    }
    let (xx, yy, xy) = (product(x, mx, x, mx), product(y, my, y, my), product(x, mx, y, my))
    let (xv, yv) = (product(x, mx, v, mv), product(y, my, v, mv))
    let p = (xv * yy - yv * xy) / (xx * yy - xy * xy)
    let q = (yv * xx - xv * xy) / (xx * yy - xy * xy)
    return z.indices.map {
      Float(Double(z[$0]) - mv - p * (Double($0 % width) - mx) - q * (Double($0 / width) - my))
    }
  }

  private func values(_ path: String) throws -> [Float] {
    let dataset = try Dataset(reading: path)
    return try dataset.read(dataset.grid.window, band: 1)
  }

  /// With independent errors for each block, the interval of the mean is known from theory.
  @Test func `bootstrap intervals match theory`() throws {
    // Blocks of 16 pixels, each with its own constant error.
    let errors = noise(64).map { Double($0) / Double(1 << 14) }
    let truth = try heightRaster(width: 128, height: 128) { hills($0, $1) }
    let ours = try heightRaster(width: 128, height: 128) { east, south in
      hills(east, south) + errors[Int(south / 480) * 8 + Int(east / 480)]
    }
    var request = EvaluationRequest.quick(ours, truth)
    request.bootstrap.rounds = 1000
    let found = try SiteEvaluation.evaluate(request)
    #expect((found.blockSide, found.blocks) == (16, 64))
    let mean = errors.reduce(0, +) / 64
    let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 63).squareRoot()
    let bias = try #require(found.surfaces[0].figures[.bias])
    let interval = try #require(bias.interval)
    #expect(abs(bias.value - mean) < 1e-5)
    #expect(abs(interval.lowerBound - (mean - 1.96 * deviation / 8)) < 0.03 * deviation)
    #expect(abs(interval.upperBound - (mean + 1.96 * deviation / 8)) < 0.03 * deviation)
    // Intervals of quantiles contain their values, too.
    for metric in [Metric.nmad, .le68, .le90] {
      let figure = try #require(found.surfaces[0].figures[metric])
      let range = try #require(figure.interval)
      #expect(range.contains(figure.value) && range.lowerBound < range.upperBound)
    }
  }
}
