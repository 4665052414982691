import Foundation
import Pairs
import Rendering
import Tensors

/// Makes the training pairs of the small bundle: `render-pairs OUTPUT [DATA]`.
///
/// OUTPUT receives images, DEMs and the list `pairs.csv`, which also contains the real pairs of `pairs-real.csv`, each
/// several times. `once.csv` has one image of each terrain, and each real pair once. DATA is the folder of the DEMs in
/// `dems.tsv`, by default `../shared/data` next to the repository. On one machine the same files give bit-identical
/// results, for any number of cores.
@main struct RenderPairs {
  static func main() async {
    do {
      let arguments = CommandLine.arguments.dropFirst()
      guard let output = arguments.first, arguments.count <= 2 else {
        throw Failure("wrong arguments, expected render-pairs OUTPUT [DATA]")
      }
      let folder = "Experiments/train-small"
      let data = arguments.dropFirst().first ?? "../shared/data"
      let exclusions = try ExclusionList(reading: "\(data)/EVALUATION_ONLY.tsv")
      let entries = try DEMList(reading: "\(folder)/dems.tsv").entries
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
      let sources =
        entries.filter { $0.times > 0 }.map { TerrainSource.dem($0, data: data) }
        + (1...32).map { .made(SyntheticTerrain(number: $0)) }
      for case .dem(let entry, _) in sources { try entry.refuse(by: exclusions, in: data) }

      let listed = try PairList(reading: "\(folder)/pairs-real.csv").pairs
      try exclusions.refuse(listed)
      let real = listed.flatMap { $0.split == .train ? $0.repeated(realTimes) : [$0] }

      let lands = try await pairs(of: sources, in: output)
      let (rendered, first) = (lands.flatMap(\.self), lands.compactMap(\.first))
      try PairList(rendered + real).write(to: "\(output)/pairs.csv", overwrite: true)
      try PairList(first + listed).write(to: "\(output)/once.csv", overwrite: true)
      say(
        "\(output)/pairs.csv: \(rendered.count) rendered pairs, \(real.count) real ones; "
          + "once.csv: \(first.count) and \(listed.count)")
    } catch {
      FileHandle.standardError.write(Data("render-pairs: \(error)\n".utf8))
      exit(1)
    }
  }

  /// How often each real pair is listed: they are few, and closest to the scenes that bundles are used for.
  private static let realTimes = 8

  /// Prints a line immediately, even if the output is a file.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// Returns the pairs of each terrain in the order of the sources; each core processes one terrain at a time.
  private static func pairs(of sources: [TerrainSource], in output: String) async throws
    -> [[Pair]]
  {
    var found = [[Pair]](repeating: [], count: sources.count)
    try await withThrowingTaskGroup(of: (Int, [Pair]).self) { group in
      var waiting = sources.indices.makeIterator()
      func start() {
        guard let index = waiting.next() else { return }
        group.addTask { (index, try pairs(of: try sources[index].terrain(in: output), in: output)) }
      }
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { start() }
      while let (index, pairs) = try await group.next() {
        found[index] = pairs
        say(pairs.map(\.name).joined(separator: " "))
        start()
      }
    }
    return found
  }

  /// Writes a terrain's DEM, and its images with different suns, seasons and covers.
  private static func pairs(of terrain: Terrain, in output: String) throws -> [Pair] {
    let folder = PairFolder(output)
    let dem = try folder.writeHeights(of: terrain)
    return try (1...terrain.times).map { index in
      let name = "\(terrain.name)_\(index)"
      var generator = SplitMix64(seed: 42, name: name)
      let scenery = Scenery(of: terrain, &generator)
      var pair = Pair(
        name: name, image: try folder.write(scenery, over: terrain, named: name), dem: dem)
      (pair.site, pair.split) = (terrain.site, terrain.split)
      pair.azimuth = scenery.renderer.sun.azimuthInDegrees
      return pair
    }
  }
}

extension Pair {
  /// Returns copies of the pair, each with its own name.
  fileprivate func repeated(_ times: Int) -> [Pair] {
    (1...times).map { number in
      var pair = self
      if number > 1 { pair.name += "_again_\(number)" }
      return pair
    }
  }
}

/// An error with a message.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
