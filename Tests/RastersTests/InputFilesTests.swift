import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// All files that are read are watched, at any depth below the opened dataset.
@Suite struct InputFilesTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try makeRaster(
      at: folder("a.tif"), width: 4, height: 4, bands: [[Float](repeating: 1, count: 16)])
  }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: folder(name), atomically: true, encoding: .utf8)
  }

  /// Writes a VRT of one raster.
  private func virtual(_ name: String, over source: String, relative: Bool) throws {
    try write(
      """
      <VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>
      <SourceFilename relativeToVRT="\(relative ? 1 : 0)">\(source)</SourceFilename><SourceBand>1</SourceBand>
      </SimpleSource></VRTRasterBand></VRTDataset>
      """, name)
  }

  private func changedFile(since inputs: InputFiles) -> String? {
    inputs.firstChange().map { ($0.path as NSString).lastPathComponent }
  }

  @Test func `unmodified files have no changes`() throws {
    #expect(try Dataset(reading: folder("a.tif")).inputFiles.firstChange() == nil)
  }

  @Test func `the source of a nested VRT and its sidecar are watched`() throws {
    try write("<PAMDataset/>", "a.tif.aux.xml")
    try virtual("inner.vrt", over: "a.tif", relative: true)
    try virtual("outer.vrt", over: folder("inner.vrt"), relative: false)
    for name in ["a.tif", "inner.vrt", "a.tif.aux.xml"] {
      let inputs = try Dataset(reading: folder("outer.vrt")).inputFiles
      #expect(inputs.firstChange() == nil)
      let file = try FileHandle(forUpdating: URL(filePath: folder(name)))
      try file.seekToEnd()
      try file.write(contentsOf: Data(" ".utf8))
      try file.close()
      #expect(changedFile(since: inputs) == name)
    }
  }

  @Test func `a source of the same size but another time or inode has changed`() throws {
    let inputs = try Dataset(reading: folder("a.tif")).inputFiles
    try FileManager.default.copyItem(atPath: folder("a.tif"), toPath: folder("b.tif"))
    let date = try #require(
      FileManager.default.attributesOfItem(atPath: folder("a.tif"))[.modificationDate] as? Date)
    #expect(rename(folder("b.tif"), folder("a.tif")) == 0)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder("a.tif"))
    let change = try #require(inputs.firstChange())
    #expect(change.before?.size == change.now?.size && change.before != change.now)
    #expect(change.description.contains("a.tif (was ") && change.description.contains(", is "))
  }

  @Test func `a removed source has changed`() throws {
    let inputs = try Dataset(reading: folder("a.tif")).inputFiles
    try FileManager.default.removeItem(atPath: folder("a.tif"))
    #expect(inputs.firstChange()?.description.hasSuffix("is now missing)") == true)
  }

  @Test(arguments: [3, 1200])
  func `every chunk of a Zarr store is watched, individually or all together`(count: Int) throws {
    try makeRaster(
      at: folder("z"), width: 8, height: 8, bands: [[Float](repeating: 1, count: 64)],
      driver: "Zarr")
    for number in 0..<count { try write("\(number)", "z/chunk\(number)") }
    let inputs = try Dataset(reading: folder("z")).inputFiles
    #expect(inputs.firstChange() == nil)
    #expect((inputs.paths.count == 1) == (count > 1000))
    try write("other", "z/chunk2")
    #expect(changedFile(since: inputs) == (count > 1000 ? "z" : "chunk2"))
  }

  @Test func `the archive that contains a scene is watched`() throws {
    try runProgram(["tar", "-cf", folder("s.tar"), "-C", folder.path, "a.tif"])
    let inputs = try Dataset(reading: "/vsitar/" + folder("s.tar") + "/a.tif").inputFiles
    #expect(inputs.paths.contains(folder("s.tar")))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: folder("s.tar"))
    #expect(inputs.firstChange() != nil)
  }
}
