import Files
import Grids
import Tensors

/// Runs the unfinished tasks of stages.
///
/// Networks run on as many tiles at once as memory allows, and the remaining threads work inside each tile; meanwhile,
/// one more tile is read or written. The result of a task depends only on finished stages, so neither the order nor the
/// number of concurrent tasks changes it.
package struct StageRunner: Sendable {
  let context: RunContext

  package init(_ context: RunContext) { self.context = context }

  private var store: RunStore { context.store }

  /// Finishes all tasks of a stage; those that an earlier run finished are kept, and failed ones are tried again.
  ///
  /// Results that were computed from other inputs are discarded: a coarse tile that failed before and has heights now
  /// changes the scale and offset of all tiles, so all are refined again.
  ///
  /// - Throws: Errors that end the whole run: cancellation, a store that cannot be written, an error outside networks,
  ///   or failure of every tile.
  package func run(_ stage: any Stage, progress: @escaping ProgressHandler) async throws {
    let name = stage.name
    if let basis = try basis(of: stage) { try store.begin(name, on: basis) }
    if case .values(_, keepsSpread: true) = stage.result { try discardTasksWithoutSpread(stage) }
    defer { store.forgetValues() }
    let tasks = stage.tasks
    let waiting = try tasks.filter { try isWaiting(store.state(of: $0, in: name)) }
    var finished = tasks.count - waiting.count
    func report() {
      switch stage.load {
      case .coarseNetwork, .refiningNetwork, .block:
        progress(.tiles(name, finished: finished, of: tasks.count))
      case .strip: progress(.merging(Double(finished) / Double(max(tasks.count, 1))))
      case .numbers: break
      }
    }
    report()
    if !waiting.isEmpty {
      let work = try stage.work(in: context)
      let share = context.resources.share(for: stage.load)
      let gate = AsyncSemaphore(atOnce: share.tilesAtOnce)
      try await forEachConcurrently(
        waiting, atOnce: share.tilesAtOnce + (stage.load.usesNetwork ? 1 : 0)
      ) { task in
        try await Parallel.$workers.withValue(share.threadsPerTile) {
          try await end(task, stage, gate, work)
        }
      } receive: { _, _ in
        finished += 1
        report()
      }
    }
    if stage.load.usesNetwork { try requireAny(of: stage) }
  }

  /// A digest of what the results of a stage depend on besides the plan; nil if there is nothing.
  ///
  /// The results of the inputs are not included: they are the same for the same plan, and which of them exist.
  private func basis(of stage: any Stage) throws -> String? {
    guard !stage.inputs.isEmpty || !stage.setting.isEmpty else { return nil }
    var hash = SHA256()
    hash.update(Array(stage.setting.utf8).span.bytes)
    for input in stage.inputs {
      hash.update(Array((try store.basis(of: input) ?? "").utf8).span.bytes)
      let flags: [UInt8] = try store.tasks(of: input).map {
        try store.state(of: $0, in: input) == .done ? 1 : 0
      }
      hash.update(flags.span.bytes)
    }
    return hash.hexadecimal()
  }

  /// Discards tiles that an earlier run stored without spreads.
  ///
  /// They are computed again, with the same heights.
  private func discardTasksWithoutSpread(_ stage: any Stage) throws {
    for task in stage.tasks
    where try store.state(of: task, in: stage.name) == .done
      && !store.hasSpread(of: task, in: stage.name)
    {
      try store.discard(task, in: stage.name)
    }
  }

  private func isWaiting(_ state: TileState?) -> Bool {
    switch state {
    case nil, .failed: true
    case .done, .skipped: false
    }
  }

  /// Throws the first failure if no tile of the stage is done, because the run cannot continue without any tile.
  private func requireAny(of stage: any Stage) throws {
    let failures = try store.failures(among: stage.tasks, in: stage.name)
    guard let first = failures.first,
      try !stage.tasks.contains(where: { try store.state(of: $0, in: stage.name) == .done })
    else { return }
    throw SceneError(
      failures.kind == .io ? .io : .badData,
      "every \(stage.name.rawValue) tile with valid pixels failed; the first: \(first)\n"
        + "a damaged part affects fewer pixels with smaller tiles: --tile 64 and another output name"
    )
  }

  /// Runs a task and stores its result, or the failure of a tile.
  private func end(
    _ task: TileIndex, _ stage: any Stage, _ gate: AsyncSemaphore, _ work: StageWork
  ) async throws {
    do {
      try store.commit(try await work(task, gate), of: task, in: stage.name)
    } catch {
      guard stage.load.usesNetwork, let failure = Failure(error) else { throw error }
      try store.fail(task, in: stage.name, because: failure)
    }
  }
}
