import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Runs `body` with a directory on a disk of one megabyte; mounting it requires root.
private func withTinyDisk(_ body: (String) throws -> Void) throws {
  try withTemporaryDirectory { directory in
    guard try runProgram(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
    defer { #expect((try? runProgram(["umount", directory])) == 0) }
    try body(directory)
  }
}

private let canMount: Bool = {
  do {
    try withTinyDisk { _ in }
    return true
  } catch { return false }
}()

@Suite(.enabled(if: canMount, "mounting a small disk requires root")) struct DiskFullTests {
  @Test func `a scratch disk without enough space is refused before any work`() throws {
    try withTinyDisk { disk in
      let error = #expect(throws: RasterError.self) {
        _ = try RasterWriter(
          creating: memoryPath(), scratchDirectory: disk,
          RasterDescription(width: 1000, height: 1000))
      }
      #expect(error?.kind == .io)
      #expect(error?.message.contains("bytes free, expected 4000000") == true)
      let left = try names(in: disk)
      #expect(left == [])
    }
  }

  @Test func `a disk that fills up while the output is written is an error, and leaves no files`()
    throws
  {
    try withTinyDisk { disk in
      var writer = try RasterWriter(
        creating: "\(disk)/out.tif", scratchDirectory: "/vsimem/",
        RasterDescription(width: 1000, height: 1000))
      let window = Window(column: 0, row: 0, width: 1000, height: 1000)
      try writer.write(window, noise(1_000_000).span)
      let error = failure(finishing: writer)
      #expect(error?.kind == .io)
      #expect(error?.message.contains("\(disk)/out.tif") == true)
      #expect(try names(in: disk) == [])
    }
  }

  @Test func `a disk that fills up is reported when a dataset is closed, if not earlier`() throws {
    try withTinyDisk { disk in
      let error = #expect(throws: RasterError.self) {
        try makeRaster(at: "\(disk)/out.tif", width: 1000, height: 1000, bands: [noise(1_000_000)])
      }
      #expect(error?.kind == .io)
    }
  }
}
