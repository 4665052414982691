import Foundation

/// Handwritten pickles in the text format of protocol 0, and the containers around them.
enum Pickles {
  static let magic: [UInt8] = [
    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  /// Returns PyTorch's legacy container with a pickle and one storage, "0", of floats.
  static func legacy(_ pickle: Data, storage: [Float] = []) -> Data {
    var file = Data(magic) + Data("I1001\n.}.".utf8) + pickle
    guard !storage.isEmpty else { return file + Data("].".utf8) }
    file += Data("](S'0'\ne.".utf8)
    file += withUnsafeBytes(of: Int64(storage.count).littleEndian) { Data($0) }
    return file + storage.withUnsafeBytes { Data($0) }
  }

  static func legacy(_ pickle: String, storage: [Float] = []) -> Data {
    legacy(Data(pickle.utf8), storage: storage)
  }

  /// Returns the pickle of a tensor in a storage.
  static func tensor(
    offset: Int = 0, shape: [Int] = [2], strides: [Int] = [1], count: Int = 2,
    type: String = "FloatStorage", key: String = "0"
  ) -> String {
    func tuple(_ numbers: [Int]) -> String { "(" + numbers.map { "I\($0)\n" }.joined() + "t" }
    return "ctorch._utils\n_rebuild_tensor_v2\n("
      + "(S'storage'\nctorch\n\(type)\nS'\(key)'\nS'cpu'\nI\(count)\ntQ"
      + "I\(offset)\n\(tuple(shape))\(tuple(strides))I00\nNtR"
  }

  /// One entry of a zip file, whose headers may contradict its contents.
  struct Entry {
    var name: String
    var bytes: Data
    var method: UInt16 = 0
    var size: UInt32?
    var offset: UInt32?
  }

  /// Returns a zip file with the given entries.
  static func zip(_ entries: [Entry]) -> Data {
    func number<Number: FixedWidthInteger>(_ number: Number) -> Data {
      withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }
    var file = Data()
    var directory = Data()
    for entry in entries {
      let offset = entry.offset ?? UInt32(file.count)
      let name = Data(entry.name.utf8)
      let size = entry.size ?? UInt32(entry.bytes.count)
      let common =
        number(UInt16(0)) + number(entry.method) + Data(count: 8) + number(size) + number(size)
        + number(UInt16(name.count)) + number(UInt16(0))
      file += number(UInt32(0x0403_4b50)) + number(UInt16(0)) + common + name + entry.bytes
      directory +=
        number(UInt32(0x0201_4b50)) + Data(count: 4) + common + Data(count: 10) + number(offset)
        + name
    }
    let start = UInt32(file.count)
    return file + directory + number(UInt32(0x0605_4b50)) + Data(count: 4)
      + number(UInt16(entries.count)) + number(UInt16(entries.count))
      + number(UInt32(directory.count)) + number(start) + number(UInt16(0))
  }
}
