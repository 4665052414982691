/// A coordinate for a message: whole numbers without a point, others with what matters.
struct CoordinateText {
  let text: String

  init(_ value: Double) {
    text = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
