import Glibc

/// Returns the natural logarithm; −∞ for zero.
func logarithm(_ x: Double) -> Double { log(x) }

/// Returns e raised to the power `x`.
func exponential(_ x: Double) -> Double { exp(x) }

/// Returns the cosine and sine of an angle in full turns.
func phasor(turns: Double) -> (cosine: Double, sine: Double) {
  let angle = 2 * Double.pi * turns.truncatingRemainder(dividingBy: 1)
  return (cos(angle), sin(angle))
}
