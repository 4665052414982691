/// Erosion of uplifted terrain by rivers and hillslope processes.
///
/// Rivers incise by the stream-power law ∂h/∂t = U − K √A |∇h|, solved implicitly from the outlets upstream and so
/// stable for any step: J. Braun, S. D. Willett, Geomorphology 180–181 (2013),
/// doi:10.1016/j.geomorph.2012.10.008. Slopes creep (linear diffusion) and slide beyond a critical slope, as
/// in G. Cordonnier et al., Computer Graphics Forum 35 (2016), doi:10.1111/cgf.12820.
public struct Erosion: Hashable, Sendable {
  /// K, per year: the incision rate at unit slope per square root of catchment area.
  public var erodibility: Float = 4.5e-6
  /// The diffusivity of slopes, in square meters per year.
  public var diffusivity: Float = 0.04
  /// The steepest stable slope of rock with softness 1, in meters of rise per meter: about 37°.
  public var criticalSlope: Float = 0.75
  /// The slope of the sediment that fills depressions, in meters of rise per meter.
  public var sedimentSlope: Float = 0.001

  /// Creates erosion with default parameters.
  public init() {}

  /// Erodes a field over a number of years.
  ///
  /// - Parameters:
  ///   - field: The terrain, without voids; rivers end at its edge.
  ///   - years: The duration of the step; any value is stable, smaller ones are more accurate.
  ///   - uplift: `[row, column]`, in meters per year; may be negative where terrain subsides.
  ///   - softness: `[row, column]`, factors of the erodibility, above 0.
  ///   - noise: Keeps rivers from following the grid directions; a new one for each step lets them migrate.
  public func erode(
    _ field: inout HeightField, years: Float, uplift: [Float], softness: [Float],
    noise: PositionalNoise
  ) {
    precondition(uplift.count == field.heights.count && softness.count == field.heights.count)
    precondition(!field.heights.contains { $0.isNaN }, "erosion requires terrain without voids")
    diffuse(&field, years: years)
    let drainage = Drainage(of: field, roughness: (noise, 0.4))
    let areas = drainage.areas
    let diagonal = Float(2).squareRoot()
    for index in drainage.order.map({ Int($0) }) {
      let receiver = Int(drainage.receivers[index])
      guard receiver != index else { continue }  // an outlet is neither uplifted nor eroded
      let step = abs(receiver - index)
      let isStraight = step == 1 || step == field.width
      let distance = field.gsdInMeters * (isStraight ? 1 : diagonal)
      let below = field.heights[receiver]
      let risen = field.heights[index] + uplift[index] * years
      let cut = erodibility * softness[index] * years * areas[index].squareRoot() / distance
      let worn = risen > below ? (risen + cut * below) / (1 + cut) : risen
      // Depressions are filled with sediment; slopes that are too steep slide.
      let filled = max(worn, below + sedimentSlope * distance)
      let steepest = criticalSlope / softness[index].squareRoot() * field.gsdInMeters
      field.heights[index] = min(filled, field.lowestReach(from: index, rise: steepest, noise))
    }
  }

  /// Fills valleys with gravel, thicker for larger rivers, which gives them flat floors.
  ///
  /// The thickness is `perCatchment` meters times the square root of the catchment in km². It decreases to zero in
  /// headwaters, at catchments of 1 km², and where rivers leave the mountains for a plain.
  public func fillValleys(of field: inout HeightField, perCatchment: Float) {
    let drainage = Drainage(of: field)
    let areas = drainage.areas
    let bedrock = field.heights
    let mountainFall = 0.02 * field.gsdInMeters
    for index in drainage.order.map({ Int($0) }) {
      let receiver = Int(drainage.receivers[index])
      guard receiver != index else { continue }
      let confinement = min(max(bedrock[index] - bedrock[receiver], 0) / mountainFall, 1)
      let torrents = max((areas[index] * 1e-6).squareRoot() - 1, 0)
      let bed = field.heights[receiver] + sedimentSlope * field.gsdInMeters
      field.heights[index] = max(bedrock[index] + perCatchment * torrents * confinement, bed)
    }
  }

  /// Applies implicit diffusion along rows, then along columns, with no flux across the edges; stable for any step.
  ///
  /// Source: G. I. Marchuk's splitting of the heat equation; each half is a tridiagonal system (Thomas algorithm).
  private func diffuse(_ field: inout HeightField, years: Float) {
    let number = diffusivity * years / (field.gsdInMeters * field.gsdInMeters)
    let (width, height) = (field.width, field.height)
    for row in 0..<height {
      solve(&field.heights, lines: 1, from: row * width, count: width, stride: 1, number)
    }
    solve(&field.heights, lines: width, from: 0, count: height, stride: width, number)
  }

  /// Solves (1 + 2r) uᵢ − r (uᵢ₋₁ + uᵢ₊₁) = dᵢ in place along `lines` adjacent lines of `count` values.
  private func solve(
    _ values: inout [Float], lines: Int, from start: Int, count: Int, stride: Int, _ r: Float
  ) {
    guard count > 1 else { return }
    var factors = [Float](repeating: 0, count: count)
    for i in 0..<count {
      let isEnd = i == 0 || i == count - 1
      let pivot = 1 + (isEnd ? r : 2 * r) - (i > 0 ? r * factors[i - 1] : 0)
      factors[i] = r / pivot
      let here = start + i * stride
      for line in 0..<lines {
        let carried = i > 0 ? r * values[here - stride + line] : 0
        values[here + line] = (values[here + line] + carried) / pivot
      }
    }
    for i in (0..<count - 1).reversed() {
      let here = start + i * stride
      for line in 0..<lines {
        values[here + line] += factors[i] * values[here + stride + line]
      }
    }
  }
}

extension HeightField {
  /// Returns the largest height at which a pixel is stable if terrain rises by `rise` per pixel from its eight
  /// neighbors.
  ///
  /// The rise varies randomly by direction: with eight exact angles, slopes would form a pyramid.
  fileprivate func lowestReach(from index: Int, rise: Float, _ noise: PositionalNoise) -> Float {
    var reach = Float.infinity
    for (k, neighbor) in Drainage.neighbors.enumerated() {
      let height = heights[index + neighbor.row * width + neighbor.column]
      let chance = 0.75 + 0.5 * noise.uniform(index * 8 + k, 1)
      reach = min(reach, height + rise * neighbor.distance * chance)
    }
    return reach
  }
}
