/// Something that shows detail: surfaces whose weighted sum it is, such as the integrals of an image's bands.
public struct DetailSource: Sendable {
  /// The name in reports, such as `shading` or `network`.
  public let name: String
  /// The surfaces, `[row, column]` each, of pixels or of the means over cells, in any unit.
  public let surfaces: [[Float]]

  /// Creates a source from its surfaces, which have no missing values.
  public init(_ name: String, _ surfaces: [[Float]]) {
    (self.name, self.surfaces) = (name, surfaces)
  }

  /// The source with each surface changed.
  func map(_ change: ([Float]) -> [Float]) -> DetailSource {
    DetailSource(name, surfaces.map(change))
  }
}
