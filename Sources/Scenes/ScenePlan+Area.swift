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
          .usage, "the window \(window) has no pixel; the whole scene is --window \(whole)")
      }
      guard whole.contains(window) else {
        let inside = window.intersection(whole)
        throw SceneError(
          .usage,
          "the window \(window) is not inside the scene of \(whole.width) × \(whole.height) pixels: "
            + (inside.isEmpty ? "the whole scene is" : "the part inside it is")
            + " --window \(inside.isEmpty ? whole : inside)")
      }
      return (window, nil)
    case .bounds(let bounds, let crs):
      guard let own = scene.information.georeferencing.crs, scene.grid.geoTransform != nil else {
        throw SceneError(
          .usage, "a box needs a scene with a geotransform and a CRS; use --window instead")
      }
      let window = try BoxPlacement(bounds, in: crs ?? own, on: scene.grid, own).window
      let inside = window.intersection(whole)
      return (
        inside,
        inside == window
          ? nil : "the box reaches beyond the scene: \(inside) of \(window) is written"
      )
    }
  }
}
