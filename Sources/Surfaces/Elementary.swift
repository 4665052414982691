import Glibc

/// The natural logarithm; −∞ of zero.
func logarithm(_ x: Double) -> Double { log(x) }

/// e to the power of `x`.
func exponential(_ x: Double) -> Double { exp(x) }

/// Cosine and sine of so many full turns.
func phasor(turns: Double) -> (cosine: Double, sine: Double) {
  let angle = 2 * Double.pi * turns.truncatingRemainder(dividingBy: 1)
  return (cos(angle), sin(angle))
}
