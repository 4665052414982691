import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import TestModels

/// Measures the peak memory of a complete run on a scene of any size: `memory-check SIDE FOLDER`.
///
/// The scene is a three-band UInt16 VRT that enlarges a small raster to SIDE × SIDE pixels. The network is trivial, so
/// that the measurement covers tiling, storage, blending and writing. Each process measures one size, because the peak
/// of a process never decreases.
@main struct MemoryCheck {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let side = Int(arguments[1]) else {
      return print("usage: memory-check SIDE FOLDER")
    }
    let folder = arguments[2]
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let scenePath = folder + "/scaled.vrt"
    try writeScaledScene(side: side, folder: folder, to: scenePath)

    GDAL.setCacheLimit(bytes: 128 << 20)
    let clock = ContinuousClock()
    let start = clock.now
    var options = SceneOptions()
    options.memory = 2 << 30
    let scene = try SceneSource(scenePath)
    let model = BrightnessModel()
    let plan = try await ScenePlan.make(for: scene, model: model, options: options)
    var output = OutputOptions(folder + "/heights.tif")
    output.overwrites = true
    let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
    let report = try await run()
    let seconds = (clock.now - start) / .seconds(1)

    print("side \(side), \(report.tilesDone) tiles, \(String(format: "%.0f", seconds)) s")
    for part in report.seconds { print("  \(part.part) \(String(format: "%.1f", part.seconds)) s") }
    print("peak \(try peakMegabytes()) MB, output \(report.output.bytes >> 20) MB")
  }

  /// Writes a small textured raster, and a VRT that enlarges it.
  private static func writeScaledScene(side: Int, folder: String, to path: String) throws {
    let small = 500
    var dataset = try Dataset(
      creating: folder + "/small.tif", width: small, height: small, bands: 3, type: "UInt16")
    let whole = Window(column: 0, row: 0, width: small, height: small)
    for band in 1...3 {
      let values = (0..<small * small).map { Float(($0 * 7919 * band) % 9973) }
      try dataset.write(whole, band: band, values.span)
    }
    try dataset.close()
    let bands = zip(1...3, ["Red", "Green", "Blue"]).map { number, color in
      """
        <VRTRasterBand dataType="UInt16" band="\(number)">
          <ColorInterp>\(color)</ColorInterp>
          <SimpleSource>
            <SourceFilename relativeToVRT="1">small.tif</SourceFilename>
            <SourceBand>\(number)</SourceBand>
            <SrcRect xOff="0" yOff="0" xSize="\(small)" ySize="\(small)"/>
            <DstRect xOff="0" yOff="0" xSize="\(side)" ySize="\(side)"/>
          </SimpleSource>
        </VRTRasterBand>
      """
    }
    let vrt = """
      <VRTDataset rasterXSize="\(side)" rasterYSize="\(side)">
        <SRS>EPSG:32633</SRS>
        <GeoTransform>500000, 30, 0, 5000000, 0, -30</GeoTransform>
      \(bands.joined(separator: "\n"))
      </VRTDataset>
      """
    try vrt.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Returns the peak resident memory reported by the kernel, in MB.
  private static func peakMegabytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
  }
}
