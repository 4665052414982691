import Foundation
import Surfaces
import Testing

@Suite struct HighPassTests {
  let width = 400

  /// Applies a filter to three rows of a cosine and returns the remaining amplitude at the center of the second
  /// row.
  private func remaining(of length: Double, wavelength: Double) -> Double {
    let wave = (0..<width * 3).map {
      Float(1000 + cos(2 * .pi * Double($0 % width - 200) / length))
    }
    let fine = HighPass(wavelengthInColumns: wavelength, rows: 1).apply(wave, width: width)
    return Double(fine[width + 200])
  }

  @Test(arguments: [20.0, 37.5, 60])
  func `half of a wave remains at the cutoff wavelength`(length: Double) {
    #expect(abs(remaining(of: length, wavelength: length) - 0.5) < 0.02)
    #expect(remaining(of: length / 4, wavelength: length) > 0.97)
    #expect(remaining(of: 4 * length, wavelength: length) < 0.06)
  }

  @Test func `a constant surface and the interior of a plane have no high-pass component`() {
    let level = HighPass(wavelengthInColumns: 30, rows: 20).apply(
      [Float](repeating: 1234.5, count: 60 * 50), width: 60)
    #expect(level.allSatisfy { abs($0) < 1e-9 })
    let plane = (0..<200 * 100).map { (i: Int) -> Float in
      let (row, column) = i.quotientAndRemainder(dividingBy: 200)
      return Float(3 * column - 2 * row)
    }
    let fine = HighPass(wavelengthInColumns: 20, rows: 20).apply(plane, width: 200)
    #expect(abs(fine[50 * 200 + 100]) < 1e-3)
  }

  @Test func `a missing value stays missing and does not affect its neighbors`() {
    var level = [Float](repeating: 7, count: 60 * 50)
    level[25 * 60 + 30] = .nan
    let fine = HighPass(wavelengthInColumns: 10, rows: 10).apply(level, width: 60)
    #expect(fine[25 * 60 + 30].isNaN)
    #expect(fine.allSatisfy { $0.isNaN || abs($0) < 1e-9 })
  }

  @Test func `transposing the input transposes the result`() {
    let values = (0..<35 * 20).map { (i: Int) -> Float in Float(i * 7919 % 101) }
    let pass = HighPass(wavelengthInColumns: 12, rows: 9)
    let fine = pass.apply(values, width: 35)
    let transposed = HighPass(wavelengthInColumns: 9, rows: 12).apply(
      (0..<35 * 20).map { values[$0 % 20 * 35 + $0 / 20] }, width: 20)
    for i in values.indices {
      #expect(abs(fine[i] - transposed[i % 35 * 20 + i / 35]) < 1e-4)
    }
  }
}
