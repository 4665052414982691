@main struct MakeSample {
  static func main() {}
}
