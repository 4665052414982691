extension HeightField {
  /// Returns the areas of pixels that are alike and connected over their edges, each as indices of pixels.
  ///
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - isPart: Whether each pixel belongs to an area, `[row, column]`.
  ///   - isAlike: Whether two neighboring pixels belong to the same area.
  /// - Returns: The areas, in the order of their first pixels.
  public func connectedAreas(
    of isPart: [Bool], where isAlike: (Int, Int) -> Bool = { _, _ in true }
  ) -> [[Int]] {
    precondition(isPart.count == heights.count, "\(isPart.count) flags, \(heights.count) pixels")
    var isOpen = isPart
    var areas: [[Int]] = []
    for first in heights.indices where isOpen[first] {
      isOpen[first] = false
      var area = [first]
      var next = 0
      while next < area.count {
        let index = area[next]
        next += 1
        let column = index % width
        let neighbors = [
          column > 0 ? index - 1 : nil, column + 1 < width ? index + 1 : nil, index - width,
          index + width,
        ]
        for case let other? in neighbors
        where heights.indices.contains(other) && isOpen[other] && isAlike(index, other) {
          isOpen[other] = false
          area.append(other)
        }
      }
      areas.append(area)
    }
    return areas
  }
}
