import Foundation

/// A periodic height field with a power-law spectrum, generated in the frequency domain.
struct FractalField {
  /// The number of rows and columns, a power of two.
  let side: Int
  /// The heights, `[row, column]`.
  private(set) var values: [Float]

  /// Creates a field of noise filtered by |frequency|^−1.8.
  init(side: Int, generator: inout some RandomNumberGenerator) {
    precondition(side.nonzeroBitCount == 1, "the side \(side) is not a power of two")
    self.side = side
    var noise = Normal()
    values = (0..<side * side).map { _ in Float(noise.next(using: &generator)) }
    var imaginary = [Float](repeating: 0, count: side * side)
    transform(&values, &imaginary)
    for row in 0..<side {
      let v = Double(min(row, side - row)) / Double(side)
      for column in 0..<side {
        let u = Double(min(column, side - column)) / Double(side)
        let gain = row + column == 0 ? 0 : Float(pow(u * u + v * v, -0.9))
        values[row * side + column] *= gain
        imaginary[row * side + column] *= gain
      }
    }
    // The inverse transform is a forward transform with real and imaginary parts exchanged.
    transform(&imaginary, &values)
  }

  private func transform(_ real: inout [Float], _ imaginary: inout [Float]) {
    for _ in 0..<2 {
      for row in 0..<side {
        real.withUnsafeMutableBufferPointer { real in
          imaginary.withUnsafeMutableBufferPointer { imaginary in
            Self.transform(
              UnsafeMutableBufferPointer(rebasing: real[row * side..<(row + 1) * side]),
              UnsafeMutableBufferPointer(rebasing: imaginary[row * side..<(row + 1) * side]))
          }
        }
      }
      Self.transpose(&real, side)
      Self.transpose(&imaginary, side)
    }
  }

  private static func transpose(_ values: inout [Float], _ side: Int) {
    let block = 32
    for top in stride(from: 0, to: side, by: block) {
      for left in stride(from: top, to: side, by: block) {
        for row in top..<min(top + block, side) {
          for column in max(left, row + 1)..<max(min(left + block, side), row + 1) {
            values.swapAt(row * side + column, column * side + row)
          }
        }
      }
    }
  }

  /// Computes the fast Fourier transform of one row in place (Cooley and Tukey 1965,
  /// doi:10.1090/S0025-5718-1965-0178586-1).
  private static func transform(
    _ real: UnsafeMutableBufferPointer<Float>, _ imaginary: UnsafeMutableBufferPointer<Float>
  ) {
    let count = real.count
    var j = 0
    for i in 1..<count {
      var bit = count >> 1
      while j & bit != 0 {
        j ^= bit
        bit >>= 1
      }
      j |= bit
      if i < j {
        real.swapAt(i, j)
        imaginary.swapAt(i, j)
      }
    }
    var length = 2
    while length <= count {
      let angle = -2 * Double.pi / Double(length)
      for k in 0..<length / 2 {
        let (c, s) = (Float(cos(angle * Double(k))), Float(sin(angle * Double(k))))
        for start in stride(from: k, to: count, by: length) {
          let other = start + length / 2
          let re = real[other] * c - imaginary[other] * s
          let im = real[other] * s + imaginary[other] * c
          (real[other], imaginary[other]) = (real[start] - re, imaginary[start] - im)
          (real[start], imaginary[start]) = (real[start] + re, imaginary[start] + im)
        }
      }
      length *= 2
    }
  }
}

/// A generator of normally distributed numbers with mean 0 and variance 1 (Box and Muller, 1958).
struct Normal {
  private var spare: Double?

  mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &generator)
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}

/// Smooths with a Gaussian of `sigma` pixels, mirrored at the borders.
func smoothed(_ values: [Float], width: Int, sigma: Double) -> [Float] {
  let reach = Int((4 * sigma).rounded())
  var kernel = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
  let sum = kernel.reduce(0, +)
  for i in kernel.indices { kernel[i] /= sum }
  func mirrored(_ i: Int, _ count: Int) -> Int {
    let phase = ((i % (2 * count)) + 2 * count) % (2 * count)
    return phase < count ? phase : 2 * count - 1 - phase
  }
  func pass(_ values: [Float], width: Int) -> [Float] {  // along rows; the result is transposed
    let height = values.count / width
    var result = [Float](repeating: 0, count: values.count)
    let places = (0..<width + 2 * reach).map { mirrored($0 - reach, width) }
    for row in 0..<height {
      for column in 0..<width {
        var sum: Float = 0
        for k in kernel.indices { sum += kernel[k] * values[row * width + places[column + k]] }
        result[column * height + row] = sum
      }
    }
    return result
  }
  return pass(pass(values, width: width), width: values.count / width)
}
