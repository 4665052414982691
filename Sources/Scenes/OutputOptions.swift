import Foundation
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

  public init(_ path: String) { self.path = path }

  /// `NAME_relief.tif` for a scene NAME, in the current folder.
  ///
  /// Without "dem" or "height" in it: the numbers are relative.
  public static func defaultPath(for scene: String) -> String {
    let name = URL(filePath: scene).deletingPathExtension().lastPathComponent
    return (name.isEmpty ? "scene" : name) + "_relief.tif"
  }

  /// The folder for finished tiles.
  public var storeFolder: String { stem + ".relief" }

  /// The folder that the output goes to.
  public var folder: String {
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? "." : folder
  }

  private var stem: String {
    path.lowercased().hasSuffix(".tif") ? String(path.dropLast(4)) : path
  }

  /// Refuses to write over the scene or any of its files.
  func check(against scene: SceneSource) throws {
    let own = Self.resolved(path)
    for file in [scene.path] + scene.information.files where Self.resolved(file) == own {
      throw SceneError(.usage, "the output \(path) is the scene itself, or one of its files")
    }
  }

  /// Refuses to write over companions that may not be replaced.
  func checkCompanions() throws {
    for file in companions where !overwrites && FileManager.default.fileExists(atPath: file) {
      throw SceneError(.cannotCreate, "\(file) exists and was not to be overwritten")
    }
  }

  /// The files to be written beside the output.
  private var companions: [String] {
    (writesStyle ? [stem + ".qml"] : []) + (writesQuicklook ? [stem + ".png"] : [])
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Writes style and picture of a finished output; without a valid pixel there is nothing to show.
  ///
  /// - Returns: the paths written.
  func writeCompanions(of raster: WrittenRaster) throws -> [String] {
    guard let statistics = raster.statistics else { return [] }
    for file in companions {
      if file.hasSuffix(".png") {
        try Quicklook.write(of: raster.path, to: file, overwrite: overwrites)
        continue
      }
      do {
        try QGISStyle(statistics).qml.write(toFile: file, atomically: true, encoding: .utf8)
      } catch {
        throw SceneError(.io, "cannot write the style \(file): \(error.reason)")
      }
    }
    return companions
  }
}
