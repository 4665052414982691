import Foundation

/// Runs a program of the system, such as `tar`, without its messages.
///
/// - Returns: The exit code.
@discardableResult
public func runProgram(_ words: [String], in folder: String? = nil) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = words
  process.standardError = FileHandle.nullDevice
  if let folder { process.currentDirectoryURL = URL(filePath: folder) }
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}
