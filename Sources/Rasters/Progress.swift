import CGDAL

/// Runs a call of GDAL's that writes a dataset of its own, with a progress function.
func gdalDataset(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) throws(RasterError) -> DatasetHandle {
  let (pointer, error) = listened(path, progress: progress, body)
  guard let pointer else { throw error ?? RasterError(.writing, path, GDALLog()) }
  let handle = DatasetHandle(pointer: pointer)
  if let error { throw error }
  return handle
}

/// Runs a call of GDAL's that writes into an open dataset and answers with it, with a progress function.
func gdalFilling(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) throws(RasterError) {
  let (pointer, error) = listened(path, progress: progress, body)
  if let error { throw error }
  if pointer == nil { throw RasterError(.writing, path, GDALLog()) }
}

/// What a call answers, and what went wrong.
///
/// GDAL calls back on the calling thread, with 0 to 1, and stops when told false. What it reports then is not
/// always an interruption, so that is remembered here. A failure that GDAL reports counts even if it then
/// answers with a dataset.
private func listened(
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
