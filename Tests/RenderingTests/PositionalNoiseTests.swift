import Rendering
import Testing

struct PositionalNoiseTests {
  let noise = PositionalNoise(seed: 42, stream: 7)

  @Test func `seeds and streams are independent of each other`() {
    let streams = [
      noise, PositionalNoise(seed: 43, stream: 7), PositionalNoise(seed: 42, stream: 8),
    ]
    for (i, a) in streams.enumerated() {
      for b in streams[(i + 1)...] {
        var product: Float = 0
        for row in 0..<100 {
          for column in 0..<100 { product += a.normal(column, row) * b.normal(column, row) }
        }
        // The mean product of 10,000 independent pairs has a standard deviation of 0.01.
        #expect(abs(product / 10_000) < 0.05)
      }
    }
  }

  @Test
  func `normal numbers have mean 0 and variance 1, and neighbors are uncorrelated`() {
    var (sum, squares, products): (Float, Float, Float) = (0, 0, 0)
    for row in -100..<100 {
      for column in -100..<100 {
        let value = noise.normal(column, row)
        sum += value
        squares += value * value
        products += value * noise.normal(column + 1, row)
      }
    }
    // With 40,000 numbers, the standard error of the mean is 0.005 and of the variance 0.007.
    #expect(abs(sum / 40_000) < 0.02)
    #expect(abs(squares / 40_000 - 1) < 0.03)
    #expect(abs(products / 40_000) < 0.02)
  }

  @Test func `smooth noise is zero at integer positions and continuous across them`() {
    for k in -5..<5 {
      let x = Float(k)
      #expect(noise.smooth(x, 3) == 0)
      #expect(abs(noise.smooth(x - 1e-3, 2.5) - noise.smooth(x + 1e-3, 2.5)) < 0.01)
    }
    #expect(noise.smooth(0.5, 0.5) != 0)
  }

  @Test func `the spread of fractal noise does not depend on the octaves`() {
    for octaves in [1, 3, 6] {
      var squares: Float = 0
      for i in 0..<10_000 {
        let value = noise.fractal(Float(i % 100) * 0.37, Float(i / 100) * 0.41, octaves: octaves)
        squares += value * value
      }
      #expect((0.2...0.3).contains((squares / 10_000).squareRoot()))
    }
  }
}
