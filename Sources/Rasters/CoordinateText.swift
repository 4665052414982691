/// The text of a coordinate in a message; whole numbers have no decimal point.
struct CoordinateText {
  let text: String

  init(_ value: Double) {
    text = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
