import Foundation
import Tensors

/// Reference output of the original networks with formula weights: the norm and samples of a stage.
struct Golden: Decodable {
  let shape: [Int]
  let l2: Double
  let idx: [Int]
  let val: [Float]

  /// Returns the records by network and stage, or an empty dictionary if the file cannot be read, which fails every
  /// test.
  static func records(in file: String) -> [String: [String: Golden]] {
    let path = Places.tests.appending(path: "Golden").appending(path: file)
    let decoded = (try? Data(contentsOf: path)).flatMap {
      try? JSONDecoder().decode([String: [String: Golden]].self, from: $0)
    }
    return decoded ?? [:]
  }
}

extension Tensor {
  /// Returns the larger of the relative error of the norm and the error of the samples relative to the largest sample.
  ///
  /// The result is infinite if the shapes differ. Records are `[batch, channel, row, column]`.
  func error(to record: Golden) -> Double {
    let (batch, rows, columns, channels) = shape.image
    guard record.shape == [batch, channels, rows, columns], !record.idx.isEmpty else {
      return .infinity
    }
    let l2 = scalars.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let peak = record.val.map(abs).max() ?? 0
    let samples = zip(record.idx, record.val).map { index, value in
      let (channel, pixel) = index.quotientAndRemainder(dividingBy: rows * columns)
      return Double(abs(scalars[pixel * channels + channel] - value) / peak)
    }
    return ([abs(l2 - record.l2) / record.l2] + samples).reduce(0) { $1 <= $0 ? $0 : $1 }
  }
}
