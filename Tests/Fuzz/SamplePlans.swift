import DepthModels
import Dispatch
import Grids
import Rasters
import Synchronization
import TestModels
import TestSupport

@testable import Scenes

/// Plans for a scene of four tiles, created as runs create them; there are few tiles because each takes time.
enum SamplePlans {
  /// A plan for coarse heights only.
  static let plain = plan()
  static let plainHash: String = {
    do { return try plain.hash } catch { fatalError("\(error)") }
  }()
  /// A plan that refines each tile separately.
  static let refined = plan(BrightnessRefiner())
  /// A plan that refines all tiles jointly.
  static let joint = plan(TileOffsetRefiner(steps: 3, reduction: 8, multiple: 8), isJoint: true)

  /// The tile store of a run with the plan `plain`.
  static let store: RunStore? = {
    do {
      return try RunStore(
        FolderTileStore(Scratch.folder + "/tiles.relief"), plan: plain, replacing: false)
    } catch { fatalError("\(error)") }
  }()

  private static func plan(
    _ refiner: (any TileRefiner)? = nil, isJoint: Bool = false
  ) -> ScenePlan {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.refinesJointly) = (32, 8, isJoint)
    options.memory = 1 << 30
    return waiting { [options] in
      let pixels = noise(50 * 40)
      let path = try makeRaster(width: 50, height: 40, bands: [pixels, pixels, pixels]) {
        try $0.setGeoreferencing(
          Georeferencing(
            geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, -30]),
            crs: CRS("EPSG:32633")))
      }
      return try await ScenePlan.make(
        for: SceneSource(path, bands: [1, 2, 3]), model: BrightnessModel(refiner: refiner),
        options: options)
    }
  }

  /// Waits for an asynchronous result, because libFuzzer calls synchronous functions.
  private static func waiting(
    _ body: @escaping @Sendable () async throws -> ScenePlan
  ) -> ScenePlan {
    let held = SharedResult()
    let isDone = DispatchSemaphore(value: 0)
    Task.detached {
      do { held.set(.success(try await body())) } catch { held.set(.failure(error)) }
      isDone.signal()
    }
    isDone.wait()
    switch held.value {
    case .success(let plan)?: return plan
    case .failure(let error)?: fatalError("\(error)")
    case nil: fatalError("the task returned no plan")
    }
  }
}

/// The result of a task.
private final class SharedResult: Sendable {
  private let held = Mutex<Result<ScenePlan, any Error>?>(nil)

  var value: Result<ScenePlan, any Error>? { held.withLock { $0 } }

  func set(_ value: Result<ScenePlan, any Error>) { held.withLock { $0 = value } }
}
