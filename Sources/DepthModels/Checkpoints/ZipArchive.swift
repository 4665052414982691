import FoundationEssentials

/// A zip file whose entries are stored without compression, as PyTorch writes them.
///
/// Entries are taken only from the central directory. Source: PKWARE's APPNOTE 6.3, including zip64.
struct ZipArchive {
  /// The byte range of each entry in the file.
  let entries: [String: Range<Int>]

  /// Finds the entries, and checks that each is inside the file, and none overlap, occur twice or are compressed.
  ///
  /// - Throws: `ModelError` if the archive is damaged or unsupported.
  init(_ data: Data, path: String) throws(ModelError) {
    let directory = try Self.directory(of: data, path: path)
    var reader = ByteReader(data, path: path, part: "the zip directory")
    reader.position = directory.lowerBound
    var entries: [String: Range<Int>] = [:]
    while reader.position < directory.upperBound {
      let (name, range) = try Self.entry(&reader, end: directory.lowerBound)
      guard entries.updateValue(range, forKey: name) == nil else {
        throw ModelError(.badData, "\(name) is in \(path) twice")
      }
    }
    var end = 0
    for (name, range) in entries.sorted(by: {
      ($0.value.lowerBound, $0.value.upperBound) < ($1.value.lowerBound, $1.value.upperBound)
    }) {
      guard range.lowerBound >= end else {
        throw ModelError(.badData, "\(name) overlaps the previous entry in \(path)")
      }
      end = range.upperBound
    }
    self.entries = entries
  }

  /// Returns the byte range of the central directory, as given by the record at the end of the file.
  private static func directory(of data: Data, path: String) throws(ModelError) -> Range<Int> {
    var reader = ByteReader(data, path: path, part: "the zip directory")
    let recordSize = 22
    // A comment of up to 65535 bytes may follow the record.
    let first = max(data.count - recordSize - 65535, 0)
    let places = stride(from: data.count - recordSize, through: first, by: -1)
    guard
      let record = places.first(where: { data[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 5, 6]) })
    else { throw ModelError(.badData, "\(path) is truncated: its zip directory is missing") }
    reader.position = record + 12
    var size = Int(try reader.integer(UInt32.self))
    var start = Int(try reader.integer(UInt32.self))
    if record >= 20 {
      reader.position = record - 20
      if try reader.integer(UInt32.self) == 0x0706_4b50 {
        _ = try reader.integer(UInt32.self)
        reader.position = try reader.place(before: record)
        guard try reader.integer(UInt32.self) == 0x0606_4b50 else {
          throw reader.failure("has no zip64 record where one is declared")
        }
        _ = try reader.bytes(36)
        size = try reader.place(before: record)
        start = try reader.place(before: record)
      }
    }
    guard start <= record, size <= record - start else {
      throw reader.failure(
        "is declared at byte \(start) with \(size) bytes, beyond the end of the file")
    }
    return start..<start + size
  }

  /// Reads one record of the directory; the data of the entry must end before `end`.
  private static func entry(
    _ reader: inout ByteReader, end: Int
  ) throws(ModelError) -> (name: String, range: Range<Int>) {
    guard try reader.integer(UInt32.self) == 0x0201_4b50 else {
      throw reader.failure("has no entry where one is expected")
    }
    _ = try reader.bytes(4)
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    _ = try reader.bytes(8)
    var packed = UInt64(try reader.integer(UInt32.self))
    var size = UInt64(try reader.integer(UInt32.self))
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let commentLength = Int(try reader.integer(UInt16.self))
    _ = try reader.bytes(8)
    var offset = UInt64(try reader.integer(UInt32.self))
    let name = String(decoding: try reader.bytes(nameLength), as: UTF8.self)
    var extra = ByteReader(
      try reader.bytes(extraLength), path: reader.path, part: "the zip entry \(name)")
    while extra.remaining >= 4 {
      let isZip64 = try extra.integer(UInt16.self) == 1
      let length = Int(try extra.integer(UInt16.self))
      var field = ByteReader(try extra.bytes(length), path: reader.path, part: extra.part)
      guard isZip64 else { continue }
      if size == UInt32.max { size = try field.integer(UInt64.self) }
      if packed == UInt32.max { packed = try field.integer(UInt64.self) }
      if offset == UInt32.max { offset = try field.integer(UInt64.self) }
    }
    _ = try reader.bytes(commentLength)
    guard flags & 1 == 0, method == 0, packed == size else {
      throw ModelError(
        .badData, "\(name) is compressed or encrypted in \(reader.path), expected it to be stored")
    }

    // The local header repeats the name and has its own extra fields.
    guard let size = Int(exactly: size), let offset = Int(exactly: offset), offset <= end - 30
    else { throw reader.failure("places \(name) beyond the file's entries") }
    var local = ByteReader(reader.data, path: reader.path, part: "the zip entry \(name)")
    local.position = offset
    guard try local.integer(UInt32.self) == 0x0403_4b50 else {
      throw local.failure("has no header")
    }
    _ = try local.bytes(22)
    let lengths = try (local.integer(UInt16.self), local.integer(UInt16.self))
    let start = local.position + Int(lengths.0) + Int(lengths.1)
    guard start <= end, size <= end - start else {
      throw reader.failure("places \(name) beyond the file's entries")
    }
    return (name, start..<start + size)
  }
}

extension ByteReader {
  /// Returns a 64-bit offset or size, which must be at most `end`.
  fileprivate mutating func place(before end: Int) throws(ModelError) -> Int {
    let number = try integer(UInt64.self)
    guard let place = Int(exactly: number), place <= end else {
      throw failure("refers to byte \(number), beyond its end")
    }
    return place
  }
}
