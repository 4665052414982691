import ArgumentParser
import DepthModels
import Foundation
import Rasters
import Scenes
import Tensors

/// The command `relief doctor`, which checks the installation.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the installation: libraries, processor, model bundle, memory and disk.",
    discussion: "Exits with 69 if anything that infer needs is missing.")

  func run() throws {
    let threads = ProcessLimits().processors
    row("relief", SceneRun.version)
    row("GDAL", GDAL.version)
    let drivers = ["GTiff", "COG", "VRT", "JP2OpenJPEG", "netCDF"]
    row(
      "drivers", drivers.map { GDAL.hasDriver($0) ? $0 : "\($0) missing" }.joined(separator: ", "))
    row("PROJ", GDAL.projVersion)
    row("", "data: " + (GDAL.projDatabase ?? "proj.db not found"))
    row("", "network: " + (GDAL.isProjNetworkEnabled ? "on" : "off, only installed grids are used"))
    for grid in ["us_nga_egm96_15.tif", "us_nga_egm08_25.tif"] {
      row("", "\(grid): " + (GDAL.hasProjGrid(grid) ? "installed" : "not installed"))
    }
    row("BLAS core", "\(BLAS.coreName), single-threaded")
    row("kernels", CPU.kernelLevel)
    for count in Set([1, threads]).sorted() {
      let speed = BLAS.measuredGFLOPS(threads: count)
      row(
        "sgemm", String(format: "%.0f GFLOP/s on %d thread%@", speed, count, count == 1 ? "" : "s"))
    }
    row("memory", "\(Resources.text(ProcessLimits().freeMemory)) free")
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: ".")
    if let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue {
      row("disk", "\(Resources.text(free)) free in this folder")
    }
    let bundle = try ModelBundle.locate(nil)
    try bundle.verify()
    row("bundle", "\(bundle.manifest.card.name) in \(bundle.directory), verified")
    guard GDAL.hasDriver("COG") else {
      throw RasterError(
        .missingResource,
        "GDAL has no COG driver, which is required to write the output: install a GDAL with the COG driver"
      )
    }
  }

  /// Prints a line with a name and a value.
  private func row(_ name: String, _ value: String) {
    Console.output(name.padding(toLength: 10, withPad: " ", startingAt: 0) + value)
  }
}
