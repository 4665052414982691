/// What servers answered during a GDAL call, according to the debug log of GDAL and libcurl.
///
/// GDAL returns the same for a failed request as for a missing file, and the same for a failed page of a listing as for
/// its end. Only the log tells them apart.
struct ServerAnswer {
  /// The categories of the log that are needed, a value of `CPL_DEBUG`.
  ///
  /// What was sent is left out, because it contains session tokens.
  static let categories = "CURL_INFO_HEADER_IN CURL_INFO_TEXT S3 GS AZURE ADLS OSS"

  /// The status codes of the answers in their order, without interim ones.
  private(set) var codes: [Int] = []
  /// The last status with its words, such as `503 Slow Down`.
  private(set) var status: Substring?
  /// What libcurl last said, which is the reason if a transfer failed.
  private(set) var transfer: Substring?
  /// The body of the last answer that reported an error, if GDAL logged it.
  private(set) var body: Substring?
  /// Whether GDAL logged that a request got no answer, or an empty one.
  private(set) var isAnswerMissing = false

  init(_ log: [String]) {
    for line in log {
      if let header = line.text(after: "CURL_INFO_HEADER_IN: HTTP/") {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let code = Int(words[1].prefix(3)), code >= 200 else { continue }
        codes.append(code)
        status = words[1].prefix { !$0.isNewline }
      } else if let text = line.text(after: "CURL_INFO_TEXT: ") {
        if !text.lowercased().contains("connection #"), !text.hasPrefix("Closing connection") {
          transfer = text
        }
      } else if line.text(after: ": (null)") != nil {
        isAnswerMissing = true
      } else if let start = line.firstRange(of: "<Error>") {
        body = line[start.lowerBound...]
      }
    }
  }

  /// Whether the last request succeeded; 416 is the answer to reading a part of an empty file.
  var isSuccess: Bool {
    !isAnswerMissing && codes.last.map { (200...299).contains($0) || $0 == 416 } ?? false
  }

  /// Whether a server said that the file does not exist, although its bucket does.
  var isMissingFile: Bool { codes.contains(404) && !isMissingBucket }

  /// Whether the bucket does not exist.
  var isMissingBucket: Bool { errorCode == "NoSuchBucket" }

  /// Whether the same request may succeed later.
  ///
  /// That is so if there was no complete answer, or one of the answers that S3 documents as transient.
  var isTransient: Bool {
    guard !isAnswerMissing, let code = codes.last, code >= 300 else { return true }
    return [408, 429, 500, 502, 503, 504].contains(code) || errorCode == "RequestTimeout"
  }

  /// What was found, in words; nil if nothing is known.
  var finding: String? {
    guard !isAnswerMissing, let status, let code = codes.last, code >= 300 else {
      return transfer.map(String.init)
    }
    let details = [errorCode, element("Message")].compactMap { $0 }.joined(separator: ": ")
    return "the server answered \(status)" + (details.isEmpty ? "" : " (\(details))")
  }

  private var errorCode: Substring? { element("Code") }

  private func element(_ name: String) -> Substring? {
    guard let body, let start = body.firstRange(of: "<\(name)>"),
      let end = body.firstRange(of: "</\(name)>"), start.upperBound <= end.lowerBound
    else { return nil }
    return body[start.upperBound..<end.lowerBound]
  }
}

extension String {
  /// The rest of the text after the first occurrence of another.
  fileprivate func text(after other: String) -> Substring? {
    firstRange(of: other).map { self[$0.upperBound...] }
  }
}
