import Rendering

/// The area that a satellite images on its slanted descending orbit: a rectangle rotated by 11° with its corners cut
/// off.
struct Swath {
  let width: Int
  let height: Int

  /// Returns the image with `Sensor.fill` outside of the swath.
  func clipped(_ values: [UInt16]) -> [UInt16] {
    // The angle of the right triangle with sides 20, 99 and 101, which matches the track of a polar orbit.
    let (cosine, sine) = (99.0 / 101, 20.0 / 101)
    return values.indices.map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      let east = Double(column) + 0.5 - Double(width) / 2
      let south = Double(row) + 0.5 - Double(height) / 2
      let across = abs(cosine * east + sine * south)
      let along = abs(cosine * south - sine * east)
      let isSeen = across <= 0.47 * Double(width) && along <= 0.49 * Double(height)
      return isSeen ? values[index] : Sensor.fill
    }
  }
}
