extension LPIPS {
  /// Loads the network that is shipped with the program.
  ///
  /// The weights are `../share/relief/lpips_alex.safetensors` relative to the program's folder, or those of the
  /// checkout.
  ///
  /// - Throws: `ModelError` of kind `missingResource` listing the places searched, or as `init` if the file is damaged.
  public static func located() throws -> LPIPS {
    let file = InstalledFile("lpips_alex.safetensors", inCheckout: "SampleData/lpips")
    guard let path = file.found else {
      throw ModelError(.missingResource, "no weights found for LPIPS: \(file.notFoundDescription)")
    }
    return try LPIPS(Weights(Safetensors(reading: path)))
  }
}
