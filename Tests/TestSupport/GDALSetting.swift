import CGDAL
import Glibc

/// Runs `body` with a setting of GDAL in the current thread; tests that run at the same time do not see it.
public func withGDALSetting<Value>(
  _ key: String, _ value: String, _ body: () throws -> Value
) rethrows -> Value {
  let previous = CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) }
  CPLSetThreadLocalConfigOption(key, value)
  defer { CPLSetThreadLocalConfigOption(key, previous) }
  return try body()
}

/// Returns the size of a file of any of GDAL's file systems, which may come from a cache; nil if it does not exist.
public func fileSize(_ path: String) -> Int? {
  var status = stat()
  return cgdal_stat(path, &status) == 0 ? status.st_size : nil
}
