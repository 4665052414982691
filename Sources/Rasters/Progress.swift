import CGDAL

/// Runs a call of GDAL's that writes a dataset, with a progress function.
///
/// GDAL calls back on the calling thread, with 0 to 1, and stops when told false. What it reports then is not
/// always an interruption, so that is remembered here. A failure that GDAL reports counts even if it then
/// answers with a dataset.
func gdalDataset(
  _ path: String, progress: (Double) -> Bool,
  _ body: (GDALProgressFunc, UnsafeMutableRawPointer) -> GDALDatasetH?
) throws(RasterError) -> DatasetHandle {
  let (pointer, log, wasCancelled) = withoutActuallyEscaping(progress) { progress in
    let listener = Listener(progress)
    let (pointer, log) = logging { body(report, Unmanaged.passUnretained(listener).toOpaque()) }
    return withExtendedLifetime(listener) { (pointer, log, listener.wasCancelled) }
  }
  let error =
    wasCancelled
    ? RasterError(.cancelled, "\(path): cancelled") : RasterError(.writing, path, log)
  guard let pointer else { throw error }
  let handle = DatasetHandle(pointer: pointer)
  guard !wasCancelled, log.failures.isEmpty else { throw error }
  return handle
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
