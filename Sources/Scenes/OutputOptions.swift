import Files
import Foundation
import Grids
import Rasters

/// Where the output goes, and what lies beside it.
public struct OutputOptions: Sendable {
  public var path: String
  /// Whether stored tiles are discarded, and an output of another plan may be replaced.
  ///
  /// What relief did not write never is.
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

  /// What the names of the store, the style and the picture begin with: NAME for an output NAME.tif.
  ///
  /// For any other ending the whole path, so that NAME.tif and NAME.tiff have nothing in common.
  var stem: String { path.hasSuffix(".tif") ? String(path.dropLast(4)) : path }

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
    for file in [scene.path] + scene.inputs.paths where own.contains(Self.resolved(file)) {
      throw SceneError(
        .usage, "the output \(path), or a file beside it, would be the scene itself: \(file)")
    }
    guard FolderLock.holder(of: storeFolder) == nil else { throw FolderLock.taken(storeFolder) }
    try FolderTileStore.requireOurs(storeFolder)
    let places = (FileStatus(folder + "/."), FileStatus(storeFolder + "/."))
    guard places.0 == nil || places.1 == nil || places.0?.device == places.1?.device else {
      throw SceneError(
        .cannotCreate,
        "\(storeFolder) is on another file system than \(path), which appears by a rename from there"
      )
    }
    for file in [path] + companions where try FileOrigin(of: file) == .foreign {
      throw SceneError(
        .cannotCreate,
        "\(file) exists and was not written by relief, so it is not replaced: "
          + "move it away, or give another name for the output\(Self.hint(for: file))")
    }
    var raster = RasterDescription(width: scene.grid.width, height: 1)
    raster.creationOptions = creationOptions
    for (part, file) in confidencePaths {
      try RasterWriter.check(
        creating: file, scratchDirectory: folder,
        part.description(beside: raster, metadata: [:], overwrite: mayReplace(file)))
    }
    raster.overwrite = mayReplace(path)
    try RasterWriter.check(creating: path, scratchDirectory: folder, raster)
  }

  private static func hint(for file: String) -> String {
    file.hasSuffix(".qml") ? "; --no-style leaves it alone" : ""
  }

  /// Refuses an output or companions of another plan, unless they are to be replaced.
  ///
  /// What this plan has made is the run's own: the same command makes the same bytes.
  func requireReplaceable(for plan: ScenePlan) throws {
    let hash = try plan.hash
    for file in [path] + companions {
      switch try FileOrigin(of: file) {
      case .absent: continue
      case .relief(let found, _) where found == hash || overwrites: continue
      case .relief where try mayGoOn(plan): continue
      case .relief:
        throw SceneError(
          .cannotCreate,
          "\(file) exists, from another plan (other options, scene, bundle or processor): "
            + "give --overwrite to replace it, or another name")
      case .foreign:
        throw SceneError(.cannotCreate, "\(file) exists now and was not written by relief")
      }
    }
  }

  /// Gives leave to replace what other plans have made under these names; what this plan has made or begun is kept.
  ///
  /// For programs whose folder of outputs is their own.
  ///
  /// - Throws: `FileError` or `SceneError` if what is there cannot be read or replaced.
  public mutating func replaceOtherPlans(than plan: ScenePlan) throws {
    let isDone = try FileOrigin(of: path) == .relief(plan: plan.hash, holes: nil)
    overwrites = try !isDone && !FolderTileStore.isUnfinished(plan, in: storeFolder)
  }

  /// Whether the plan's unfinished run was begun with leave to replace an output.
  private func mayGoOn(_ plan: ScenePlan) throws -> Bool {
    try FolderTileStore.isUnfinished(plan, in: storeFolder)
      && FolderTileStore.mayOverwrite(storeFolder)
  }

  /// Whether GDAL's sidecars that have the name of a raster's may be replaced with it.
  ///
  /// Sidecars appear before their raster, so those without one are an unfinished run's, if there is one.
  func mayReplace(_ raster: String) -> Bool {
    overwrites || FileManager.default.fileExists(atPath: raster)
      || FolderTileStore.planData(in: storeFolder) != nil
  }

  /// Removes a store that nobody needs any more.
  ///
  /// - Returns: what to tell the user where that fails: the output is whole all the same.
  func removeStore(_ removal: () throws -> Void) -> [String] {
    do {
      try removal()
      return []
    } catch {
      return [
        "\(path) is whole, but its finished tiles cannot be removed (\(error)): rm -r \(storeFolder)"
      ]
    }
  }

  /// Removes what killed runs were writing beside the output.
  func removeLeftovers() {
    for file in [path] + companions { RasterWriter.removeLeftovers(of: file) }
  }

  /// The files to be written beside the output.
  private var companions: [String] { confidencePaths.map(\.path) + pictures }

  /// Those that show the output.
  var pictures: [String] {
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
    let length = Self.suffix(of: path)?.count ?? 0
    return path.dropLast(length) + "_" + raster.rawValue + path.suffix(length)
  }

  /// How the names of GeoTIFFs end.
  private static func suffix(of path: String) -> String? {
    [".tif", ".tiff"].first { path.lowercased().hasSuffix($0) && path.count > $0.count }
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Writes style and picture of a finished output, or one of them; without a valid pixel there is nothing to show.
  ///
  /// - Returns: the paths written.
  func writePictures(of raster: WrittenRaster, plan: String, only files: [String]? = nil) throws
    -> [String]
  {
    guard let statistics = raster.statistics else { return [] }
    let mark = FileOrigin.mark(plan)
    let files = files ?? pictures
    for file in files {
      if file.hasSuffix(".png") {
        let picture = try Quicklook(of: raster.path).picture
        let bytes = try picture.png(text: ["Software": "relief", "Comment": mark])
        try NewFile.write(bytes, to: file, isDurable: true)
      } else {
        var style = QGISStyle(statistics)
        style.comment = mark
        try NewFile.write(style.qml, to: file, isDurable: true)
      }
    }
    return files
  }
}
