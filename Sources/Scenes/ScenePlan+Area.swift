import Grids
import Rasters

extension ScenePlan {
  /// The area in the scene's pixels, and a warning if the scene does not cover all of it.
  static func area(
    _ area: SceneOptions.Area, of scene: SceneSource
  ) throws -> (Window, String?) {
    let whole = scene.grid.window
    switch area {
    case .whole:
      return (whole, nil)
    case .window(let window):
      guard !window.isEmpty else {
        throw SceneError(
          .usage, "the window \(window) has no pixel; all of the scene is --window \(whole)")
      }
      guard whole.contains(window) else {
        throw SceneError(
          .usage,
          "the window \(window) is not inside the scene, which is all of --window \(whole)")
      }
      return (window, nil)
    case .bounds(let bounds, let crs):
      guard bounds.minX < bounds.maxX, bounds.minY < bounds.maxY else {
        throw SceneError(
          .usage, "the box \(bounds.text) is empty, expected minx,miny,maxx,maxy")
      }
      guard let own = scene.information.georeferencing.crs, scene.grid.geoTransform != nil else {
        throw SceneError(
          .usage, "a box needs a scene with a geotransform and a CRS; use --window instead")
      }
      let local = try crs.map { try own.bounds(of: bounds, from: $0) } ?? bounds
      guard
        let window = scene.grid.window(
          coveringX: local.minX...local.maxX, y: local.minY...local.maxY)
      else { throw SceneError(.usage, "the box \(bounds.text) has no place on the scene's grid") }
      let inside = window.intersection(whole)
      guard !inside.isEmpty else {
        throw SceneError(
          .usage,
          "the box \(bounds.text) lies outside the scene; relief info SCENE says where that is")
      }
      return (
        inside,
        inside == window
          ? nil : "the box reaches beyond the scene: \(inside) of \(window) is written"
      )
    }
  }
}

extension Bounds {
  fileprivate var text: String { "\(minX),\(minY),\(maxX),\(maxY)" }
}
