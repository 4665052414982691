import Foundation
import Grids
import Rasters

/// What pairs of a list have with one another that they shouldn't.
struct ListCheck {
  let findings: [PairFinding]

  /// More of one kind are counted, not listed.
  private static let mostListed = 20

  init(_ reports: [PairReport]) {
    findings = Self.mixtures(reports) + Self.sharedGround(reports) + Self.sameImages(reports)
  }

  private static func mixtures(_ reports: [PairReport]) -> [PairFinding] {
    var findings: [PairFinding] = []
    let surfaces = Dictionary(grouping: reports) { $0.pair.surface }
    if let dsm = surfaces[.dsm]?.count, let dtm = surfaces[.dtm]?.count {
      findings.append(
        PairFinding(
          .warning, .surfacesMixed,
          "\(dsm) pairs have a DSM and \(dtm) a DTM: a network would learn something between the two"
        ))
    }
    if surfaces.count > 1, let silent = surfaces[nil]?.count {
      findings.append(
        PairFinding(
          .note, .surfacesMixed, "\(silent) pairs don't say whether they have a DSM or a DTM"))
    }
    let bytes = reports.count { $0.hasByteHeights }
    let heights = reports.count { !$0.hasByteHeights && $0.shift != nil }
    if bytes > 0, heights > 0 {
      findings.append(
        PairFinding(
          .warning, .unitsMixed,
          "\(bytes) pairs have heights of 0 to 255 and \(heights) have others: no scale fits both"))
    }
    return findings
  }

  /// Pairs of different splits over the same ground.
  private static func sharedGround(_ reports: [PairReport]) -> [PairFinding] {
    let placed = reports.filter { $0.pair.split != nil }
    let places = placed.map(Place.init)
    // From west to east, so that those far apart are never compared.
    let order = places.indices.sorted {
      (places[$0].west, $0) < (places[$1].west, $1)
    }
    var shared: [(Int, Int)] = []
    for (position, a) in order.enumerated() {
      for b in order[(position + 1)...] {
        if places[b].west > places[a].east { break }
        guard placed[a].pair.split != placed[b].pair.split,
          places[a].sharesGround(with: places[b])
        else { continue }
        shared.append((min(a, b), max(a, b)))
      }
    }
    shared.sort { $0 < $1 }
    return listed(shared.count) { index in
      let (a, b) = (placed[shared[index].0].pair, placed[shared[index].1].pair)
      return PairFinding(
        .error, .splitsOverlap,
        "\(a.name) (\(a.split?.rawValue ?? "")) and \(b.name) (\(b.split?.rawValue ?? "")) share ground"
      )
    }
  }

  /// A pair's ground, and between which degrees it lies.
  private struct Place {
    let image: String
    let window: Window?
    let footprint: Footprint?
    let (west, east): (Double, Double)

    init(_ report: PairReport) {
      (image, window) = (report.pair.image, report.pair.window)
      footprint = report.footprint
      let earth = report.footprint?.onEarth
      let crosses = earth.map { $0.minX > $0.maxX } ?? true
      // What can't be placed is compared with all.
      west = crosses ? -.infinity : (earth?.minX ?? 0) - 0.01
      east = crosses ? .infinity : (earth?.maxX ?? 0) + 0.01
    }

    func sharesGround(with other: Place) -> Bool {
      if image == other.image {
        guard let window, let theirs = other.window else { return true }
        return window.overlaps(theirs)
      }
      // Without a CRS, two files that lie alike need not lie in one place: many begin at 0, 0.
      guard let footprint, let theirs = other.footprint, footprint.crs != nil else { return false }
      return footprint.overlaps(theirs) == true
    }
  }

  /// Images that don't say where they lie, and are the same pixel by pixel.
  private static func sameImages(_ reports: [PairReport]) -> [PairFinding] {
    let known = reports.filter { $0.digest != nil && $0.pair.split != nil }
    let groups = Dictionary(grouping: known) { $0.digest ?? "" }.values.filter { group in
      Set(group.map(\.pair.split)).count > 1 && Set(group.map(\.pair.image)).count > 1
    }.map { $0.map { "\($0.pair.name) (\($0.pair.split?.rawValue ?? ""))" } }.sorted {
      $0[0] < $1[0]
    }
    return listed(groups.count) { index in
      PairFinding(
        .error, .sameImagery,
        "\(groups[index].joined(separator: " and ")) have the same image, pixel by pixel")
    }
  }

  private static func listed(
    _ count: Int, _ finding: (Int) -> PairFinding
  ) -> [PairFinding] {
    let shown = (0..<min(count, mostListed)).map(finding)
    guard count > mostListed, let last = shown.last else { return shown }
    return shown + [
      PairFinding(last.severity, last.code, "and \(count - mostListed) more of this kind")
    ]
  }
}
