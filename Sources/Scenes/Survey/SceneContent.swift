import Files
import Foundation
import Grids
import Rasters

/// The identity of a scene's pixels, independent of where and how they are stored.
///
/// Two scenes have the same content if their selected bands have the same decoded samples (as Float32), if nodata,
/// masks and the validity rule exclude the same samples, and if their georeferencing is the same. Paths, times,
/// drivers, compression, blocks and band numbers do not matter.
///
/// The digest is a sum over cells of 64 × 64 pixels, counted from the scene's corner: the SHA-256 of each cell's
/// position and samples, added in four lanes of 64 bits, so that the reading order does not matter (incremental hashing
/// by addition: M. Bellare and D. Micciancio, 1997, doi:10.1007/3-540-69053-0_13). A cell without valid pixels adds
/// nothing, so the holes of a sparse mosaic need not be read. All other pixels are included, even if the radiometry is
/// measured on every k-th pixel only.
public struct SceneContent: Hashable, Sendable, Codable {
  /// The digest, as 64 hexadecimal digits.
  public let sha256: String

  /// The side of a cell, in pixels.
  static let cell = 64

  /// The running sum over cells.
  struct Digest {
    private var lanes: [UInt64] = [0, 0, 0, 0]

    /// Adds a cell's samples, given row by row.
    ///
    /// - Parameters:
    ///   - row: The cell's row, in cells.
    ///   - column: The cell's column, in cells.
    ///   - rows: The samples of each row of the cell as `[column, band]`, NaN where there is none.
    mutating func add(row: Int, column: Int, _ rows: some Sequence<ArraySlice<Float>>) {
      var hash = SHA256()
      hash.update([UInt64(row).littleEndian, UInt64(column).littleEndian].span.bytes)
      for samples in rows { hash.update(samples.span.bytes) }
      add(hash.digest())
    }

    /// Adds a cell that contains unreadable pixels or is part of a window that does.
    mutating func addDamaged(row: Int, column: Int) {
      var hash = SHA256()
      hash.update(Array("damaged \(row) \(column)".utf8).span.bytes)
      add(hash.digest())
    }

    private mutating func add(_ digest: [UInt8]) {
      for lane in 0..<4 {
        let bytes = digest[lane * 8..<(lane + 1) * 8]
        lanes[lane] &+= bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
    }

    /// Returns the content of a scene with the given size, number of bands and georeferencing.
    consuming func content(
      of grid: Grid, bands: Int, _ georeferencing: Georeferencing
    ) -> SceneContent {
      let text = """
        relief scene content 1
        \(grid.width) \(grid.height) \(bands)
        \(lanes.map { String($0, radix: 16) }.joined(separator: " "))
        \(georeferencing.canonicalText)
        """
      return SceneContent(sha256: SHA256.hexadecimal(of: Array(text.utf8).span.bytes))
    }
  }
}

extension Georeferencing {
  /// The georeferencing as text; a CRS is identified by its authority code where it has one, since its definition can
  /// be written in several ways.
  fileprivate var canonicalText: String {
    let name = { (crs: CRS?) in
      crs.map { "\($0.authority ?? $0.wkt) \($0.coordinateEpoch.map { "\($0)" } ?? "")" } ?? "none"
    }
    var lines = [
      "transform \(geoTransform.map { "\($0.coefficients)" } ?? "none")", "CRS \(name(crs))",
    ]
    if kind == .groundControl {
      lines.append("points in \(name(groundControlCRS))")
      lines += groundControlPoints.map { "\([$0.column, $0.row, $0.x, $0.y, $0.z])" }
    }
    lines += rationalPolynomials.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return lines.joined(separator: "\n")
  }
}
