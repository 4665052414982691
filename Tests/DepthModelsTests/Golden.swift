import Foundation
import Tensors

/// What the original networks gave with formula weights: norms and samples of each stage.
struct Golden: Decodable {
  let shape: [Int]
  let l2: Double
  let idx: [Int]
  let val: [Float]

  /// By network and stage; none where the file cannot be read, which every test notices.
  static func records(in file: String) -> [String: [String: Golden]] {
    let path = Places.tests.appending(path: "Golden").appending(path: file)
    let decoded = (try? Data(contentsOf: path)).flatMap {
      try? JSONDecoder().decode([String: [String: Golden]].self, from: $0)
    }
    return decoded ?? [:]
  }
}

extension Tensor {
  /// The larger of the relative error of the norm and that of the samples, as a share of the largest sample.
  ///
  /// Infinite where shapes differ; records are `[batch, channel, row, column]`.
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
