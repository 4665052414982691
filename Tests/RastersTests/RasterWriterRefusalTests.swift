import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// What a writer throws when it is told to finish, or nil if it does.
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

  @Test func `a directory that is missing or no directory is refused before any work`() throws {
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
  func `a cancelled writer leaves nothing`(share: Double) throws {
    try withTemporaryDirectory { directory in
      let writer = try begin("\(directory)/out.tif", scratch: directory)
      let error = failure(finishing: writer) { $0 < share }
      #expect(error?.kind == .cancelled)
      #expect(try names(in: directory) == [])
    }
  }

  @Test func `progress grows from nothing to one`() throws {
    var shares: [Double] = []
    _ = try begin(memoryPath(), scratch: "/vsimem/").finish {
      shares.append($0)
      return true
    }
    #expect(shares == shares.sorted())
    #expect(shares.last == 1)
  }

  @Test func `a writer that is dropped leaves nothing`() throws {
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
  func `a creation option that GDAL would not heed is refused by name`(key: String, value: String)
    throws
  {
    let error = #expect(throws: RasterError.self) {
      _ = try RasterWriter(
        creating: memoryPath(), scratchDirectory: "/vsimem/",
        RasterDescription(width: 64, height: 64, creationOptions: [key: value]))
    }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains(key) == true)
  }

  @Test func `compression that loses anything does not verify, and says which pixel`() throws {
    try withTemporaryDirectory { directory in
      var writer = try RasterWriter(
        creating: "\(directory)/out.tif", scratchDirectory: directory,
        RasterDescription(
          width: 64, height: 64, creationOptions: ["COMPRESS": "LERC", "MAX_Z_ERROR": "10"]))
      try writer.write(Window(column: 0, row: 0, width: 64, height: 64), noise(64 * 64).span)
      let error = failure(finishing: writer)
      #expect(error?.kind == .io)
      #expect(error?.message.contains("did not verify: the pixel at column") == true)
      #expect(try names(in: directory) == [])
    }
  }
}
