import Files
import Foundation
import Grids
public import Pairs
import Rasters
import Scenes
import Tensors

/// Checks pairs for problems that would make them useless for training.
///
/// Nothing is modified. Properties that cannot be determined are reported as unknown.
public struct PairDoctor: Sendable {
  /// How shifts between images and DEMs are estimated.
  public var shift = PairShift.Options()
  /// Whether to keep thumbnails of the first 200 pairs for an HTML page, about 200 KB each.
  public var keepsPictures = false

  private static let maxPictures = 200
  /// Smaller shifts, in pixels, are not reported.
  private static let minShift = 1.0
  /// From this ratio of pixel sizes, the DEM lacks detail at the image's resolution.
  private static let coarseRatio = 2.0

  /// Creates a doctor with default options.
  public init() {}

  /// Examines all pairs of a list concurrently.
  ///
  /// - Parameters:
  ///   - list: The pairs; one that cannot be opened yields a finding.
  ///   - progress: Called with the number of examined pairs.
  /// - Returns: A report that does not depend on the number of processors.
  /// - Throws: `CancellationError`.
  public func examine(
    _ list: PairList, progress: (Int) -> Void = { _ in }
  ) async throws -> DoctorReport {
    let pairs = list.pairs
    let hasSplits = Set(pairs.compactMap(\.split)).count > 1
    var found = [PairReport?](repeating: nil, count: pairs.count)
    var done = 0
    try await forEachConcurrently(
      Array(pairs.indices), atOnce: ProcessLimits().processors
    ) { index in
      examine(
        pairs[index], needsDigest: hasSplits,
        keepsPictures: keepsPictures && index < Self.maxPictures)
    } receive: { index, report in
      found[index] = report
      done += 1
      progress(done)
    }
    let reports = found.compactMap(\.self)
    return DoctorReport(pairs: reports, findings: ListCheck(reports).findings)
  }

  /// Examines one pair.
  func examine(_ pair: Pair, needsDigest: Bool, keepsPictures: Bool) -> PairReport {
    var report = PairReport(pair)
    do {
      try examine(pair, needsDigest, keepsPictures, &report)
    } catch {
      // After an error about the location, the consequences are not worth reporting.
      if !report.findings.contains(where: { $0.severity == .error }) {
        report.findings.append(PairFinding(.error, .unusable, "\(error)"))
      }
    }
    return report
  }

  private func examine(
    _ pair: Pair, _ needsDigest: Bool, _ keepsPictures: Bool, _ report: inout PairReport
  ) throws {
    let image = try Dataset(reading: pair.image)
    let dem = try Dataset(reading: pair.dem)
    let window = pair.window ?? image.grid.window
    (report.width, report.height) = (window.width, window.height)
    report.footprint = Footprint(
      image.grid.cropped(to: window), crs: image.georeferencing.crs)
    report.findings += LocationCheck(image: image, dem: dem).findings
    let part = Self.part(of: dem, under: report.footprint, window)
    let heights = HeightCheck(try HeightSample(of: dem, part))
    report.findings += heights.findings
    report.hasByteHeights = heights.isByte
    let isMisplaced = report.findings.contains {
      [.impossiblePlace, .degreesAsMeters, .noOverlap].contains($0.code)
    }
    guard !isMisplaced else { return }
    report.imageGSD = try image.groundSampleDistance()?.mean
    report.demGSD = try dem.groundSampleDistance()?.mean
    let surface = try SurfaceCheck(of: dem, part)
    report.standing = surface.standing
    report.findings += surface.findings(declared: pair.surface)
    let aligned = try AlignedPair(pair)
    report.fit = aligned.fit
    let shift = try PairShift(of: aligned, self.shift)
    report.shift = shift
    report.findings += Self.findings(of: shift, report)
    let sun = SunCheck(shift, image: try SceneSource.Information(pair.image), given: pair.azimuth)
    report.sunAzimuth = sun.azimuth
    report.findings += sun.findings
    let preview = try PairPreview(of: aligned)
    if preview.validShare < 0.5 {
      report.findings.append(
        PairFinding(
          .warning, .mostlyVoid,
          String(
            format: "only %.0f %% of the pixels have both an image and a height",
            100 * preview.validShare)))
    }
    if keepsPictures { report.preview = preview }
    if needsDigest, report.footprint == nil { report.digest = try Self.digest(of: aligned) }
  }

  /// Returns the window of a DEM that an image covers; the whole DEM if that is unknown.
  private static func part(
    of dem: borrowing Dataset, under image: Footprint?, _ window: Window
  ) -> Window {
    let whole = dem.grid.window
    guard let image else { return whole.contains(window) ? window : whole }
    let bounds = dem.georeferencing.crs.flatMap { image.bounds(in: $0) } ?? image.bounds
    guard bounds.minX <= bounds.maxX, bounds.minY <= bounds.maxY,
      let under = dem.grid.window(
        coveringX: bounds.minX...bounds.maxX, y: bounds.minY...bounds.maxY)
    else { return whole }
    let part = under.intersection(whole)
    return part.isEmpty ? whole : part
  }

  private static func findings(of shift: PairShift, _ report: PairReport) -> [PairFinding] {
    var findings: [PairFinding] = []
    if let ours = report.imageGSD, let theirs = report.demGSD, theirs > coarseRatio * ours {
      findings.append(
        PairFinding(
          .note, .coarseHeights,
          String(
            format:
              "the DEM's pixels are %.3g m wide and the image's %.3g m: the DEM lacks finer terrain features",
            theirs, ours)))
    }
    if let doubt = shift.doubt {
      findings.append(
        PairFinding(
          .note, .shiftUnknown,
          "the shift between image and DEM cannot be determined: \(doubt.rawValue)\(guess(shift))"
        ))
    } else if shift.distance >= minShift {
      findings.append(
        PairFinding(
          .warning, .shift,
          String(
            format: "the DEM lies %.1f px %@ and %.1f px %@ the image", abs(shift.columns),
            shift.columns < 0 ? "left of" : "right of", abs(shift.rows),
            shift.rows < 0 ? "above" : "below")))
    }
    return findings
  }

  /// Returns the range of an uncertain shift, if it is narrow enough to be informative.
  private static func guess(_ shift: PairShift) -> String {
    guard [.wide, .weak].contains(shift.doubt), let x = shift.columnRange, let y = shift.rowRange,
      max(x.upperBound - x.lowerBound, y.upperBound - y.lowerBound) < Double(shift.radius) / 2
    else { return "" }
    return String(
      format: " (possibly %+.1f to %+.1f px right, %+.1f to %+.1f px below)", x.lowerBound,
      x.upperBound, y.lowerBound, y.upperBound)
  }

  /// Returns the SHA-256 digest of the size and the samples of an image.
  private static func digest(of pair: borrowing AlignedPair) throws -> String {
    var hash = SHA256()
    let grid = pair.grid
    hash.update(Array("\(grid.width) \(grid.height) ".utf8).span.bytes)
    for strip in grid.window.strips() {
      let image = try pair.read(strip).image
      hash.update(image.span.bytes)
    }
    return hash.hexadecimal()
  }
}
