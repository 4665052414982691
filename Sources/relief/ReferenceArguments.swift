import ArgumentParser
import Scenes

/// The options of a reference that gives heights in meters.
struct ReferenceArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A coarser DEM of the area, with any CRS and grid. NAME_dem.tif gets its heights in meters, with the detail that \
      the scene shows and that stands a test against the DEM itself.
      """, valueName: "dem"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "The vertical CRS of the reference, such as EPSG:5773 (EGM96). Default: that of its compound CRS.",
      valueName: "crs"))
  var referenceVertical: String?

  @Option(
    help: ArgumentHelp(
      "The vertical CRS of the heights in meters. Default: that of the reference.", valueName: "crs"
    ))
  var vertical: String?

  func validate() throws {
    guard reference == nil else { return }
    if referenceVertical != nil {
      throw ValidationError("--reference-vertical requires --reference")
    }
    if vertical != nil { throw ValidationError("--vertical requires --reference") }
  }

  /// Opens the reference; nil if none is given.
  func open() throws -> ReferenceSource? {
    try reference.map {
      try ReferenceSource($0, vertical: referenceVertical, output: vertical)
    }
  }
}
