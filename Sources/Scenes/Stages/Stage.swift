package import Grids

/// A step of a run as a value: its tasks, the stages that they read, and how each of them is run.
///
/// A task reads what the stages of `inputs` have stored, and nothing else that other tasks may change. What it returns
/// is stored whole. So tasks of a stage can run in any order, concurrently, in several processes, and twice.
package protocol Stage: Sendable {
  /// The name of the stage.
  var name: StageName { get }
  /// The stages whose results the tasks read.
  var inputs: [StageName] { get }
  /// What else the results depend on besides the plan and the inputs, as text.
  var setting: String { get }
  /// The tasks: tiles, or groups of tiles or strips, which are numbered by `row`.
  var tasks: [TileIndex] { get }
  /// What is stored for each task.
  var result: StageResult { get }
  /// What the tasks need of the machine.
  var load: StageLoad { get }

  /// Returns the work of a single task, after reading what all tasks of this process have in common.
  func work(in context: RunContext) throws -> StageWork
}

extension Stage {
  package var setting: String { "" }
}

/// Computes the result of a task, and runs networks inside the semaphore.
package typealias StageWork = @Sendable (TileIndex, AsyncSemaphore) async throws -> TaskResult

/// What a stage stores for each task.
package enum StageResult: Hashable, Sendable {
  /// Float32 values of a tile, and the spread of each if `keepsSpread` is true.
  case values(Int, keepsSpread: Bool = false)
  /// Float64 numbers.
  case numbers(Int)
  /// Any number of bytes, under names with the given suffix.
  case bytes(suffix: String)

  /// The suffix of the names of results.
  package var suffix: String {
    if case .bytes(let suffix) = self { suffix } else { "tile" }
  }

  /// The number of bytes of a result, without a spread; nil if results differ.
  package var size: Int? {
    switch self {
    case .values(let count, _): count * MemoryLayout<Float>.size
    case .numbers(let count): count * MemoryLayout<Double>.size
    case .bytes: nil
    }
  }
}

/// What the tasks of a stage need of the machine, and what an error in one of them means.
package enum StageLoad: Hashable, Sendable {
  /// The coarse network; an error is the failure of a tile.
  case coarseNetwork
  /// The refining networks; an error is the failure of a tile.
  case refiningNetwork
  /// A strip of the output.
  case strip
  /// One thread and the given memory.
  case block(bytes: Int)
  /// One thread and little memory.
  case numbers

  /// Whether a network processes the tasks, which are tiles.
  package var usesNetwork: Bool { self == .coarseNetwork || self == .refiningNetwork }
}

/// The result of a task.
package enum TaskResult: Sendable {
  /// The values of a tile, and the spread of each.
  case values([Float], spread: [Float]?)
  /// Numbers.
  case numbers([Double])
  /// Bytes.
  case bytes([UInt8])
  /// Nothing, with the reason.
  case nothing(String)

  /// The heights of a tile; nil for a tile without valid pixels.
  package init(_ heights: TileHeights?) {
    self =
      heights.map { .values($0.values, spread: $0.spread) } ?? .nothing("no valid pixel")
  }
}
