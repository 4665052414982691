import Rasters
import Scenes
import Surfaces

extension EvaluationInputs {
  /// Returns the surfaces to evaluate, the heights first, and notes about what was not possible.
  func candidates() throws -> ([Candidate], notes: [String]) {
    var notes: [String] = []
    var candidates = try heightCandidates(&notes)
    for rival in rivals {
      candidates.append(
        try fitted(
          rival.name, rival.path, as: rival.file, sign: rival.sign, allowsNegativeScale: false,
          &notes))
    }
    if let luminance {
      candidates.append(
        try fitted(
          "blurred luminance", luminance.broad, as: "luminance-broad", allowsNegativeScale: true,
          &notes))
    }
    if let anchor = request.anchor { candidates += try anchorCandidates(anchor) }
    // Restricted to the pixels that are compared.
    let judged = candidates.filter { !$0.isCoregistered }.map(\.surface)
    let truth = try EvenlySpacedSample(of: [reference] + judged, on: common.target.grid).shared
    if let mean = truth.mean(0), let plane = truth.plane(0) {
      let bounds = [("mean of the reference", PlaneSurface(level: mean)), ("plane", plane)]
      candidates.insert(
        contentsOf: bounds.map { Candidate(name: $0.0, fit: .oracle, surface: $0.1) },
        at: candidates.firstIndex { $0.name != "heights" } ?? candidates.count)
    }
    for rival in rivals where candidates.count(where: { $0.name == rival.name }) > 1 {
      throw SceneError(
        .usage,
        "--against \(rival.name): another surface has this name, expected a unique name")
    }
    return (candidates, notes)
  }

  /// Returns the heights unchanged, if they are in meters, and fitted; each as placed and coregistered.
  private func heightCandidates(_ notes: inout [String]) throws -> [Candidate] {
    let values = try EvenlySpacedSample(
      of: [try RasterSurface(heightsPath, Placement(scale: sign)), reference],
      on: common.target.grid
    ).values
    guard values[1].contains(where: { !$0.isNaN }) else {
      throw SceneError(
        .badData,
        "\(request.reference) has no valid pixel within \(request.heights): all of it is nodata")
    }
    guard values[0].contains(where: { !$0.isNaN }) else {
      throw SceneError(
        .badData,
        "\(request.heights) has no valid pixel within \(request.reference): all of it is nodata")
    }
    notes += try HeightPlausibility.notes(
      of: values[1], request.reference, isMetric: isReferenceMetric)
    notes += try HeightPlausibility.notes(of: values[0], request.heights, isMetric: areInMeters)
    guard let fit = RobustRegression(of: values[0], to: values[1]) else {
      throw SceneError(
        .badData,
        "\(request.heights) and \(request.reference) have no pixel where both have a height")
    }
    let least = Self.leastScale(values[0], values[1])
    if fit.scale < least { notes.append("The heights " + Self.inverted) }
    var fits: [(Fit, Placement)] = [
      (.affine, Placement(scale: max(fit.scale, least) * sign, shift: fit.shift))
    ]
    if areInMeters {
      fits.insert((.none, Placement(scale: sign)), at: 0)
    } else if request.unit == .automatic, !isRelative {
      notes.append(
        "The heights are not declared to be in meters, so they are evaluated only after a fit; "
          + "use --unit m to treat them as meters.")
    }
    return try fits.flatMap { fit, placement in
      let surface = try RasterSurface(heightsPath, placement)
      var result = [Candidate(name: "heights", fit: fit, placement: placement, surface: surface)]
      guard var shift = try Coregistration(of: surface, to: reference, on: common.target.grid)
      else {
        notes.append(
          "The heights, \(fit.rawValue), cannot be coregistered: they share too few slopes with the reference."
        )
        return result
      }
      guard shift.hasConverged else {
        notes.append(
          "The heights, \(fit.rawValue), cannot be coregistered: the shift does not converge, as they are too unlike "
            + "the reference."
        )
        return result
      }
      var moved = Self.moved(placement, by: shift)
      if fit == .affine {
        // The scale was estimated before the shift was corrected.
        for _ in 0..<Self.refits {
          guard let refitted = try refitted(moved),
            let again = try Coregistration(
              of: RasterSurface(heightsPath, refitted), to: reference, on: common.target.grid),
            again.hasConverged
          else { break }
          shift = again
          moved = Self.moved(refitted, by: shift)
        }
      }
      result.append(
        Candidate(
          name: "heights", fit: fit, isCoregistered: true, placement: moved,
          surface: try RasterSurface(heightsPath, moved)))
      return result
    }
  }

