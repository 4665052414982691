public import Tensors

/// The difference between the slopes of prediction and truth, regardless of their direction; it preserves steepness.
///
/// Σ | |∇p| − |∇t| | / M, with ∇ = (right − left, below − above) / 2 over the M pixels whose four neighbors have a
/// valid truth. Losses of the differences themselves, such as gradient matching, favor slopes that are too small when
/// the direction is uncertain. This loss does not.
///
/// Source of ∇: L. W. Zevenbergen and C. R. Thorne, doi:10.1002/esp.3290120107, G and H of their surface.
public struct SlopeLoss: Sendable, Hashable {
  /// Creates the loss.
  public init() {}

  /// Returns the loss of a batch and its gradient.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, row, column, channel]`.
  ///   - truth: The same shape; values that are not finite are void.
  /// - Returns: 0 if no pixel has four valid neighbors, and NaN if any value of the prediction is not finite.
  public func callAsFunction(_ prediction: Tensor, truth: Tensor) -> Loss {
    guard Loss.isDefined(prediction, against: truth) else { return .undefined(prediction.shape) }
    let (batch, rows, columns, channels) = truth.shape.image
    let (p, t) = (prediction.scalars, truth.scalars)
    var (sum, count) = (0.0, 0)
    var gradient = [Float](repeating: 0, count: p.count)
    for row in 0..<batch * rows where !isEdge(row % rows, of: rows) {
      for column in 0..<columns where !isEdge(column, of: columns) {
        for channel in 0..<channels {
          let pixel = (row * columns + column) * channels + channel
          let (left, right) = (pixel - channels, pixel + channels)
          let (above, below) = (pixel - columns * channels, pixel + columns * channels)
          func slope(_ heights: [Float]) -> (east: Float, south: Float, size: Float) {
            let east = (heights[right] - heights[left]) / 2
            let south = (heights[below] - heights[above]) / 2
            return (east, south, (east * east + south * south).squareRoot())
          }
          let (found, expected) = (slope(p), slope(t).size)
          guard expected.isFinite else { continue }
          count += 1
          let excess = found.size - expected
          sum += Double(abs(excess))
          guard found.size > 0, excess != 0 else { continue }
          let pull = (excess > 0 ? 0.5 : -0.5) / found.size
          gradient[right] += pull * found.east
          gradient[left] -= pull * found.east
          gradient[below] += pull * found.south
          gradient[above] -= pull * found.south
        }
      }
    }
    guard count > 0 else { return Loss(value: 0, gradient: Tensor(prediction.shape)) }
    let share = 1 / Float(count)
    return Loss(
      value: sum / Double(count),
      gradient: Tensor(prediction.shape, gradient.map { share * $0 }))
  }

  private func isEdge(_ place: Int, of count: Int) -> Bool { place == 0 || place == count - 1 }
}
