import Grids
import Rasters
import Scenes

extension PairList {
  /// The list with a split for each pair, whole sites in one.
  ///
  /// - Parameter split: The shares, and the seed.
  /// - Returns: The same pairs.
  /// - Throws: `SceneError` naming the pairs without a site, or with fewer sites than splits; `RasterError` for an image that
  ///   can't be opened.
  public func split(bySite split: SpatialSplit) throws -> PairList {
    let homeless = pairs.filter { $0.site == nil }.map(\.name)
    guard homeless.isEmpty else {
      throw SceneError(
        .badData,
        "\(homeless.count) pairs have no site: \(homeless.prefix(10).joined(separator: ", "))"
          + (homeless.count > 10 ? ", …" : ""))
    }
    let sizes = try pairs.map { pair -> Int in
      if let window = pair.window { return window.pixelCount }
      return try Dataset(reading: pair.image).grid.pixelCount
    }
    let sites = Set(pairs.compactMap(\.site)).sorted()
    let bySite = Dictionary(grouping: pairs.indices) { pairs[$0].site ?? "" }
    let drawn = try split.draw(
      sites.map { site in (bySite[site] ?? []).reduce(0) { $0 + sizes[$1] } })
    let splits = Dictionary(uniqueKeysWithValues: zip(sites, drawn))
    var result = self
    for index in result.pairs.indices {
      result.pairs[index].split = splits[result.pairs[index].site ?? ""]
      result.pairs[index].fold = nil
    }
    return result
  }

  /// The list with each pair cut into blocks, each for one split, and a gap between those of different ones.
  ///
  /// Images on one and the same grid, such as two seasons of a place, are cut and split alike. The blocks are windows of the
  /// images; what a gap takes is in none.
  ///
  /// - Parameters:
  ///   - side: Of a block, about, in pixels; more than three gaps.
  ///   - gap: In pixels: as far as a network sees, at least.
  ///   - split: The shares, and the seed.
  /// - Returns: A pair for each block, called by its pair and its window.
  /// - Throws: `SceneError` if images overlap on different grids, or lie nearer to one another than the gap, or for sizes that can't be meant; `RasterError` for an
  ///   image that can't be opened.
  public func split(byBlocksOf side: Int, gap: Int, _ split: SpatialSplit) throws -> PairList {
    var grounds: [(place: ImagePlace, pairs: [Int])] = []
    for (index, pair) in pairs.enumerated() {
      let place = try ImagePlace(pair, gap: gap)
      if let known = grounds.firstIndex(where: { $0.place.isSame(as: place) }) {
        grounds[known].pairs.append(index)
        continue
      }
      if let other = grounds.first(where: { $0.place.overlaps(place) }) {
        throw SceneError(
          .badData,
          "\(pair.name) and \(pairs[other.pairs[0]].name) overlap, or lie nearer than the gap, on different grids or windows, "
            + "so their blocks can't be kept apart: split them by site")
      }
      grounds.append((place, [index]))
    }
    let lattices = try grounds.map { try BlockLattice($0.place.window, side: side, gap: gap) }
    let blocks = lattices.map(\.blocks)
    var drawn = try split.draw(
      zip(blocks, grounds).flatMap { blocks, ground in
        blocks.map { $0.pixelCount * ground.pairs.count }
      })[...]
    var found = [[Pair]](repeating: [], count: pairs.count)
    for (ground, lattice) in zip(grounds, lattices) {
      let count = lattice.blocks.count
      let splits = Array(drawn.prefix(count))
      drawn = drawn.dropFirst(count)
      for (window, split) in zip(lattice.windows(splits), splits) where !window.isEmpty {
        for index in ground.pairs {
          var block = pairs[index]
          block.name += "@\(window)"
          (block.window, block.split, block.fold) = (window, split, nil)
          found[index].append(block)
        }
      }
    }
    return try PairList(found.flatMap(\.self))
  }
}

/// Where the pixels of an image lie that a pair takes.
private struct ImagePlace {
  let path: String
  let window: Window
  let grid: Grid
  let footprint: Footprint?
  /// The window with the gap around it.
  private let reach: Window
  private let wideFootprint: Footprint?

  init(_ pair: Pair, gap: Int) throws {
    let dataset = try Dataset(reading: pair.image)
    path = pair.image
    grid = dataset.grid
    window = pair.window ?? dataset.grid.window
    reach = Window(
      column: window.column - gap, row: window.row - gap, width: window.width + 2 * max(gap, 0),
      height: window.height + 2 * max(gap, 0))
    let crs = dataset.georeferencing.crs
    footprint = Footprint(dataset.grid.cropped(to: window), crs: crs)
    wideFootprint = Footprint(dataset.grid.cropped(to: reach), crs: crs)
  }

  /// The same pixels of the same ground.
  func isSame(as other: ImagePlace) -> Bool {
    guard window == other.window else { return false }
    if path == other.path { return true }
    guard grid == other.grid, let footprint, let theirs = other.footprint else { return false }
    return footprint == theirs
  }

  /// Or lies nearer than the gap.
  func overlaps(_ other: ImagePlace) -> Bool {
    if path == other.path { return reach.overlaps(other.window) }
    guard let wideFootprint, let theirs = other.footprint else { return false }
    return wideFootprint.overlaps(theirs) == true
  }
}
