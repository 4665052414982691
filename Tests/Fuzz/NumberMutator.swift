import Foundation
import Tensors

/// Replaces one number in every second input by an extreme one, and leaves the other inputs to libFuzzer.
///
/// Random changes of bytes rarely keep JSON well-formed, so they seldom reach new code.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var generator = SplitMix64(seed: UInt64(seed))
  guard generator.next() % 2 == 0 else { return libFuzzerMutate(start, count, limit) }
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  let numbers = bytes.indices.filter { isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1])) }
  guard let first = numbers.randomElement(using: &generator),
    let extreme = extremes.randomElement(using: &generator)
  else { return libFuzzerMutate(start, count, limit) }
  let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
  let result = bytes[..<first] + Array(extreme.utf8) + bytes[end...]
  guard result.count <= limit else { return libFuzzerMutate(start, count, limit) }
  for (index, byte) in result.enumerated() { start[index] = byte }
  return result.count
}

private let extremes = [
  "0", "1", "-1", "2", "3", "7", "16", "32", "64", "255", "256", "1000", "65536", "1048575",
  "2147483647", "2147483648", "-2147483648", "4294967296", "1099511627776",
  "9007199254740993", "4611686018427387904", "9223372036854775807", "-9223372036854775808",
  "9223372036854775808", "18446744073709551615", "0.5", "1e-320", "1e38", "1e39", "1e308", "1e309",
  "-1e308", "nan", "inf", "null", "[]", "{}", "\"\"", "true",
]

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// The default mutation of libFuzzer.
@_silgen_name("LLVMFuzzerMutate")
private func libFuzzerMutate(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int)
  -> Int
