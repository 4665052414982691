import Foundation
import Grids
import Rasters

/// Where the output goes, and what lies beside it.
public struct OutputOptions: Sendable {
  public var path: String
  public var overwrites = false
  /// Passed to the COG driver, before our own choices.
  public var creationOptions: [String: String] = [:]
  /// A QGIS style of the same name.
  public var writesStyle = true
  /// A hillshade as PNG of the same name.
  public var writesQuicklook = false
  /// What is told of the heights, each as a raster `NAME_….tif` of its own; `ConfidenceRaster.all` are all that a run
  /// can tell.
  public var confidence: Set<ConfidenceRaster> = []

  public init(_ path: String) { self.path = path }

  /// `NAME_relief.tif` for a scene NAME, in the current folder.
  ///
  /// Without "dem" or "height" in it: the numbers are relative.
  public static func defaultPath(for scene: String) -> String {
    let name = (Provenance.name(of: scene) as NSString).deletingPathExtension
    return (name.isEmpty ? "scene" : name) + "_relief.tif"
  }

  /// The folder for finished tiles.
  public var storeFolder: String { stem + ".relief" }

  /// The path that was probably meant, where it is none of a local GeoTIFF.
  private var suggestedPath: String {
    let name = (path as NSString).lastPathComponent
    let stem = (name as NSString).deletingPathExtension
    return (path.hasPrefix("/vsi") || path.isEmpty ? "" : String(path.dropLast(name.count)))
      + (stem.isEmpty ? "dem" : stem) + ".tif"
  }

  /// The folder that the output goes to.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path without the ending of a GeoTIFF.
  var stem: String {
    String(path.dropLast(Self.suffix(of: path)?.count ?? 0))
  }

  /// Refuses what cannot be written, before anything is computed.
  ///
  /// - Throws: `SceneError` if the output, or a file beside it, is one of the scene's, if it is no local path, or if
  ///   a companion may not be replaced, or if another run is at work on it; `RasterError` as `RasterWriter.check`.
  public func check(against scene: SceneSource) throws {
    guard !path.hasPrefix("/vsi"), Self.suffix(of: path) != nil else {
      throw SceneError(
        .usage, "the output is “\(path)”, expected a local file NAME.tif, such as \(suggestedPath)")
    }
    let own = Set(([path] + companions).map(Self.resolved))
    for file in [scene.path] + scene.information.files where own.contains(Self.resolved(file)) {
      throw SceneError(
        .usage, "the output \(path), or a file beside it, would be the scene itself: \(file)")
    }
    guard FolderLock.holder(of: storeFolder) == nil else { throw FolderLock.taken(storeFolder) }
    try FolderTileStore.finishRemoval(of: storeFolder)
    var (target, store) = (stat(), stat())
    guard
      stat(folder, &target) != 0 || stat(storeFolder, &store) != 0
        || target.st_dev == store.st_dev
    else {
      throw SceneError(
        .cannotCreate,
        "\(storeFolder) is on another file system than \(path), which appears by a rename from there"
      )
    }
    try requireReplaceable(width: scene.grid.width)
  }

  /// Refuses an output or companions that are there and may not be replaced, or cannot be made.
  func requireReplaceable(width: Int) throws {
    var raster = RasterDescription(width: width, height: 1)
    raster.creationOptions = creationOptions
    for (part, file) in confidencePaths {
      try RasterWriter.check(
        creating: file, scratchDirectory: folder,
        part.description(beside: raster, metadata: [:], overwrite: mayReplace(file)))
    }
    raster.overwrite = mayReplace(path)
    try RasterWriter.check(creating: path, scratchDirectory: folder, raster)
    for file in pictures
    where !(overwrites || isOwn(path)) && FileManager.default.fileExists(atPath: file) {
      throw SceneError(.cannotCreate, "\(file) exists and was not to be overwritten")
    }
  }

  /// Whether what has the name of the output, or of a raster beside it, may be replaced.
  ///
  /// Without the user's word, what the run itself has put there may be: a raster of the plan whose tiles are
  /// still beside it. Sidecars appear before their raster, so those without one are the run's, too.
  func mayReplace(_ raster: String) -> Bool {
    overwrites || isOwn(raster)
      || (!FileManager.default.fileExists(atPath: raster)
        && FolderTileStore.planData(in: storeFolder) != nil)
  }

  /// Whether a raster is there, of the plan whose tiles are still beside it.
  ///
  /// One with holes is a result, which somebody may have filled since: replacing it takes the user's word.
  private func isOwn(_ raster: String) -> Bool {
    guard let plan = FolderTileStore.planData(in: storeFolder),
      let output = try? Dataset(reading: raster)
    else { return false }
    let tags = output.metadata()
    return tags[Provenance.planTag] == ScenePlan.hash(of: plan) && tags["RELIEF_HOLES"] == nil
  }

  /// Removes what killed runs were writing beside the output.
  func removeLeftovers() {
    for file in [path] + companions { RasterWriter.removeLeftovers(of: file) }
  }

  /// The files to be written beside the output.
  private var companions: [String] { confidencePaths.map(\.path) + pictures }

  /// Those that show the output.
  private var pictures: [String] {
    (writesStyle ? [stem + ".qml"] : []) + (writesQuicklook ? [stem + ".png"] : [])
  }

  /// Where the rasters go that are asked for, in the order of their kinds.
  var confidencePaths: [(raster: ConfidenceRaster, path: String)] {
    ConfidenceRaster.allCases.filter(confidence.contains).map { ($0, self.path(of: $0)) }
  }

  /// Rasters of confidence that lie beside the output and are about another one, which had its name before.
  func strayConfidence(plan: String) -> [String] {
    ConfidenceRaster.allCases.map(path(of:)).filter { file in
      guard let tags = try? Dataset(reading: file).metadata() else { return false }
      return tags[ConfidenceRaster.tag] != nil && tags[Provenance.planTag] != plan
    }
  }

  /// Where a raster of confidence lies: `NAME_tiles.tif` for an output NAME.tif.
  public func path(of raster: ConfidenceRaster) -> String {
    stem + "_" + raster.rawValue + (Self.suffix(of: path).map { path.suffix($0.count) } ?? "")
  }

  /// How the names of GeoTIFFs end.
  private static func suffix(of path: String) -> String? {
    [".tif", ".tiff"].first { path.lowercased().hasSuffix($0) && path.count > $0.count }
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Writes style and picture of a finished output; without a valid pixel there is nothing to show.
  ///
  /// - Returns: the paths written.
  func writePictures(of raster: WrittenRaster) throws -> [String] {
    guard let statistics = raster.statistics else { return [] }
    for file in pictures {
      if file.hasSuffix(".png") {
        try Quicklook.write(of: raster.path, to: file, overwrite: overwrites || isOwn(path))
        continue
      }
      do {
        let temporary = file + ".part"  // one name, so that killed runs leave one at most
        try QGISStyle(statistics).qml.write(toFile: temporary, atomically: false, encoding: .utf8)
        guard rename(temporary, file) == 0 else { throw FolderTileStore.lastError }
      } catch {
        throw SceneError(.io, "cannot write the style \(file): \(error.reason)")
      }
    }
    return pictures
  }
}
