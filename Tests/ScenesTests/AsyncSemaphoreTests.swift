import Foundation
import Grids
import Scenes
import Synchronization
import Tensors
import TestConcurrency
import Testing
import TestModels
import TestSupport

/// The number of concurrent networks is limited, and networks never delay reads.
///
/// The time limit is for hangs only: next to all other tests, each of many turns waits for a thread.
@Suite(.timeLimit(.minutes(20))) struct AsyncSemaphoreTests {
  @Test(arguments: [1, 3]) func `at most the limit run at once, and all run eventually`(atOnce: Int)
    async
  {
    let gate = AsyncSemaphore(atOnce: atOnce)
    let count = Count()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<200 {
        group.addTask {
          try? await gate.pass {
            count.enter()
            usleep(50)
            count.leave()
            if index % 3 == 0 { throw CancellationError() }
          }
        }
      }
    }
    #expect(count.inside == 0)
    #expect(count.most <= atOnce)
  }

  @Test func `a canceled task stops waiting and takes no slot`() async throws {
    let gate = AsyncSemaphore(atOnce: 1)
    let isHeld = Shared(false)
    let isOver = Shared(false)
    let holder = Task(executorPreference: BlockingExecutor.shared) {
      try await gate.pass {
        isHeld.set(true)
        while !isOver.value { usleep(100) }
      }
    }
    while !isHeld.value { await Task.yield() }
    let waiters = (0..<3).map { _ in Task { try await gate.pass {} } }
    for waiter in waiters { waiter.cancel() }
    for waiter in waiters {
      await #expect(throws: CancellationError.self) { try await waiter.value }
    }
    isOver.set(true)
    try await holder.value
    #expect(try await gate.pass { 5 } == 5)
  }

  /// The network's only layer has 1000 blocks, and is canceled in the first.
  @Test func `cancellation reaches into a layer`() async throws {
    let gate = AsyncSemaphore(atOnce: 1)
    let begun = Shared(0)
    let isCanceled = Shared(false)
    let run = Task(executorPreference: BlockingExecutor.shared) {
      try await gate.pass {
        parallel(1000) { _ in
          begun.increment()
          while !isCanceled.value { usleep(100) }
        }
      }
    }
    while begun.value == 0 { await Task.yield() }
    run.cancel()
    isCanceled.set(true)
    await #expect(throws: CancellationError.self) { try await run.value }
    #expect(begun.value == 1)
    #expect(try await gate.pass { 5 } == 5)
  }

  /// The first network waits until the next tile has been read, which would never happen if reads waited for networks.
  @Test func `the next tile is read while a network processes this one`() async throws {
    let folder = try TemporaryFolder()
    try SceneFixture().write(to: folder("scene.tif"))
    var options = SceneOptions()
    options.threads = 1
    options.tileSize = 128
    let plan = try await ScenePlan.make(
      for: SceneSource(folder("scene.tif")), model: BrightnessModel(), options: options)
    let tiles = Array(plan.working.wanted.prefix(2))
    try #require(tiles.count == 2)
    let scene = try SceneSource(folder("scene.tif"))
    let resources = try Resources(for: plan, model: BrightnessModel(), options: options)
    #expect(resources.coarse.tilesAtOnce == 1)
    let store = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    let context = RunContext(
      store: store, scene: scene, model: BrightnessModel(), resources: resources)
    try await StageRunner(context).run(WaitingStage(tasks: tiles), progress: { _ in })
  }

  /// A stage whose networks wait until two tasks have begun.
  private struct WaitingStage: Stage {
    let tasks: [TileIndex]
    let name = StageName.coarse
    let inputs: [StageName] = []
    let result = StageResult.values(128 * 128)
    let load = StageLoad.coarseNetwork

    func work(in context: RunContext) -> StageWork {
      let begun = Count()
      return { _, gate in
        begun.enter()
        await Task.yield()
        try await gate.pass {
          for _ in 0..<20_000 where begun.inside < 2 { usleep(1000) }
          #expect(begun.inside == 2)
        }
        return .nothing("a test")
      }
    }
  }

  private final class Count: Sendable {
    private let counts = Mutex((inside: 0, most: 0))

    var inside: Int { counts.withLock { $0.inside } }
    var most: Int { counts.withLock { $0.most } }

    func enter() {
      counts.withLock {
        $0.inside += 1
        $0.most = max($0.most, $0.inside)
      }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }
  }
}
