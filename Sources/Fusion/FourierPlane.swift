import CKissFFT
import Glibc

/// Discrete Fourier transforms of real images of one size, in single precision: along rows, and then along columns.
///
/// Source: the library KISS FFT, https://github.com/mborgerding/kissfft.
struct FourierPlane: ~Copyable {
  /// The number of rows, and of columns, which is even.
  let rows, columns: Int
  private let acrossForward, acrossBackward: kiss_fftr_cfg
  private let downForward, downBackward: kiss_fft_cfg

  /// The number of waves along rows: the others follow from symmetry.
  private var waves: Int { columns / 2 + 1 }

  /// Prepares transforms of at least the given size, rounded up to one that is fast.
  init(rows: Int, columns: Int) {
    self.rows = Int(kiss_fft_next_fast_size(Int32(rows)))
    self.columns = 2 * Int(kiss_fft_next_fast_size(Int32((columns + 1) / 2)))
    let size = (rows: Int32(self.rows), columns: Int32(self.columns))
    guard let acrossForward = kiss_fftr_alloc(size.columns, 0, nil, nil),
      let acrossBackward = kiss_fftr_alloc(size.columns, 1, nil, nil),
      let downForward = kiss_fft_alloc(size.rows, 0, nil, nil),
      let downBackward = kiss_fft_alloc(size.rows, 1, nil, nil)
    else { fatalError("no memory for a Fourier transform of \(size)") }
    (self.acrossForward, self.acrossBackward) = (acrossForward, acrossBackward)
    (self.downForward, self.downBackward) = (downForward, downBackward)
  }

  deinit {
    for state in [acrossForward, acrossBackward, downForward, downBackward] {
      free(UnsafeMutableRawPointer(state))
    }
  }

  /// Returns the spectrum of an image, `[row, column]`, as `[wave across, wave down]`.
  func spectrum(of image: [Float]) -> [kiss_fft_cpx] {
    precondition(image.count == rows * columns, "one value for each pixel")
    var lines = [kiss_fft_cpx](repeating: kiss_fft_cpx(), count: rows * waves)
    var spectrum = lines
    image.withUnsafeBufferPointer { image in
      lines.withUnsafeMutableBufferPointer { lines in
        spectrum.withUnsafeMutableBufferPointer { spectrum in
          guard let from = image.baseAddress, let line = lines.baseAddress,
            let to = spectrum.baseAddress
          else { return }
          for row in 0..<rows {
            kiss_fftr(acrossForward, from + row * columns, line + row * waves)
          }
          for wave in 0..<waves {
            kiss_fft_stride(downForward, line + wave, to + wave * rows, Int32(waves))
          }
        }
      }
    }
    return spectrum
  }

  /// Returns what waves are multiplied by, `[wave across, wave down]`, real and imaginary, given their angular
  /// frequencies in radians per row and per column; 0 for the mean.
  func factors(
    _ factor: (_ down: Float, _ across: Float) -> SIMD2<Float>
  ) -> [SIMD2<Float>] {
    let down = (0..<rows).map {
      2 * Float.pi * Float($0 <= rows / 2 ? $0 : $0 - rows) / Float(rows)
    }
    let scale = 1 / Float(rows * columns)
    return (0..<waves).flatMap { wave in
      let across = 2 * Float.pi * Float(wave) / Float(columns)
      return (0..<rows).map { $0 + wave > 0 ? factor(down[$0], across) * scale : .zero }
    }
  }

  /// Transforms a spectrum, whose waves are multiplied by `factors`, back to an image, `[row, column]`.
  func image(of spectrum: [kiss_fft_cpx], times factors: [SIMD2<Float>]) -> [Float] {
    var lines = [kiss_fft_cpx](repeating: kiss_fft_cpx(), count: rows * waves)
    var wave = [kiss_fft_cpx](repeating: kiss_fft_cpx(), count: rows)
    var line = wave
    for column in 0..<waves {
      for row in 0..<rows {
        let (f, value) = (factors[column * rows + row], spectrum[column * rows + row])
        wave[row] = kiss_fft_cpx(
          r: f.x * value.r - f.y * value.i, i: f.x * value.i + f.y * value.r)
      }
      kiss_fft(downBackward, wave, &line)
      for row in 0..<rows { lines[row * waves + column] = line[row] }
    }
    return [Float](unsafeUninitializedCapacity: rows * columns) { image, count in
      lines.withUnsafeBufferPointer { lines in
        guard let from = lines.baseAddress, let to = image.baseAddress else { return }
        for row in 0..<rows { kiss_fftri(acrossBackward, from + row * waves, to + row * columns) }
      }
      count = rows * columns
    }
  }
}
