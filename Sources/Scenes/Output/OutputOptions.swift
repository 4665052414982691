import Files
import Foundation
import Grids
import Rasters

/// The path of the output, and the files to write next to it.
public struct OutputOptions: Sendable {
  /// The path of the output.
  public var path: String
  /// Whether to discard stored tiles, and allow an output of another plan to be replaced.
  ///
  /// Files that relief did not write are never replaced.
  public var overwrites = false
  /// Creation options for the COG driver, which take precedence over the defaults.
  public var creationOptions: [String: String] = [:]
  /// Whether to write a QGIS style of the same name.
  public var writesStyle = true
  /// Whether to write a hillshade of the same name, as PNG.
  public var writesQuicklook = false
  /// The quality layers to write, each as a raster `NAME_….tif`; `ConfidenceRaster.all(with:)` gives all of them.
  public var confidence: Set<ConfidenceRaster> = []

  /// Whether heights in meters are written to `NAME_dem.tif`; a run sets it if its plan has a reference.
  public internal(set) var writesDEM = false

  /// Where the results of the stages are kept until the output is complete; nil for a folder next to the output.
  public var store: (any TileStore)?

  /// Creates options for an output with a style and without quality layers.
  public init(_ path: String) { self.path = path }

  /// The default output path: `NAME_relief.tif` in the current folder for a scene NAME.
  ///
  /// The name does not contain "dem" or "height", because the heights are relative.
  public static func defaultPath(for scene: String) -> String {
    let name = (Provenance.name(of: scene) as NSString).deletingPathExtension
    return (name.isEmpty ? "scene" : name) + "_relief.tif"
  }

  /// The path of the folder for finished tiles.
  public var storeFolder: String { stem + ".relief" }

  /// The store, for reading only.
  public var tiles: any TileStore { store ?? FolderTileStore(reading: storeFolder) }

  /// Opens the store for writing.
  func openStore() throws -> any TileStore { try store ?? FolderTileStore(storeFolder) }

  /// The folder of unfinished rasters.
  var scratchFolder: String { store == nil ? storeFolder : folder }

  /// A path to suggest if the given one is not a local GeoTIFF.
  private var suggestedPath: String {
    let name = (path as NSString).lastPathComponent
    let stem = (name as NSString).deletingPathExtension
    return (path.hasPrefix("/vsi") || path.isEmpty ? "" : String(path.dropLast(name.count)))
      + (stem.isEmpty ? "dem" : stem) + ".tif"
  }

  /// The path of the folder that contains the output.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The common prefix of the store, the style, and the picture: NAME for an output NAME.tif.
  ///
  /// For any other suffix, this is the whole path, so that NAME.tif and NAME.tiff share no files.
  var stem: String { path.hasSuffix(".tif") ? String(path.dropLast(4)) : path }

  /// Checks that all files can be written, before anything is computed.
  ///
  /// - Parameters:
  ///   - scene: The scene to be read.
  ///   - reference: The reference to be read, if any.
  /// - Throws: `SceneError` if the output or a companion is a file of the scene or of the reference, if the path is not
  ///   local, if a companion may not be replaced, or if another run has locked the store; the errors of `RasterWriter.check`.
  public func check(against scene: SceneSource, reference: ReferenceSource? = nil) throws {
    guard !path.hasPrefix("/vsi"), Self.suffix(of: path) != nil else {
      throw SceneError(
        .usage, "the output is “\(path)”, expected a local file NAME.tif, such as \(suggestedPath)")
    }
    let own = Set(([path] + companions).map(Self.resolved))
    let inputs = [
      ("scene", [scene.path] + scene.inputs.paths),
      ("reference", reference.map { [$0.path] + $0.inputs.paths } ?? []),
    ]
    for (name, files) in inputs {
      for file in files where own.contains(Self.resolved(file)) {
        throw SceneError(
          .usage, "the output \(path), or a file next to it, would be the \(name) itself: \(file)")
      }
    }
    if store == nil { try checkFolder() }
    for file in [path] + companions where try FileOrigin(of: file) == .foreign {
      throw SceneError(
        .cannotCreate,
        "\(file) exists and was not written by relief, so it is not replaced: "
          + "move it away, or give another output name\(Self.hint(for: file))")
    }
    var raster = RasterDescription(width: scene.grid.width, height: 1)
    raster.creationOptions = creationOptions
    for (part, file) in confidencePaths {
      try RasterWriter.check(
        creating: file, scratchDirectory: folder,
        part.description(beside: raster, metadata: [:], overwrite: try mayReplace(file)))
    }
    raster.overwrite = try mayReplace(path)
    try RasterWriter.check(creating: path, scratchDirectory: folder, raster)
  }

  /// Checks that the folder of finished tiles is free, and on the output's file system.
  private func checkFolder() throws {
    guard FolderLock.holder(of: storeFolder) == nil else {
      throw FolderLock.inUseError(storeFolder)
    }
    try FolderTileStore.requireStore(storeFolder)
    let places = (FileStatus(folder + "/."), FileStatus(storeFolder + "/."))
    guard places.0 == nil || places.1 == nil || places.0?.device == places.1?.device else {
      throw SceneError(
        .cannotCreate,
        "\(storeFolder) is on another file system than \(path), expected the same one, to move files by renaming"
      )
    }
  }

  private static func hint(for file: String) -> String {
    file.hasSuffix(".qml") ? ", or keep it with --no-style" : ""
  }

