import Files
import Foundation
import Grids
import Rasters

/// What a scene shows, wherever it lies and however it is packed: the identity of its pixels.
///
/// Two scenes have the same content where the selected bands have the same decoded samples, as Float32, and lack the same
/// ones by nodata, masks and the rule, and lie at the same place. Paths, times, drivers, compression, blocks and band
/// numbers do not count.
///
/// The digest is a sum over cells of 64 × 64 pixels from the scene's corner: SHA-256 of a cell's place and samples, added
/// up in four lanes of 64 bits, so that the order of reading does not matter (incremental hashing by addition:
/// M. Bellare and D. Micciancio, 1997, doi:10.1007/3-540-69053-0_13). A cell without a valid pixel adds nothing, so the
/// holes of a sparse mosaic need not be read. Every other pixel is, also where the radiometry is measured on every k-th.
public struct SceneContent: Hashable, Sendable, Codable {
  /// 64 hexadecimal digits.
  public let sha256: String

  /// Side of a cell in pixels.
  static let cell = 64

  /// The sum over cells while they are read.
  struct Digest {
    private var lanes: [UInt64] = [0, 0, 0, 0]

    /// Adds a cell's samples, given row by row.
    ///
    /// - Parameters:
    ///   - row: The cell's place, counted in cells.
    ///   - column: Likewise.
    ///   - rows: The samples of each of its rows as [column, band], NaN where there is none.
    mutating func add(row: Int, column: Int, _ rows: some Sequence<ArraySlice<Float>>) {
      var hash = SHA256()
      hash.update([UInt64(row).littleEndian, UInt64(column).littleEndian].span.bytes)
      for samples in rows { hash.update(samples.span.bytes) }
      add(hash.digest())
    }

    /// Notes a cell that cannot be read, or lies near such.
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

    /// The content of a scene of this size and place.
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
  /// The place of the pixels as text; a CRS by its entry in a register, for its definition is written in several ways.
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
