extension LPIPS {
  /// The network that comes with the program: `../share/relief/lpips_alex.safetensors` from its folder, or that of the
  /// checkout.
  ///
  /// - Throws: `ModelError` of kind `missingResource` that lists where it looked, or as `init` where the file is damaged.
  public static func located() throws -> LPIPS {
    let file = InstalledFile("lpips_alex.safetensors", inCheckout: "SampleData/lpips")
    guard let path = file.found else {
      throw ModelError(.missingResource, "no weights for LPIPS: \(file.absence)")
    }
    return try LPIPS(Weights(Safetensors(reading: path)))
  }
}
