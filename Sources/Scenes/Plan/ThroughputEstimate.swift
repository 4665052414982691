import TileModels
import Grids
import Synchronization
import Tensors

/// An estimate of a network's speed on this machine, from trials on small tiles at the concurrency of the run.
///
/// The fraction of the processor's peak speed that a network reaches depends too much on its sizes to be predicted.
struct ThroughputEstimate {
  /// The concurrency of the run.
  let share: Resources.Share
  /// Runs the network once on an image of any supported size.
  let run: @Sendable (Tensor) throws -> Void
  /// The number of operations for the given numbers of rows and columns.
  let operations: (Int, Int) -> Double

  /// Estimates the seconds per tile at full concurrency.
  ///
  /// - Parameters:
  ///   - tiles: The grid that gives the tile size.
  ///   - multiple: The number that the sides of an image must be multiples of.
  ///   - operationsPerTile: The operations of a tile; nil for those of `run` at the tile's size.
  /// - Returns: The estimate; nil if the network does not report operations, or a trial fails.
  func seconds(for tiles: TileGrid, multiple: Int, operationsPerTile: Double? = nil)
    -> Double?
  {
    let rows = Self.side(tiles.tileHeight, multiple)
    let columns = Self.side(tiles.tileWidth, multiple)
    let trialOperations = operations(rows, columns)
    guard trialOperations > 0 else { return nil }
    let image = Tensor(
      [1, rows, columns, 3], (0..<rows * columns * 3).map { Float(($0 * 7919) % 256) })
    // Take the fastest of several trials: the first also pays for touching memory, which a run pays only once.
    var (best, spent, trials) = (Double.infinity, 0.0, 0)
    while spent < Self.leastSeconds || (trials < 2 && spent < Self.mostSeconds) {
      guard let seconds = trial(on: image) else { return nil }
      best = min(best, seconds)
      spent += seconds
      trials += 1
    }
    return best / Double(share.tilesAtOnce)
      * (operationsPerTile ?? operations(tiles.tileHeight, tiles.tileWidth)) / trialOperations
  }

  /// The minimum total seconds of the trials.
  private static let leastSeconds = 0.05
  /// The seconds after which a large network gets no second trial.
  private static let mostSeconds = 1.0

  /// The seconds until all concurrent runs are done; nil if any fails.
  private func trial(on image: Tensor) -> Double? {
    let (run, workers) = (run, share.threadsPerTile)
    let failures = Mutex(0)
    let time = ContinuousClock().measure {
      Parallel.$workers.withValue(share.tilesAtOnce) {
        parallel(share.tilesAtOnce) { _ in
          Parallel.$workers.withValue(workers) {
            do { try run(image) } catch { failures.withLock { $0 += 1 } }
          }
        }
      }
    }
    return failures.withLock { $0 } == 0 ? time / .seconds(1) : nil
  }

  /// A quarter of the tile's side, for a sixteenth of its time; tiles of up to 128 pixels are tried at full size.
  private static func side(_ side: Int, _ multiple: Int) -> Int {
    min(side, (max(side / 4, 128) + multiple - 1) / multiple * multiple)
  }
}
