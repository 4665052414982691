import Evaluation
import Foundation
import TestSupport
import Testing

/// Cells of a known land, and an image of its slopes.
@Suite struct SharpeningTests {
  private static let (width, height, gsd) = (240, 200, 30.0)

  private let dem: String
  private let image: String
  private let noise: String

  init() throws {
    dem = try heightRaster(width: Self.width, height: Self.height, Self.land)
    image = try heightRaster(width: Self.width, height: Self.height, unit: "") { east, south in
      let fall = Self.land(east - 15, south - 15) - Self.land(east + 15, south + 15)
      return 1000 * exp(fall / 100)
    }
    let values = TestSupport.noise(Self.width * Self.height)
    noise = try heightRaster(width: Self.width, height: Self.height, unit: "1") { east, south in
      Double(values[Int(south / Self.gsd) * Self.width + Int(east / Self.gsd)])
    }
  }

  /// The hills, with smaller ones on them.
  private static func land(_ east: Double, _ south: Double) -> Double {
    hills(east, south) + 15 * sin(east / 60 + 1) * cos(south / 75) + 30 * sin((east + south) / 150)
  }

  private func trials(
    _ heights: String, cells: [Int], _ change: (inout EvaluationRequest) -> Void = { _ in }
  ) throws -> [SharpeningTrial] {
    var request = EvaluationRequest.quick(heights, dem)
    request.image = image
    change(&request)
    return try SharpeningTrial.run(request, cells: cells)
  }

  @Test func `slopes in the image sharpen cells, and noise instead of heights adds nothing`() throws
  {
    let trial = try #require(try trials(noise, cells: [4]).first)
    #expect(trial.columns == 60 && trial.rows == 50)
    #expect(trial.candidates.map(\.name) == ["network", "shading", "both"])
    let (network, shading) = (trial.candidates[0], trial.candidates[1])
    #expect(!network.isSharpened && network.rmse.value == 1)
    #expect(shading.isSharpened && shading.rmse.value < 0.8 && shading.slope.value < 0.9)
    let interval = try #require(shading.rmse.interval)
    #expect(interval.contains(shading.rmse.value) && interval.upperBound < 1)
  }

  @Test func `the land itself as heights leaves little error`() throws {
    let trial = try #require(try trials(dem, cells: [6]) { $0.image = noise }.first)
    #expect(trial.candidates[0].rmse.value < 0.6)
    #expect(trial.candidates[0].worseBlocks < 0.1)
  }

  @Test func `cells of another DEM are compared with the same truth`() throws {
    let raised = try heightRaster(width: Self.width, height: Self.height) {
      Self.land($0, $1) + 1000
    }
    let trial = try #require(try trials(noise, cells: [4]) { $0.anchor = raised }.first)
    #expect(abs(trial.candidates[1].rmse.value - 1) < 0.01, "a bias of 1000 m remains")
  }

  @Test func `a report has a line for each site, size of cells and candidate`() throws {
    let report = SharpeningReport(try trials(noise, cells: [4, 8]))
    let lines = report.csv.split(separator: "\n")
    #expect(lines.count == 7 && lines[0].hasPrefix("site,cell,columns,rows,candidate"))
    #expect(report.text.contains("60 × 50 of 4") && report.text.contains("mean"))
  }

  @Test func `cells that are too large for a site are left out, and an image is required`() throws {
    #expect(try trials(noise, cells: [101, 100]).map(\.cell) == [100])
    #expect(throws: (any Error).self) { try trials(noise, cells: [4]) { $0.image = nil } }
  }
}
