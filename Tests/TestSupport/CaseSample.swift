import Foundation

/// Returns every `step`-th of many similar cases, from the first; all of them with `RELIEF_TESTS=all`.
public func sample<Case>(_ cases: [Case], every step: Int) -> [Case] {
  if ProcessInfo.processInfo.environment["RELIEF_TESTS"] == "all" { return cases }
  return stride(from: 0, to: cases.count, by: step).map { cases[$0] }
}
