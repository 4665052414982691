import FoundationEssentials

extension TorchPickle {
  /// Reads the pickle in either container format of `torch.save`, and finds the storages in the file.
  init(_ file: Data, path: String) throws(ModelError) {
    if file.starts(with: [0x50, 0x4b, 3, 4]) {
      try self.init(zip: file, path: path)
    } else if file.prefix(32).firstRange(of: Self.magic) != nil {
      try self.init(legacy: file, path: path)
    } else {
      throw ModelError(
        .badData, "\(path) is neither a safetensors file nor a checkpoint written by torch.save")
    }
  }

  /// Reads the zip container used since PyTorch 1.6: NAME/data.pkl, and a file NAME/data/KEY for each storage.
  private init(zip file: Data, path: String) throws(ModelError) {
    let entries = try ZipArchive(file, path: path).entries
    let suffix = "/data.pkl"
    let pickles = entries.keys.filter {
      $0.hasSuffix(suffix) && !$0.dropLast(suffix.count).contains("/")
    }
    guard let name = pickles.first, pickles.count == 1, let range = entries[name] else {
      throw ModelError(
        .badData, "\(path) is a zip file with \(pickles.count) data.pkl entries, expected one")
    }
    let folder = name.dropLast(suffix.count)
    if let order = entries["\(folder)/byteorder"], !file[order].elementsEqual("little".utf8) {
      throw ModelError(.badData, "\(path) is not in little-endian byte order")
    }
    var reader = ByteReader(file[range], path: path, part: "the pickle")
    pickle = try PickleMachine.read(&reader)
    self.path = path
    place = { storage throws(ModelError) in
      guard let range = entries["\(folder)/data/\(storage.key)"] else {
        throw ModelError(.badData, "the storage \(storage.key) is missing in \(path)")
      }
      guard storage.count <= range.count / storage.byteCount else {
        throw ModelError(
          .badData,
          "the storage \(storage.key) has \(range.count) bytes in \(path), "
            + "expected \(storage.count) elements of \(storage.type)")
      }
      return range.lowerBound..<range.lowerBound + storage.count * storage.byteCount
    }
  }

  /// The magic number 0x1950a86a20f9469cfc6c, pickled as an integer of ten bytes.
  private static let magic: [UInt8] = [
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  /// Reads the container used before PyTorch 1.6.
  ///
  /// It consists of pickles of the magic number, a version, the system, the object and the keys of the storages,
  /// followed by the number of elements and the bytes of each storage.
  private init(legacy file: Data, path: String) throws(ModelError) {
    var reader = ByteReader(file, path: path, part: "the pickle")
    _ = try PickleMachine.read(&reader)
    guard let version = try PickleMachine.read(&reader).root.integer, version == 1001 else {
      throw ModelError(
        .badData, "\(path) does not have version 1001 of PyTorch's legacy container format")
    }
    let system = try PickleMachine.read(&reader)
    for (key, value) in system.pairs(system.root) ?? [] where key.text == "little_endian" {
      if case .bool(false) = value {
        throw ModelError(.badData, "\(path) is not in little-endian byte order")
      }
    }
    let pickle = try PickleMachine.read(&reader)
    var named: [String: Storage] = [:]
    for object in pickle.objects where object.kind == .persistent {
      // Classes of modules, with their source code, have persistent identifiers too.
      guard pickle.items(object.items.first)?.first?.text != "module" else { continue }
      let storage = try Self.storage(object, in: pickle, path: path)
      if let other = named.updateValue(storage, forKey: storage.key),
        other.type != storage.type || other.count != storage.count
      {
        throw ModelError(
          .badData, "\(path) describes the storage \(storage.key) in two different ways")
      }
    }

    let keys = try PickleMachine.read(&reader)
    reader.part = "the list of storages"
    var ranges: [String: Range<Int>] = [:]
    for key in keys.items(keys.root) ?? [] {
      guard let name = key.text, let storage = named[name] else {
        throw reader.failure("has a storage that no tensor uses")
      }
      let count = try reader.integer(Int64.self)
      guard count == Int64(storage.count), count <= reader.remaining / storage.byteCount else {
        throw reader.failure(
          "has \(count) elements of the storage \(name), expected \(storage.count)")
      }
      let start = reader.position
      _ = try reader.bytes(storage.count * storage.byteCount)
      guard ranges.updateValue(start..<reader.position, forKey: name) == nil else {
        throw reader.failure("has the storage \(name) twice")
      }
    }
    self.pickle = pickle
    self.path = path
    place = { storage throws(ModelError) in
      guard let range = ranges[storage.key] else {
        throw ModelError(.badData, "the storage \(storage.key) is missing in \(path)")
      }
      guard let view = storage.view else { return range }
      let start = range.lowerBound + view.lowerBound * storage.byteCount
      return start..<start + view.count * storage.byteCount
    }
  }
}
