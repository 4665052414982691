import FoundationEssentials
import Tensors

/// The parser of the JSON header of a safetensors file, and the checks of its contents.
enum SafetensorsHeader {
  private static let byteCounts = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2,
    "BF16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
  ]

  /// Returns the entries and the metadata of a header whose tensors must cover `dataCount` bytes exactly once.
  static func contents(
    of json: Data, dataCount: Int, path: String
  ) throws(ModelError) -> (entries: [String: Safetensors.Entry], metadata: [String: String]) {
    let items: Items
    do {
      items = try JSONDecoder().decode(Items.self, from: json)
    } catch {
      throw ModelError(.badData, "\(path) has no valid safetensors header: \(error)")
    }
    var seen: Set<String> = []
    for name in topLevelKeys(of: json) where !seen.insert(name).inserted {
      throw ModelError(.badData, "\(name) is in \(path) twice")
    }
    var entries: [String: Safetensors.Entry] = [:]
    for (name, item) in items.tensors {
      entries[name] = try item.entry(named: name, dataCount: dataCount, path: path)
    }
    var end = 0
    let ordered = entries.sorted {
      ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
        < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
    }
    for (name, entry) in ordered {
      let start = entry.bytes.lowerBound
      guard start == end else {
        throw ModelError(
          .badData,
          "\(name) begins at byte \(start) in \(path), expected \(end): "
            + (start < end ? "it overlaps the previous tensor" : "there is a gap before it"))
      }
      end = entry.bytes.upperBound
    }
    guard end == dataCount else {
      throw ModelError(
        .badData, "\(path) has \(dataCount) bytes of data, expected \(end) as in its header")
    }
    return (entries, items.metadata)
  }

  private struct Items: Decodable {
    var tensors: [String: Item] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      for (name, value) in try container.decode([String: Value].self) {
        switch value {
        case .tensor(let item): tensors[name] = item
        case .metadata(let texts): metadata = texts
        }
      }
    }
  }

  /// A tensor, or the metadata that every file may contain.
  private enum Value: Decodable {
    case tensor(Item)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      self =
        decoder.codingPath.last?.stringValue == Safetensors.metadataKey
        ? .metadata(try [String: String](from: decoder)) : .tensor(try Item(from: decoder))
    }
  }

  private struct Item: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]

    func entry(
      named name: String, dataCount: Int, path: String
    ) throws(ModelError) -> Safetensors.Entry {
      guard let size = byteCounts[dtype] else {
        throw ModelError(.badData, "\(name) has the unknown type \(dtype) in \(path)")
      }
      guard let stated = Shape(stated: shape, byteCount: size) else {
        throw ModelError(
          .badData,
          "\(name) is \(shape) in \(path), expected sides that are not negative and fit into memory"
        )
      }
      let bytes = stated.count * size
      guard data_offsets.count == 2, 0 <= data_offsets[0], data_offsets[0] <= data_offsets[1],
        data_offsets[1] <= dataCount
      else {
        throw ModelError(
          .badData,
          "\(name) lies at bytes \(data_offsets) in \(path), which has \(dataCount) bytes of data")
      }
      guard data_offsets[1] - data_offsets[0] == bytes else {
        throw ModelError(
          .badData,
          "\(name) takes \(data_offsets[1] - data_offsets[0]) bytes in \(path), "
            + "expected \(bytes) for \(dtype) \(shape)")
      }
      return Safetensors.Entry(
        type: dtype, shape: stated, bytes: data_offsets[0]..<data_offsets[1])
    }
  }

  /// Returns the keys of the outermost object in order, including repeated ones, which a decoder would merge.
  private static func topLevelKeys(of json: Data) -> [String] {
    var keys: [String] = []
    var depth = 0
    var text: [UInt8]?
    var last: [UInt8] = []
    var isEscaped = false
    for byte in json {
      if var open = text {
        if !isEscaped, byte == UInt8(ascii: "\"") {
          last = open
          text = nil
        } else {
          isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
          open.append(byte)
          text = open
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): text = []
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ":") where depth == 1: keys.append(String(decoding: last, as: UTF8.self))
      default: break
      }
    }
    return keys
  }
}
