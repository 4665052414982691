import Surfaces

/// How a tile fits its neighbors and the surface that defines scale and offset, and the range of its own heights.
///
/// This is all that calibration needs to know of a tile.
struct TileFits: Sendable {
  /// The lowest and the highest value; nil if the tile has no heights.
  var range: (lowest: Float, highest: Float)?
  /// The fit to the left neighbor, if they overlap.
  var left: AffineFit?
  /// The fit to the upper neighbor, if they overlap.
  var above: AffineFit?
  /// The fit to the reference, if there is one.
  var reference: AffineFit?

  /// The number of numbers that are stored for a tile.
  static let numberCount = 3 + 3 * AffineFit.numberCount

  /// The stored numbers.
  var numbers: [Double] {
    let none = [Double](repeating: 0, count: AffineFit.numberCount)
    return [range == nil ? 0 : 1, Double(range?.lowest ?? 0), Double(range?.highest ?? 0)]
      + [left, above, reference].flatMap { $0?.numbers ?? none }
  }

  /// Creates the fits of a tile without heights.
  init() {}

  /// Creates fits from their stored numbers.
  init(numbers: ArraySlice<Double>) {
    let first = numbers.startIndex
    if numbers[first] != 0 {
      range = (Float(numbers[first + 1]), Float(numbers[first + 2]))
    }
    func fit(_ place: Int) -> AffineFit? {
      let start = first + 3 + place * AffineFit.numberCount
      let numbers = numbers[start..<start + AffineFit.numberCount]
      return numbers[start] > 0 ? AffineFit(numbers: numbers) : nil
    }
    (left, above, reference) = (fit(0), fit(1), fit(2))
  }
}
