import CGDAL

/// Lends a progress function to GDAL for the time of one call.
///
/// GDAL calls back on the calling thread, with 0 to 1, and stops with `CPLE_UserInterrupt` when told false.
func withGDALProgress<Value>(
  _ progress: (Double) -> Bool, _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> Value
) -> Value {
  withoutActuallyEscaping(progress) { progress in
    let box = Box(progress)
    return withExtendedLifetime(box) {
      body(callBack, Unmanaged.passUnretained(box).toOpaque())
    }
  }
}

private final class Box {
  let progress: (Double) -> Bool
  init(_ progress: @escaping (Double) -> Bool) { self.progress = progress }
}

private func callBack(
  _ share: Double, _ message: UnsafePointer<CChar>?, _ data: UnsafeMutableRawPointer?
) -> Int32 {
  guard let data else { return 1 }
  return Unmanaged<Box>.fromOpaque(data).takeUnretainedValue().progress(share) ? 1 : 0
}
