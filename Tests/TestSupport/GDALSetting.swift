import CGDAL

/// Runs `body` with a setting of GDAL in the current thread; tests that run at the same time do not see it.
public func withGDALSetting<Value>(
  _ key: String, _ value: String, _ body: () throws -> Value
) rethrows -> Value {
  let previous = CPLGetThreadLocalConfigOption(key, nil).map { String(cString: $0) }
  CPLSetThreadLocalConfigOption(key, value)
  defer { CPLSetThreadLocalConfigOption(key, previous) }
  return try body()
}
