/// What it takes to regress the brightness of some pixels on the normals of a surface.
///
/// A hillshade under any azimuth is a sum of the normal's east and north components; the two best weights are those of the
/// sun that the image was taken under.
struct ShadeSums: Hashable, Sendable {
  var count = 0.0
  /// Σ of brightness, of its square, of the normal's components, of their products with one another and with brightness.
  var (l, ll) = (0.0, 0.0)
  var (e, n) = (0.0, 0.0)
  var (ee, en, nn) = (0.0, 0.0, 0.0)
  var (el, nl) = (0.0, 0.0)

  static func += (sums: inout ShadeSums, other: ShadeSums) {
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

  /// How well the best hillshade tells brightness: the correlation of the two, 0…1, and the weights of the hillshade.
  ///
  /// 0 where there is nothing to tell.
  var fit: (correlation: Double, east: Double, north: Double) {
    guard count > 2 else { return (0, 0, 0) }
    let (ml, me, mn) = (l / count, e / count, n / count)
    let vl = ll / count - ml * ml
    let (vee, ven, vnn) = (ee / count - me * me, en / count - me * mn, nn / count - mn * mn)
    let (vel, vnl) = (el / count - me * ml, nl / count - mn * ml)
    let determinant = vee * vnn - ven * ven
    // A surface that is flat, or slopes one way only, has no azimuth.
    guard vl > 0, determinant > 1e-9 * (vee + vnn) * (vee + vnn) else { return (0, 0, 0) }
    let east = (vel * vnn - vnl * ven) / determinant
    let north = (vnl * vee - vel * ven) / determinant
    return (max(0, (vel * east + vnl * north) / vl).squareRoot(), east, north)
  }
}