  private static let refits = 3

  /// Returns the placement with the shift that coregistration found added.
  private static func moved(_ placement: Placement, by shift: Coregistration) -> Placement {
    var moved = placement
    moved.columns += shift.columns
    moved.rows += shift.rows
    moved.shift -= shift.up
    return moved
  }

  /// Returns the placement with the best scale and offset at the current position.
  private func refitted(_ placement: Placement) throws -> Placement? {
    var place = Placement(scale: sign)
    (place.columns, place.rows) = (placement.columns, placement.rows)
    let values = try EvenlySpacedSample(
      of: [RasterSurface(heightsPath, place), reference], on: common.target.grid
    ).values
    guard let fit = RobustRegression(of: values[0], to: values[1]), fit.scale > 0 else {
      return nil
    }
    (place.scale, place.shift) = (fit.scale * sign, fit.shift)
    return place
  }

  private static let inverted =
    "fall where the reference rises: the fit keeps only a thousandth of their relief, "
    + "so that the sign of their slopes is preserved."

  /// Returns the scale that keeps a thousandth of the reference's relief.
  private static func leastScale(_ values: [Float], _ reference: [Float]) -> Double {
    guard let spreads = AffineFit(of: values, to: reference), spreads.variance > 0 else { return 0 }
    return 0.001 * (spreads.referenceVariance / spreads.variance).squareRoot()
  }

  /// Returns a raster on the heights' grid, fitted to the reference.
  private func fitted(
    _ name: String, _ path: String, as file: String, sign: Double = 1, allowsNegativeScale: Bool,
    _ notes: inout [String]
  ) throws -> Candidate {
    let placed = try common.place(path, as: file, in: scratch)
    let values = try EvenlySpacedSample(
      of: [try RasterSurface(placed, Placement(scale: sign)), reference], on: common.target.grid
    ).values
    guard
      let fit = RobustRegression(
        of: values[0], to: values[1], allowsNegativeScale: allowsNegativeScale)
    else {
      throw SceneError(
        .badData, "no pixel of \(name) is valid where \(request.reference) has a height")
    }
    let least = allowsNegativeScale ? -.infinity : Self.leastScale(values[0], values[1])
    if fit.scale < least { notes.append("The heights of \(name) " + Self.inverted) }
    let placement = Placement(scale: max(fit.scale, least) * sign, shift: fit.shift)
    return Candidate(
      name: name, fit: .affine, placement: placement,
      surface: try RasterSurface(placed, placement))
  }

  /// Returns the baselines that the anchor gives without a network.
  private func anchorCandidates(_ anchor: String) throws -> [Candidate] {
    let enlargement = Upsampling(anchor: anchor, grid: own, scratch: scratch)
    let bicubic = try common.place(enlargement.bicubic(), as: "bicubic", in: scratch)
    let areaPath = try enlargement.areaPreserving()
    let area = try common.place(areaPath, as: "area", in: scratch)
    var result = [
      Candidate(name: "anchor, bicubic", fit: .none, surface: try RasterSurface(bicubic)),
      Candidate(name: "anchor, area-preserving", fit: .none, surface: try RasterSurface(area)),
    ]
    guard let luminance else { return result }
    let finePath = try common.place(luminance.fine, as: "luminance-fine", in: scratch)
    let (base, fine) = (try RasterSurface(area), try RasterSurface(finePath))
    let values = try EvenlySpacedSample(of: [base, fine, reference], on: common.target.grid).values
    let missing = zip(values[2], values[0]).map { $0 - $1 }
    let gain = RobustRegression(of: values[1], to: missing, allowsNegativeScale: true)?.scale ?? 0
    let path = try scratch.write("anchor-luminance", on: common.target) { window in
      zip(try base.heights(in: window), try fine.heights(in: window)).map {
        $0 + Float(gain) * $1
      }
    }
    // The gain is fitted to the reference, which makes this an oracle baseline.
    result.append(
      Candidate(
        name: "anchor, area-preserving, with luminance detail", fit: .oracle,
        surface: try RasterSurface(path)))
    return result
  }
}
