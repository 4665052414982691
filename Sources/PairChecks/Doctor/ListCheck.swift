import Foundation
import Grids
import Pairs
import Rasters

/// Problems between the pairs of a list: mixed surfaces or units, overlapping splits, repeated images.
struct ListCheck {
  let findings: [PairFinding]

  /// The number of findings of one kind that are listed; the rest are only counted.
  private static let maxListed = 20

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
          "\(dsm) pairs have a DSM and \(dtm) a DTM: a network would learn a mixture of both"
        ))
    }
    if surfaces.count > 1, let undeclared = surfaces[nil]?.count {
      findings.append(
        PairFinding(
          .note, .surfacesMixed,
          "\(undeclared) pairs do not declare whether they have a DSM or a DTM"))
    }
    let bytes = reports.count { $0.hasByteHeights }
    let heights = reports.count { !$0.hasByteHeights && $0.shift != nil }
    if bytes > 0, heights > 0 {
      findings.append(
        PairFinding(
          .warning, .unitsMixed,
          "\(bytes) pairs have heights from 0 to 255 and \(heights) have other heights: no scale fits both"
        ))
    }
    return findings
  }

  /// Finds pairs of different splits that overlap on the ground.
  private static func sharedGround(_ reports: [PairReport]) -> [PairFinding] {
    let placed = reports.filter { $0.pair.split != nil }
    let places = placed.map(Place.init)
    // Sorted from west to east, so that distant pairs are never compared.
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
        "\(a.name) (\(a.split?.rawValue ?? "")) and \(b.name) (\(b.split?.rawValue ?? "")) overlap on the ground"
      )
    }
  }

  /// The location of a pair, and its range of longitudes in degrees.
  private struct Place {
    let image: String
    let window: Window?
    let footprint: Footprint?
    let (west, east): (Double, Double)

    init(_ report: PairReport) {
      (image, window) = (report.pair.image, report.pair.window)
      footprint = report.footprint
      let earth = report.footprint?.geographicBounds
      let crosses = earth.map { $0.minX > $0.maxX } ?? true
      // A pair without a known location is compared with all others.
      west = crosses ? -.infinity : (earth?.minX ?? 0) - 0.01
      east = crosses ? .infinity : (earth?.maxX ?? 0) + 0.01
    }

    func sharesGround(with other: Place) -> Bool {
      if image == other.image {
        guard let window, let theirs = other.window else { return true }
        return window.overlaps(theirs)
      }
      // Without a CRS, equal coordinates do not imply the same location: many files start at 0, 0.
      guard let footprint, let theirs = other.footprint, footprint.crs != nil else { return false }
      return footprint.overlaps(theirs) == true
    }
  }

  /// Finds images without georeferencing whose pixels are identical across splits.
  private static func sameImages(_ reports: [PairReport]) -> [PairFinding] {
    let known = reports.filter { $0.digest != nil && $0.pair.split != nil }
    let groups = Dictionary(grouping: known) { $0.digest ?? "" }.values.filter { group in
      Set(group.map(\.pair.split)).count > 1 && Set(group.map(\.pair.image)).count > 1
    }
    let titles = groups.map { group in
      group.map { (report: PairReport) -> String in
        "\(report.pair.name) (\(report.pair.split?.rawValue ?? ""))"
      }
    }.sorted { $0[0] < $1[0] }
    return listed(titles.count) { index in
      PairFinding(
        .error, .sameImagery,
        "\(titles[index].joined(separator: " and ")) have images with identical pixels")
    }
  }

  private static func listed(
    _ count: Int, _ finding: (Int) -> PairFinding
  ) -> [PairFinding] {
    let shown = (0..<min(count, maxListed)).map(finding)
    guard count > maxListed, let last = shown.last else { return shown }
    return shown + [
      PairFinding(last.severity, last.code, "and \(count - maxListed) more of this kind")
    ]
  }
}
