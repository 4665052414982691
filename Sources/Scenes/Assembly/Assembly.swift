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
    let band: Int
    let description: RasterDescription
  }

  /// The outputs of an assembly.
  struct Result {
    let raster: WrittenRaster
    /// The paths of the quality layers and of all sidecars.
    let companions: [String]
    let counts: PixelCounts
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
    let strips = try strips(in: scratch)
    var counts = PixelCounts()
    for strip in strips { counts += PixelCounts(tags: try Dataset(reading: strip.path).metadata()) }
    guard counts.valid > 0 else {
      throw SceneError(
        .badData,
        "no pixel of the area \(run.plan.area) is valid: choose another area with --window or --bbox"
      )
    }
    let parts = try parts(holes: counts.holes, failedTiles)
    var verified: [VerifiedRaster] = []
    for (number, part) in parts.enumerated() {
      let writer = try RasterWriter(
        mosaicking: strips, band: part.band, creating: part.path,
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
      companions: written.dropLast().flatMap { [$0.path] + $0.sidecars }, counts: counts)
  }

  /// The strips with pixels, after their checksums were verified.
  ///
  /// They are read where they are, or copied from a store that is not a folder.
  private func strips(in scratch: ScratchFolder?) throws -> [RasterPart] {
    try store.tasks(of: .merge).compactMap { strip in
      guard try store.state(of: strip, in: .merge) == .done else { return nil }
      try Task.checkCancellation()
      let bytes = try store.payload(of: strip, in: .merge)
      var path = store.objects.location + "/" + RunStore.name(strip, .merge, "tif")
      if let scratch {
        path = scratch("\(strip.row).tif")
        try NewFile.write(bytes, to: path)
      }
      return RasterPart(
        path, at: MergeStage.window(of: strip, in: run.plan.area).relative(to: run.plan.area))
    }
  }

  /// The rasters to write: the quality layers, and then the heights.
  private func parts(holes: Int, _ failedTiles: [FailedTile]) throws -> [Part] {
    var heights = try run.description()
    let tags = try run.provenance.layerTags()
    let layers = try run.output.confidencePaths.enumerated().map { number, layer in
      Part(
        path: layer.path, band: number + 2,
        description: layer.raster.description(
          beside: heights, metadata: tags, overwrite: try run.output.mayReplace(layer.path)))
    }
    heights.metadata.merge(run.provenance.tag(holes: holes, failedTiles: failedTiles)) { $1 }
    return layers + [Part(path: run.output.path, band: 1, description: heights)]
  }
}
