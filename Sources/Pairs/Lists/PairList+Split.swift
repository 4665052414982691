import Grids
import Rasters
import Scenes

extension PairList {
  /// Returns the list with a split assigned to each pair, so that each site is in one split.
  ///
  /// - Parameter split: The fractions and the seed.
  /// - Returns: The same pairs with splits and without folds.
  /// - Throws: `SceneError` that names pairs without a site, or if there are fewer sites than splits; `RasterError` if
  ///   an image cannot be opened.
  public func split(bySite split: SpatialSplit) throws -> PairList {
    let withoutSite = pairs.filter { $0.site == nil }.map(\.name)
    guard withoutSite.isEmpty else {
      throw SceneError(
        .badData,
        "pairs without a site: \(withoutSite.prefix(10).joined(separator: ", "))"
          + (withoutSite.count > 10 ? ", and \(withoutSite.count - 10) more" : "")
          + "; fill in the column site, or split with --by blocks")
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

  /// Returns the list with each pair cut into blocks, each in one split, with a gap between blocks of different splits.
  ///
  /// Images on the same grid, such as two seasons of one area, are cut and split identically. Blocks are windows of the
  /// images; pixels in gaps belong to no block.
  ///
  /// - Parameters:
  ///   - side: The approximate side of a block in pixels; must exceed three gaps.
  ///   - gap: The gap in pixels, at least the receptive field of the network.
  ///   - split: The fractions and the seed.
  /// - Returns: A pair for each block, named by its pair and its window.
  /// - Throws: `SceneError` if images on different grids overlap or are closer than the gap, or if sizes are invalid;
  ///   `RasterError` if an image cannot be opened.
  public func split(byBlocksOf side: Int, gap: Int, _ split: SpatialSplit) throws -> PairList {
    var areas: [(place: ImagePlace, pairs: [Int])] = []
    for (index, pair) in pairs.enumerated() {
      let place = try ImagePlace(pair, gap: gap)
      if let known = areas.firstIndex(where: { $0.place.isSame(as: place) }) {
        areas[known].pairs.append(index)
        continue
      }
      if let other = areas.first(where: { $0.place.overlaps(place) }) {
        throw SceneError(
          .badData,
          "\(pair.name) and \(pairs[other.pairs[0]].name) overlap, or are closer than the gap, on different grids or "
            + "windows, so their blocks cannot be separated: split them by site")
      }
      areas.append((place, [index]))
    }
    let lattices = try areas.map { try BlockLattice($0.place.window, side: side, gap: gap) }
    let blocks = lattices.map(\.blocks)
    var drawn = try split.draw(
      zip(blocks, areas).flatMap { blocks, area in
        blocks.map { $0.pixelCount * area.pairs.count }
      })[...]
    var found = [[Pair]](repeating: [], count: pairs.count)
    for (area, lattice) in zip(areas, lattices) {
      let count = lattice.blocks.count
      let splits = Array(drawn.prefix(count))
      drawn = drawn.dropFirst(count)
      for (window, split) in zip(lattice.windows(splits), splits) where !window.isEmpty {
        for index in area.pairs {
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

/// The location of the pixels of an image that a pair uses.
private struct ImagePlace {
  let path: String
  let window: Window
  let grid: Grid
  let footprint: Footprint?
  /// The window extended by the gap.
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

  /// Whether both use the same pixels of the same area.
  func isSame(as other: ImagePlace) -> Bool {
    guard window == other.window else { return false }
    if path == other.path { return true }
    guard grid == other.grid, let footprint, let theirs = other.footprint else { return false }
    return footprint == theirs
  }

  /// Whether the two overlap or are closer than the gap.
  func overlaps(_ other: ImagePlace) -> Bool {
    if path == other.path { return reach.overlaps(other.window) }
    guard let wideFootprint, let theirs = other.footprint else { return false }
    return wideFootprint.overlaps(theirs) == true
  }
}
