import Grids
import Rasters

extension ScenePlan {
  /// Returns the area in the scene's pixels, and a warning if part of it lies outside the scene.
  ///
  /// - Throws: `SceneError` if a window is empty or not inside the scene, or if a box is given for a scene without
  ///   a geotransform and a CRS.
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
          .usage, "the window \(window) is empty; for the whole scene use --window \(whole)")
      }
      guard whole.contains(window) else {
        let inside = window.intersection(whole)
        throw SceneError(
          .usage,
          "the window \(window) is not inside the scene of \(whole.width) × \(whole.height) pixels: for "
            + (inside.isEmpty ? "the whole scene" : "the part inside it")
            + " use --window \(inside.isEmpty ? whole : inside)")
      }
      return (window, nil)
    case .bounds(let bounds, let crs):
      guard let own = scene.information.georeferencing.crs, scene.grid.geoTransform != nil else {
        throw SceneError(
          .usage, "a bounding box needs a scene with a geotransform and a CRS; use --window instead"
        )
      }
      let window = try BoxPlacement(bounds, in: crs ?? own, on: scene.grid, own).window
      let inside = window.intersection(whole)
      return (
        inside,
        inside == window
          ? nil
          : "the bounding box extends beyond the scene: only \(inside) of the window \(window) is written"
      )
    }
  }
}
