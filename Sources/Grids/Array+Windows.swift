extension Array {
  /// Returns the part of a window's values, `[row, column]`, that a window inside of it covers.
  package func cropped(to part: Window, from whole: Window) -> [Element] {
    precondition(whole.contains(part) && count == whole.pixelCount, "a part of the values")
    guard part != whole else { return self }
    let place = part.relative(to: whole)
    return place.rows.flatMap { row in
      self[row * whole.width + place.column..<row * whole.width + place.columns.upperBound]
    }
  }
}
