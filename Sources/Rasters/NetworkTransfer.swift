import CGDAL
import Foundation

/// What GDAL's network file systems, such as `/vsicurl/` and `/vsis3/`, have transferred in this process.
///
/// Source: https://gdal.org/en/stable/api/cpl.html, `VSINetworkStatsGetAsSerializedJSON`.
public struct NetworkTransfer: Hashable, Sendable {
  /// The number of requests.
  public let requests: Int
  /// The number of downloaded bytes, without headers.
  public let downloaded: Int
  /// The number of uploaded bytes, without headers.
  public let uploaded: Int

  /// Begins to count; must be called before anything is transferred, because GDAL asks for the setting only once.
  public static func count() { CPLSetConfigOption("CPL_VSIL_NETWORK_STATS_ENABLED", "YES") }

  /// What has been transferred since `count()` was called first; nil if nothing has.
  public static var total: NetworkTransfer? {
    guard let text = VSINetworkStatsGetAsSerializedJSON(nil) else { return nil }
    defer { VSIFree(text) }
    guard
      let object = try? JSONSerialization.jsonObject(with: Data(String(cString: text).utf8)),
      let methods = (object as? [String: Any])?["methods"] as? [String: [String: Any]]
    else { return nil }
    func sum(_ key: String) -> Int {
      methods.values.reduce(0) { $0 + (($1[key] as? NSNumber)?.intValue ?? 0) }
    }
    let total = NetworkTransfer(
      requests: sum("count"), downloaded: sum("downloaded_bytes"), uploaded: sum("uploaded_bytes"))
    return total.requests > 0 ? total : nil
  }
}
