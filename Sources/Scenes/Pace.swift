import DepthModels
import Grids
import Synchronization
import Tensors

/// How fast a network runs here, found by trying it on small tiles, as many at once as the run will have.
///
/// The share of the processor's speed that a network reaches depends on its sizes too much to be foretold.
struct Pace {
  let share: Resources.Share
  /// Runs the network once on an image of any of its sizes.
  let run: @Sendable (Tensor) throws -> Void
  /// For so many rows and columns.
  let operations: (Int, Int) -> Double

  /// Seconds for each of many tiles.
  ///
  /// - Parameters:
  ///   - tiles: Their size.
  ///   - multiple: What the sides of an image must be multiples of.
  ///   - operationsOfTile: Where that is not what the trial run would take at that size.
  /// - Returns: Nil where nobody has counted the operations, or a trial fails.
  func seconds(for tiles: TileGrid, multiple: Int, totalling operationsOfTile: Double? = nil)
    -> Double?
  {
    let rows = Self.side(tiles.tileHeight, multiple)
    let columns = Self.side(tiles.tileWidth, multiple)
    let triedOperations = operations(rows, columns)
    guard triedOperations > 0 else { return nil }
    let image = Tensor(
      [1, rows, columns, 3], (0..<rows * columns * 3).map { Float(($0 * 7919) % 256) })
    // The best of several: the first also touches memory that the rest of a run finds touched.
    var (best, spent) = (Double.infinity, 0.0)
    while spent < Self.patience {
      guard let seconds = tried(on: image) else { return nil }
      best = min(best, seconds)
      spent += seconds
    }
    return best / Double(share.tilesAtOnce)
      * (operationsOfTile ?? operations(tiles.tileHeight, tiles.tileWidth)) / triedOperations
  }

  /// Seconds of trials; a large network has one trial, which takes longer.
  private static let patience = 0.2

  /// Seconds until as many as will be in flight are through; nil if any fails.
  private func tried(on image: Tensor) -> Double? {
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

  /// A quarter of the tile's side, which takes a sixteenth of its time; tiles of up to 128 pixels are tried whole.
  private static func side(_ side: Int, _ multiple: Int) -> Int {
    min(side, (max(side / 4, 128) + multiple - 1) / multiple * multiple)
  }
}
