import Foundation

/// Lists the readers, writes the seeds of one, or fuzzes one.
///
///     fuzz                                                  lists the readers
///     RELIEF_READER=torch RELIEF_SEEDS=FOLDER fuzz          writes its seeds, one file each
///     RELIEF_READER=torch fuzz CORPUS SEEDS -runs=1000000   runs libFuzzer with its options
///
/// Source: https://llvm.org/docs/LibFuzzer.html
@main enum FuzzEntry {
  static func main() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let name = environment["RELIEF_READER"] else {
      for reader in FuzzedReader.allCases { print(reader.rawValue) }
      return
    }
    guard let reader = FuzzedReader(rawValue: name) else {
      print(
        "RELIEF_READER is \(name), expected a name that this program lists without RELIEF_READER")
      exit(2)
    }
    if let folder = environment["RELIEF_SEEDS"] {
      for (index, seed) in try reader.seeds().enumerated() {
        try seed.write(to: URL(filePath: "\(folder)/\(index)"))
      }
      return
    }
    chosen = reader
    var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
    exit(runDriver(&count, &arguments, readOne))
  }
}

/// The reader to fuzz; the fuzzer has one thread, and this is set before the first input.
nonisolated(unsafe) private var chosen = FuzzedReader.options

/// Runs the chosen reader on one input.
private let readOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { start, count in
  chosen.run(on: Data(UnsafeRawBufferPointer(start: start, count: count)))
  return 0
}

/// The entry point of libFuzzer as a library.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ readOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
