import Foundation
import Grids
import Pairs
import Rasters

/// Whether the coordinates of an image and a DEM are plausible and overlap.
struct LocationCheck {
  let findings: [PairFinding]

  /// CRSs are also used slightly outside their areas of use.
  private static let marginInDegrees = 3.0

  /// Checks metadata only; no pixels are read.
  init(image: borrowing Dataset, dem: borrowing Dataset) {
    let ours = Footprint(image.grid, crs: image.georeferencing.crs)
    let theirs = Footprint(dem.grid, crs: dem.georeferencing.crs)
    self.init(
      image: ours, dem: theirs,
      pixels: (Self.pixel(image.grid), Self.pixel(dem.grid)))
  }

  init(image: Footprint?, dem: Footprint?, pixels: (image: Double, dem: Double)) {
    var findings: [PairFinding] = []
    for (footprint, name, pixel) in [(image, "image", pixels.image), (dem, "DEM", pixels.dem)] {
      if let footprint { findings += Self.oddities(of: footprint, name, pixel) }
    }
    if let image, let dem, image.overlaps(dem) == false {
      findings.append(Self.apart(image, dem))
    }
    self.findings = findings
  }

  /// The side of a pixel in map units.
  private static func pixel(_ grid: Grid) -> Double {
    abs(grid.geoTransform?.determinant ?? 1).squareRoot()
  }

  private static func oddities(
    of footprint: Footprint, _ name: String, _ pixel: Double
  ) -> [PairFinding] {
    guard let crs = footprint.crs else { return [] }
    let bounds = footprint.bounds
    let place = String(
      format: "x %.6g to %.6g, y %.6g to %.6g", bounds.minX, bounds.maxX, bounds.minY, bounds.maxY)
    if crs.isGeographic {
      guard bounds.minY >= -90.01, bounds.maxY <= 90.01, bounds.minX >= -360, bounds.maxX <= 360
      else {
        return [
          PairFinding(
            .error, .impossiblePlace,
            "the \(name) is at \(place), which are not degrees, but its CRS is \(crs.name)")
        ]
      }
    } else if max(abs(bounds.minX), abs(bounds.maxX)) <= 360,
      max(abs(bounds.minY), abs(bounds.maxY)) <= 90, pixel < 0.1
    {
      return [
        PairFinding(
          .error, .degreesAsMeters,
          "the \(name) is at \(place), which look like degrees, but its CRS is \(crs.name)")
      ]
    }
    if footprint.hasNoLocation {
      return [
        PairFinding(
          .error, .impossiblePlace,
          "the \(name) is at \(place), which is outside the domain of \(crs.name)"
        )
      ]
    }
    if let area = crs.areaOfUse, let earth = footprint.geographicBounds {
      let wide = Bounds(
        minX: area.minX - marginInDegrees, minY: area.minY - marginInDegrees,
        maxX: area.maxX + marginInDegrees, maxY: area.maxY + marginInDegrees)
      // Landsat scenes south of the equator also use northern UTM zones.
      let mirrored = Bounds(
        minX: wide.minX, minY: -wide.maxY, maxX: wide.maxX, maxY: -wide.minY)
      if !wide.overlaps(earth), !mirrored.overlaps(earth) {
        return [
          PairFinding(
            .warning, .outsideArea,
            String(
              format: "the %@ is at %.2f° E, %.2f° N, far outside the area of use of %@", name,
              (earth.minX + earth.maxX) / 2, (earth.minY + earth.maxY) / 2, crs.name))
        ]
      }
    }
    return []
  }

  private static func apart(_ image: Footprint, _ dem: Footprint) -> PairFinding {
    let distance = image.kilometers(to: dem).map { String(format: "%.4g km apart", $0) }
    var message = "image and DEM don't overlap: they are \(distance ?? "apart")"
    if let ours = image.crs, let theirs = dem.crs, !ours.isSame(as: theirs) {
      if Footprint(dem.bounds, crs: ours).overlaps(image) == true {
        message += "; the DEM's coordinates would fit the image's CRS, \(ours.name)"
      } else if Footprint(image.bounds, crs: theirs).overlaps(dem) == true {
        message += "; the image's coordinates would fit the DEM's CRS, \(theirs.name)"
      }
    }
    for (footprint, other, name) in [(dem, image, "DEM"), (image, dem, "image")]
    where footprint.crs?.isGeographic == true {
      let swapped = Bounds(
        minX: footprint.bounds.minY, minY: footprint.bounds.minX, maxX: footprint.bounds.maxY,
        maxY: footprint.bounds.maxX)
      if swapped.minY >= -90, swapped.maxY <= 90,
        Footprint(swapped, crs: footprint.crs).overlaps(other) == true
      {
        message += "; they would overlap if the \(name)'s longitude and latitude were swapped"
        break
      }
    }
    return PairFinding(.error, .noOverlap, message)
  }
}
