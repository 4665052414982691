/// Sums for a regression of image brightness on the components of a surface normal.
///
/// A hillshade under any azimuth is a weighted sum of the normal's east and north components; the best-fitting weights
/// give the sun azimuth of the image.
struct ShadingSums: Hashable, Sendable {
  /// The number of pixels.
  var count = 0.0
  /// Σ of brightness (l) and its square, of the normal's components (e, n), and of their products with each other and
  /// l.
  var (l, ll) = (0.0, 0.0)
  var (e, n) = (0.0, 0.0)
  var (ee, en, nn) = (0.0, 0.0, 0.0)
  var (el, nl) = (0.0, 0.0)

  static func += (sums: inout ShadingSums, other: ShadingSums) {
    sums.count += other.count
    sums.l += other.l
    sums.ll += other.ll
    sums.e += other.e
    sums.n += other.n
    sums.ee += other.ee
    sums.en += other.en
    sums.nn += other.nn
    sums.el += other.el
    sums.nl += other.nl
  }

  /// The correlation of brightness with the best-fitting hillshade, 0…1, and the weights of that hillshade.
  ///
  /// All are 0 if the regression is undetermined.
  var fit: (correlation: Double, east: Double, north: Double) {
    guard count > 2 else { return (0, 0, 0) }
    let (ml, me, mn) = (l / count, e / count, n / count)
    let vl = ll / count - ml * ml
    let (vee, ven, vnn) = (ee / count - me * me, en / count - me * mn, nn / count - mn * mn)
    let (vel, vnl) = (el / count - me * ml, nl / count - mn * ml)
    let determinant = vee * vnn - ven * ven
    // A surface that is flat, or slopes along one axis only, determines no azimuth.
    guard vl > 0, determinant > 1e-9 * (vee + vnn) * (vee + vnn) else { return (0, 0, 0) }
    let east = (vel * vnn - vnl * ven) / determinant
    let north = (vnl * vee - vel * ven) / determinant
    return (max(0, (vel * east + vnl * north) / vl).squareRoot(), east, north)
  }
}
