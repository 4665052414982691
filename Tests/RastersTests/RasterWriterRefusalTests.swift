import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Finishes a writer and returns the error, or nil if there is none.
func failure(
  finishing writer: consuming RasterWriter, progress: (Double) -> Bool = { _ in true }
) -> RasterError? {
  do throws(RasterError) {
    _ = try writer.finish(progress: progress)
    return nil
  } catch {
    return error
  }
}

@Suite struct RasterWriterRefusalTests {
  private func begin(_ path: String, scratch: String, overwrite: Bool = false) throws
    -> RasterWriter
  {
    try RasterWriter(
      creating: path, scratchDirectory: scratch,
      RasterDescription(width: 64, height: 64, overwrite: overwrite))
  }

  private func refusal(_ path: String, scratch: String) -> RasterError? {
    #expect(throws: RasterError.self) { _ = try begin(path, scratch: scratch) }
  }

  @Test func `an existing raster is replaced only on request, with its sidecars`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/out.tif"
      try Data("old".utf8).write(to: URL(filePath: path))
      try Data("<PAMDataset/>".utf8).write(to: URL(filePath: path + ".aux.xml"))
      let error = refusal(path, scratch: directory)
      #expect(error?.kind == .cannotCreate)
      #expect(error?.message.hasPrefix("\(path) exists") == true)
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("old".utf8))
      _ = try begin(path, scratch: directory, overwrite: true).finish()
      #expect(try Dataset(reading: path).width == 64)
      #expect(try names(in: directory) == ["out.tif"])
    }
  }

  @Test func `a sidecar that would be read with the raster counts as existing`() throws {
    try withTemporaryDirectory { directory in
      try Data("<PAMDataset/>".utf8).write(to: URL(filePath: "\(directory)/out.tif.aux.xml"))
      #expect(refusal("\(directory)/out.tif", scratch: directory)?.kind == .cannotCreate)
    }
  }

  @Test func `a path that is missing or not a directory is refused before any work`() throws {
    try withTemporaryDirectory { directory in
      let file = "\(directory)/file"
      try Data().write(to: URL(filePath: file))
      for bad in ["\(directory)/missing", file] {
        for (path, scratch) in [("\(bad)/out.tif", directory), ("\(directory)/out.tif", bad)] {
          let error = refusal(path, scratch: scratch)
          #expect(error?.kind == .cannotCreate)
          #expect(error?.message.contains(bad) == true)
        }
      }
      #expect(refusal(directory, scratch: directory)?.kind == .cannotCreate)
      #expect(try names(in: directory) == ["file"])
    }
  }

  @Test(arguments: [0.0, 0.05, 0.3, 0.75, 0.999])
  func `a cancelled writer leaves no files`(share: Double) throws {
    try withTemporaryDirectory { directory in
      let writer = try begin("\(directory)/out.tif", scratch: directory)
      let error = failure(finishing: writer) { $0 < share }
      #expect(error?.kind == .cancelled)
      #expect(try names(in: directory) == [])
    }
  }

  @Test func `progress increases to 1`() throws {
    var shares: [Double] = []
    _ = try begin(memoryPath(), scratch: "/vsimem/").finish {
      shares.append($0)
      return true
    }
    #expect(shares == shares.sorted())
    #expect(shares.last == 1)
  }

  @Test func `a writer that is dropped leaves no files`() throws {
    try withTemporaryDirectory { directory in
      do {
        var writer = try begin("\(directory)/out.tif", scratch: directory)
        try writer.write(Window(column: 0, row: 0, width: 1, height: 1), [3].span)
        #expect(try names(in: directory).count == 1)
      }
      #expect(try names(in: directory) == [])
    }
  }

  @Test(arguments: [("COMPRESS", "MAGIC"), ("COMPRES", "ZSTD"), ("BLOCKSIZE", "large")])
  func `the error for a creation option that GDAL would ignore names it`(
    key: String, value: String
  ) throws {
    let error = #expect(throws: RasterError.self) {
      _ = try RasterWriter(
        creating: memoryPath(), scratchDirectory: "/vsimem/",
        RasterDescription(width: 64, height: 64, creationOptions: [key: value]))
    }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains(key) == true)
  }

  @Test(arguments: [
    "COMPRESS=JPEG", "compress=webp", "MAX_Z_ERROR=0.01", "TILING_SCHEME=GoogleMapsCompatible",
    "TARGET_SRS=EPSG:3857", "RES=60", "EXTENT=1,2,3,4", "ALIGNED_LEVELS=2", "ADD_ALPHA=YES",
    "ZOOM_LEVEL_STRATEGY=UPPER", "WARP_RESAMPLING=CUBIC",
  ])
  func `the error for a creation option that would change grid or heights names it`(
    option: String
  ) throws {
    let parts = option.split(separator: "=").map(String.init)
    let error = #expect(throws: RasterError.self) {
      try RasterWriter.check(
        creating: memoryPath(), scratchDirectory: "/vsimem/",
        RasterDescription(width: 64, height: 64, creationOptions: [parts[0]: parts[1]]))
    }
    #expect(error?.kind == .usage && error?.message.contains(option) == true)
  }

  @Test func `options that preserve heights are accepted, also in lowercase`() throws {
    for options in [
      ["compress": "LZW"], ["COMPRESS": "LERC", "MAX_Z_ERROR": "0"], ["TILING_SCHEME": "CUSTOM"],
      ["BLOCKSIZE": "256", "LEVEL": "9"], ["BIGTIFF": "NO"],
    ] {
      let path = memoryPath()
      let writer = try RasterWriter(
        creating: path, scratchDirectory: "/vsimem/",
        RasterDescription(width: 64, height: 64, creationOptions: options))
      _ = try writer.finish()
      let found = try Dataset(reading: path).metadata(domain: "IMAGE_STRUCTURE")["COMPRESSION"]
      if options["compress"] != nil { #expect(found == "LZW") }
    }
    let large = RasterDescription(
      width: 40_000, height: 40_000, creationOptions: ["BIGTIFF": "NO"])
    #expect(throws: RasterError.self) {
      try RasterWriter.check(creating: memoryPath(), scratchDirectory: "/vsimem/", large)
    }
  }

  @Test func `a path that is too long for its temporary files is refused before any work`() throws {
    try withTemporaryDirectory { directory in
      let name = String(repeating: "n", count: 236) + ".tif"
      let error = refusal("\(directory)/\(name)", scratch: directory)
      #expect(error?.kind == .cannotCreate && error?.message.contains("too long") == true)
      #expect(try names(in: directory) == [])
      _ = try begin("\(directory)/\(name.suffix(200))", scratch: directory).finish()
    }
  }

  @Test func `links and pipes in place of the raster or a sidecar are refused`() throws {
    try withTemporaryDirectory { directory in
      for name in ["out.tif", "out.tif.aux.xml", "out.tif.ovr"] {
        for isLink in [true, false] {
          let path = "\(directory)/\(name)"
          #expect((isLink ? symlink("/etc/hostname", path) : mkfifo(path, 0o600)) == 0)
          #expect(throws: RasterError.self) {
            _ = try begin("\(directory)/out.tif", scratch: directory, overwrite: true)
          }
          unlink(path)
        }
      }
    }
  }
}
