public import DepthModels
import Synchronization
public import Tensors

/// A stepwise refiner with a known result: each step adds to its input an offset that depends on the tile's image.
///
/// Its latents are lossless: a latent pixel holds the pixels of a square, and images are padded as for real networks.
public struct TileOffsetRefiner: SteppedRefiner {
  /// The number of steps.
  public let steps: Int
  /// The side of a latent pixel, in image pixels.
  public let reduction: Int
  /// The number that tiles are padded to multiples of.
  public let multiple: Int
  /// The range that heights are normalized by.
  public let heightRange = HeightRange.shared
  private let failing: Int?
  private let calls = Calls()

  /// Creates a refiner whose estimate with the zero-based index `failing` is NaN; nil for none.
  public init(steps: Int, reduction: Int = 1, multiple: Int = 1, failing: Int? = nil) {
    (self.steps, self.reduction, self.multiple) = (steps, reduction, multiple)
    self.failing = failing
  }

  private final class Calls: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock { count in
        defer { count += 1 }
        return count
      }
    }
  }

  /// The number of pixels per latent pixel.
  public var coarseChannels: Int { reduction * reduction }
  /// One channel, which holds the offset.
  public var imageChannels: Int { 1 }

  /// Returns the rows and columns of the latents, after padding.
  public func latentSize(rows: Int, columns: Int) -> (rows: Int, columns: Int) {
    func cells(_ extent: Int) -> Int { (extent + multiple - 1) / multiple * multiple / reduction }
    return (cells(rows), cells(columns))
  }

  /// Returns the steps in the order in which they run.
  public func schedule(_ options: RefineOptions) -> [ProgressiveBlending.Step] {
    Array(ProgressiveBlending(steps: steps, epsilon: 0.8, evaluations: options.steps))
  }

  /// Returns the offset of an image, in −0.3…0.3, which differs for almost any two images.
  public static func offset(of image: Tensor) -> Float {
    let sum = image.scalars.reduce(0) { $0 + Int($1) }
    return Float(sum % 7 - 3) / 10
  }

  /// Returns the coarse map as latents, and a map of the image's offset.
  public func conditions(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> RefineConditions {
    let size = latentSize(rows: image.shape[1], columns: image.shape[2])
    let padded = coarse.extended(rows: size.rows * reduction, columns: size.columns * reduction)
    return RefineConditions(
      coarse: Self.gathered(padded, reduction, size.rows, size.columns),
      image: Tensor([1, size.rows, size.columns, 1], repeating: Self.offset(of: image)))
  }

  /// Returns the blend plus the image's offset.
  public func estimate(from blend: Tensor, _ conditions: RefineConditions, at step: Int) -> Tensor {
    let offset = calls.next() == failing ? .nan : conditions.image.scalars[0]
    return Tensor(blend.shape, blend.scalars.map { $0 + offset })
  }

  /// Returns the pixels of the latents, without padding.
  public func heights(
    from blend: Tensor, rows: Int, columns: Int, options: RefineOptions
  ) -> Tensor {
    let (_, height, width, _) = blend.shape.image
    let spread = (0..<height * reduction).flatMap { row in
      (0..<width * reduction).map { column in
        let cell = row / reduction * width + column / reduction
        return blend.scalars[
          cell * coarseChannels + row % reduction * reduction + column % reduction]
      }
    }
    return Tensor([1, height * reduction, width * reduction, 1], spread)
      .cropped(rows: rows, columns: columns)
  }

  private static func gathered(_ map: Tensor, _ side: Int, _ rows: Int, _ columns: Int) -> Tensor {
    let values = (0..<rows * columns * side * side).map { place in
      let (cell, within) = place.quotientAndRemainder(dividingBy: side * side)
      let row = cell / columns * side + within / side
      return map.scalars[row * columns * side + cell % columns * side + within % side]
    }
    return Tensor([1, rows, columns, side * side], values)
  }

  /// Runs all steps.
  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> Tensor {
    let conditions = conditions(coarse, image: image, options: options, seed: seed)
    var blend = conditions.coarse
    for step in schedule(options) {
      let estimate = estimate(from: blend, conditions, at: step.index)
      let share = Float(step.share)
      blend = Tensor(
        blend.shape,
        zip(estimate.scalars, conditions.coarse.scalars).map { share * $0 + (1 - share) * $1 })
    }
    return heights(
      from: blend, rows: image.shape[1], columns: image.shape[2], options: options)
  }

  /// Returns an arbitrary amount of memory that is proportional to the number of pixels, in bytes.
  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 16 }
  /// Returns 0.
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double { 0 }
}
