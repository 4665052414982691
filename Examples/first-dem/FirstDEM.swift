@main struct FirstDEM {
  static func main() {}
}