  /// Throws if the output or a companion is from another plan and may not be replaced.
  ///
  /// Files of this plan may always be replaced, because the same command writes the same bytes.
  func requireReplaceable(for plan: ScenePlan) throws {
    let hash = try plan.hash
    for file in [path] + companions {
      switch try FileOrigin(of: file) {
      case .absent: continue
      case .relief(let found, _) where found == hash || overwrites: continue
      case .relief where try mayResume(plan): continue
      case .relief:
        throw SceneError(
          .cannotCreate,
          "\(file) exists, from another plan (other options, scene, bundle, or processor): "
            + "give --overwrite to replace it, or another name")
      case .foreign:
        throw SceneError(
          .cannotCreate, "\(file) now exists and was not written by relief: move it away")
      }
    }
  }

  /// Allows outputs of other plans to be replaced; a finished output or unfinished run of this plan is kept.
  ///
  /// This is for programs that own the folder of their outputs.
  ///
  /// - Parameter plan: The plan to keep.
  /// - Throws: `FileError` or `SceneError` if an existing file cannot be read or replaced.
  public mutating func replaceOtherPlans(than plan: ScenePlan) throws {
    let isDone = try FileOrigin(of: path) == .relief(plan: plan.hash, holes: nil)
    overwrites = try !isDone && !RunStore.isUnfinished(plan, in: tiles)
  }

  /// Whether there is an unfinished run of the plan that may replace an output.
  private func mayResume(_ plan: ScenePlan) throws -> Bool {
    try RunStore.isUnfinished(plan, in: tiles) && RunStore.mayOverwrite(in: tiles)
  }

  /// Whether a raster's GDAL sidecar files may be replaced with it.
  ///
  /// Sidecar files are written before their raster, so sidecar files without a raster belong to an unfinished run if
  /// there is one.
  func mayReplace(_ raster: String) throws -> Bool {
    try overwrites || FileManager.default.fileExists(atPath: raster)
      || RunStore.hasPlan(in: tiles)
  }

  /// Removes a store that is no longer needed.
  ///
  /// - Parameter removal: Removes the store.
  /// - Returns: A warning if the removal fails; the output is complete in any case.
  func removeStore(_ removal: () throws -> Void) -> [String] {
    do {
      try removal()
      return []
    } catch {
      return [
        "\(path) is complete, but its finished tiles cannot be removed (\(error)): remove \(tiles.location)"
      ]
    }
  }

  /// Removes temporary files that killed runs left next to the output.
  func removeLeftovers() {
    for file in [path] + companions { RasterWriter.removeLeftovers(of: file) }
  }

  /// The paths of the files to write next to the output.
  private var companions: [String] {
    confidencePaths.map(\.path) + pictures + demRasters + demPictures
  }

  /// The path of the heights in meters: `NAME_dem.tif` for an output NAME.tif.
  public var demPath: String { path(adding: "dem") }

  /// The path of the classes of the heights in meters.
  var demClassPath: String { path(adding: "dem_class") }

  /// The rasters of the heights in meters and, with quality layers, of their classes; empty without a reference.
  var demRasters: [String] {
    guard writesDEM else { return [] }
    return (confidence.contains(.heightClass) ? [demClassPath] : []) + [demPath]
  }

  /// The paths of the style and the hillshade of the heights in meters.
  var demPictures: [String] {
    guard writesDEM else { return [] }
    let stem = demPath.hasSuffix(".tif") ? String(demPath.dropLast(4)) : demPath
    return (writesStyle ? [stem + ".qml"] : []) + (writesQuicklook ? [stem + ".png"] : [])
  }

  /// The paths of the style and the hillshade.
  var pictures: [String] {
    (writesStyle ? [stem + ".qml"] : []) + (writesQuicklook ? [stem + ".png"] : [])
  }

  /// The requested quality layers and their paths, in the order of the cases.
  var confidencePaths: [(raster: ConfidenceRaster, path: String)] {
    ConfidenceRaster.allCases.filter(confidence.contains).map { ($0, self.path(of: $0)) }
  }

  /// The paths of rasters next to the output that belong to an earlier output of the same name.
  func staleConfidence(plan: String) -> [String] {
    (ConfidenceRaster.allCases.map(path(of:)) + [demPath, demClassPath]).filter { file in
      guard let tags = try? Dataset(reading: file).metadata() else { return false }
      return tags[Provenance.planTag].map { $0 != plan } ?? false
    }
  }

  /// The path of a quality layer, such as `NAME_tiles.tif` for an output NAME.tif.
  public func path(of raster: ConfidenceRaster) -> String { path(adding: raster.rawValue) }

  private func path(adding name: String) -> String {
    let length = Self.suffix(of: path)?.count ?? 0
    return path.dropLast(length) + "_" + name + path.suffix(length)
  }

  /// The GeoTIFF suffix of a path in lower case; nil if it has none.
  private static func suffix(of path: String) -> String? {
    [".tif", ".tiff"].first { path.lowercased().hasSuffix($0) && path.count > $0.count }
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Writes the style and the hillshade of a finished output, or only the given files.
  ///
  /// Nothing is written if the output has no valid pixel.
  ///
  /// - Parameters:
  ///   - raster: The finished output.
  ///   - plan: The hash of its plan.
  ///   - files: The paths to write; nil for all requested ones.
  /// - Returns: The paths written.
  /// - Throws: An error if the output cannot be read or a file cannot be written.
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
