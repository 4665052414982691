import CGDAL

/// Runs a GDAL call that creates a dataset, with a progress function.
func gdalDataset(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) throws(RasterError) -> DatasetHandle {
  let (pointer, error) = callWithProgress(path, progress: progress, body)
  guard let pointer else { throw error ?? RasterError(.writing, path, GDALLog()) }
  let handle = DatasetHandle(pointer: pointer)
  if let error { throw error }
  return handle
}

/// Runs a GDAL call that writes into an open dataset and returns it, with a progress function.
func gdalUpdate(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) throws(RasterError) {
  let (pointer, error) = callWithProgress(path, progress: progress, body)
  if let error { throw error }
  if pointer == nil { throw RasterError(.writing, path, GDALLog()) }
}

/// Returns the result of a call and its error, if any.
///
/// GDAL calls the progress function on the calling thread, with 0 to 1, and stops if it returns false. GDAL does not
/// always report that as an interruption, so it is recorded here. A reported failure counts even if GDAL then returns a
/// dataset.
private func callWithProgress(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) -> (GDALDatasetH?, RasterError?) {
  withoutActuallyEscaping(progress) { progress in
    let listener = Listener(progress)
    let (pointer, log) = logging { body(report, Unmanaged.passUnretained(listener).toOpaque()) }
    return withExtendedLifetime(listener) {
      if listener.wasCancelled { return (pointer, RasterError(.cancelled, "\(path): cancelled")) }
      return (pointer, log.failures.isEmpty ? nil : RasterError(.writing, path, log))
    }
  }
}

private final class Listener {
  let progress: (Double) -> Bool
  var wasCancelled = false

  init(_ progress: @escaping (Double) -> Bool) { self.progress = progress }
}

private func report(
  _ share: Double, _ message: UnsafePointer<CChar>?, _ data: UnsafeMutableRawPointer?
) -> Int32 {
  guard let data else { return 1 }
  let listener = Unmanaged<Listener>.fromOpaque(data).takeUnretainedValue()
  guard !listener.wasCancelled, listener.progress(share) else {
    listener.wasCancelled = true
    return 0
  }
  return 1
}
