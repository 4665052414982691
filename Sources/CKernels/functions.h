#pragma once
#include "kernel.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

// Returns exp(x) with a relative error below 2e-7 (Cephes expf); the argument is clamped to the range with finite
// results. Adding 1.5·2^23 rounds to the nearest integer and stores it in the low bits.
INLINE float exp_inline(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  float shifted = x * 1.44269504088896341f + 12582912.0f;
  float n = shifted - 12582912.0f;
  x -= n * 0.693359375f;
  x -= n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * x + 1.3981999507e-3f;
  p = p * x + 8.3334519073e-3f;
  p = p * x + 4.1665795894e-2f;
  p = p * x + 1.6666665459e-1f;
  p = p * x + 5.0000001201e-1f;
  p = p * x * x + x + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, 4);
  bits = (bits - 0x4b400000u + 127u) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return p * power;
}

// Returns erf(x) with an error of at most two units in the last place: an odd polynomial near 0, and 1 -
// exp(polynomial) elsewhere (minimax coefficients after N. Juffa).
INLINE float erf_inline(float x) {
  float t = fabsf(x), s = x * x;
  float near = -5.96761703e-4f;
  near = near * s + 4.99119423e-3f;
  near = near * s - 2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s - 3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  float far = -1.72853470e-5f * t + 3.83197126e-4f;
  far = far * s + (-3.88396438e-3f * t + 2.42546219e-2f);
  far = far * t - 1.06777877e-1f;
  far = far * t - 6.34846687e-1f;
  far = far * t - 1.28717512e-1f;
  far = far * t - t;
  far = copysignf(1.0f - exp_inline(far), x);
  return t > 0.927734375f ? far : near;
}
