import Files
import Foundation
import Grids
import Rasters

/// Makes the output and its quality layers from the merged strips.
///
/// Each is a cloud-optimized GeoTIFF copied from a virtual raster of the strips; no two writers share a file.
struct Assembly {
  let run: SceneRun
  let store: RunStore

  /// A raster that is made of a band of the strips.
  private struct Part {
    let path: String
    let pieces: [RasterPart]
    let band: Int
    let description: RasterDescription
  }

  /// The outputs of an assembly.
  struct Result {
    let raster: WrittenRaster
    /// The paths of the quality layers and of all sidecars.
    let companions: [String]
    let counts: PixelCounts
    /// The heights in meters; nil without a reference.
    let dem: WrittenRaster?
    let anchor: AnchorReport?
  }

  /// Writes all rasters; they are all complete before the first one appears, and the heights appear last.
  ///
  /// - Parameters:
  ///   - failedTiles: The tiles without heights, for the tags.
  ///   - progress: Called with the share that is done.
  /// - Returns: The rasters and the counts of pixels.
  /// - Throws: `DamagedTile` if a strip is damaged; `SceneError` if there is no valid pixel or the scene has changed; the
  ///   errors of `RasterWriter`.
  func callAsFunction(failedTiles: [FailedTile], progress: ProgressHandler) async throws -> Result {
    let scratch = run.output.store == nil ? nil : try ScratchFolder(in: run.output.folder)
    let strips = try pieces(of: .merge, in: scratch) {
      MergeStage.window(of: $0, in: run.plan.area)
    }
    var counts = PixelCounts()
    for strip in strips { counts += PixelCounts(tags: try Dataset(reading: strip.path).metadata()) }
    guard counts.valid > 0 else {
      throw SceneError(
        .badData,
        "no pixel of the area \(run.plan.area) is valid: choose another area with --window or --bbox"
      )
    }
    let (dem, anchor) = try demParts(in: scratch)
    let parts = try parts(strips, dem, holes: counts.holes, failedTiles)
    var verified: [VerifiedRaster] = []
    for (number, part) in parts.enumerated() {
      let writer = try RasterWriter(
        mosaicking: part.pieces, band: part.band, creating: part.path,
        scratchDirectory: run.output.scratchFolder, partDirectory: run.output.scratchFolder,
        part.description)
      verified.append(
        try writer.verified {
          progress(.finishing((Double(number) + $0) / Double(parts.count)))
          return !Task.isCancelled
        })
    }
    try await run.scene.requireUnchanged()
    let written = try verified.map { try $0.commit() }
    return Result(
      raster: written[written.count - 1],
      companions: written.dropLast().flatMap { [$0.path] + $0.sidecars }, counts: counts,
      dem: written.first { $0.path == run.output.demPath }, anchor: anchor)
  }

  /// The finished pieces of a stage, after their checksums were verified.
  ///
  /// They are read where they are, or copied from a store that is not a folder.
  private func pieces(
    of stage: StageName, in scratch: ScratchFolder?, window: (TileIndex) -> Window
  ) throws -> [RasterPart] {
    try store.tasks(of: stage).compactMap { piece in
      guard try store.state(of: piece, in: stage) == .done else { return nil }
      try Task.checkCancellation()
      let bytes = try store.payload(of: piece, in: stage)
      var path = store.objects.location + "/" + RunStore.name(piece, stage, "tif")
      if let scratch {
        path = scratch("\(stage.rawValue)-\(piece.row)-\(piece.column).tif")
        try NewFile.write(bytes, to: path)
      }
      return RasterPart(path, at: window(piece).relative(to: run.plan.area))
    }
  }

  /// The heights in meters and, with quality layers, their classes; empty without a reference.
  private func demParts(in scratch: ScratchFolder?) throws -> ([Part], AnchorReport?) {
    guard let anchor = run.plan.anchor, var heights = try run.demDescription() else {
      return ([], nil)
    }
    let blocks = try pieces(of: .anchor, in: scratch) {
      AnchorStage.window(of: $0, in: run.plan.area, anchor)
    }
    var counts = AnchorCounts()
    for block in blocks {
      counts += AnchorCounts(tags: try Dataset(reading: block.path).metadata())
    }
    guard counts.heights > 0 else {
      throw SceneError(
        .badData,
        "the reference \(anchor.reference) has no heights in the area \(run.plan.area): "
          + "give one that covers it (gdalinfo shows the extent of both)")
    }
    let report = AnchorReport(
      anchor, counts, tests: try StoredGains(anchor: anchor, store: store).tests())
    heights.metadata.merge(report.tags) { $1 }
    let dem = Part(path: run.output.demPath, pieces: blocks, band: 1, description: heights)
    guard run.output.demRasters.count > 1 else { return ([dem], report) }
    var classes = ConfidenceRaster.heightClass.description(
      beside: try run.description(), metadata: try run.provenance.layerTags(),
      overwrite: try run.output.mayReplace(run.output.demClassPath))
    classes.categories = HeightClass.anchoredCategories
    classes.bandDescription = "source of the height: 1 detail was added, 4 the enlarged reference"
    return (
      [Part(path: run.output.demClassPath, pieces: blocks, band: 2, description: classes), dem],
      report
    )
  }

  /// The rasters to write: the quality layers, the heights in meters, and then the relative heights.
  private func parts(
    _ strips: [RasterPart], _ dem: [Part], holes: Int, _ failedTiles: [FailedTile]
  ) throws -> [Part] {
    var heights = try run.description()
    let tags = try run.provenance.layerTags()
    let layers = try run.output.confidencePaths.enumerated().map { number, layer in
      Part(
        path: layer.path, pieces: strips, band: number + 2,
        description: layer.raster.description(
          beside: heights, metadata: tags, overwrite: try run.output.mayReplace(layer.path)))
    }
    heights.metadata.merge(run.provenance.tag(holes: holes, failedTiles: failedTiles)) { $1 }
    return layers + dem
      + [Part(path: run.output.path, pieces: strips, band: 1, description: heights)]
  }
}
