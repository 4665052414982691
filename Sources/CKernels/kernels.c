#include "CKernels.h"
#include "functions.h"

// Sums use this number of lanes for any vector width, so that all levels add in the same order.
enum { LANES = 16 };

INLINE float activate(float x, CKActivation activation) {
  switch (activation) {
    case CK_RELU: return x < 0 ? 0 : x;  // passes NaN through, so that failures of a network remain visible
    case CK_GELU: return 0.5f * x * (1.0f + erf_inline(x * 0.70710678118654752f));
    case CK_SILU: return x / (1.0f + exp_inline(-x));
    default: return x;
  }
}

INLINE void channel_map(
    float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride, ptrdiff_t rows,
    ptrdiff_t channels, const float *restrict factors, const float *restrict offsets,
    const float *restrict added, CKActivation activation) {
  for (ptrdiff_t r = 0; r < rows; r++, x += x_stride, y += y_stride) {
    const float *a = added ? added + r * y_stride : 0;
    // y is either equal to x or does not overlap it, which the compiler cannot know.
    _Pragma("clang loop vectorize(assume_safety)") for (ptrdiff_t c = 0; c < channels; c++) {
      float v = x[c];
      if (factors) v *= factors[c];
      if (offsets) v += offsets[c];
      if (a) v += a[c];
      y[c] = activate(v, activation);
    }
  }
}

// Calls the loops with constant null pointers and activations, which removes the branches.
#define MAPPED(factors, offsets, added, activation) \
  channel_map(                                      \
      y, y_stride, x, x_stride, rows, channels, factors, offsets, added, activation)
#define GIVEN(factors, offsets, added)                                    \
  switch (activation) {                                                   \
    case CK_RELU: MAPPED(factors, offsets, added, CK_RELU); break;        \
    case CK_GELU: MAPPED(factors, offsets, added, CK_GELU); break;        \
    case CK_SILU: MAPPED(factors, offsets, added, CK_SILU); break;        \
    default: MAPPED(factors, offsets, added, CK_NONE);                    \
  }

KERNEL(
    ck_channel_map,
    (float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride, ptrdiff_t rows,
     ptrdiff_t channels, const float *restrict factors, const float *restrict offsets,
     const float *restrict added, CKActivation activation),
    (y, y_stride, x, x_stride, rows, channels, factors, offsets, added, activation)) {
  if (factors && offsets && added) {
    GIVEN(factors, offsets, added)
  } else if (factors && offsets) {
    GIVEN(factors, offsets, 0)
  } else if (offsets && added) {
    GIVEN(0, offsets, added)
  } else if (offsets) {
    GIVEN(0, offsets, 0)
  } else if (added) {
    GIVEN(0, 0, added)
  } else if (activation != CK_NONE || y != x) {
    GIVEN(0, 0, 0)
  }
}

KERNEL(
    ck_layer_norm,
    (float *restrict y, const float *restrict x, ptrdiff_t rows, ptrdiff_t columns,
     const float *restrict gain, const float *restrict bias, float epsilon),
    (y, x, rows, columns, gain, bias, epsilon)) {
  ptrdiff_t whole = columns - columns % LANES;
  for (ptrdiff_t r = 0; r < rows; r++, x += columns, y += columns) {
    double sums[LANES] = {0}, squares[LANES] = {0};
    for (ptrdiff_t i = 0; i < whole; i += LANES)
      for (int l = 0; l < LANES; l++) sums[l] += x[i + l];
    for (ptrdiff_t i = whole; i < columns; i++) sums[0] += x[i];
    double mean = 0;
    for (int l = 0; l < LANES; l++) mean += sums[l];
    mean /= (double)columns;

    for (ptrdiff_t i = 0; i < whole; i += LANES)
      for (int l = 0; l < LANES; l++) squares[l] += (x[i + l] - mean) * (x[i + l] - mean);
    for (ptrdiff_t i = whole; i < columns; i++) squares[0] += (x[i] - mean) * (x[i] - mean);
    double variance = 0;
    for (int l = 0; l < LANES; l++) variance += squares[l];
    variance /= (double)columns;

    float center = (float)mean, factor = (float)(1.0 / sqrt(variance + epsilon));
    for (ptrdiff_t i = 0; i < columns; i++) y[i] = (x[i] - center) * factor * gain[i] + bias[i];
  }
}

KERNEL(
    ck_moments,
    (double *restrict sums, double *restrict squares, const float *restrict x, ptrdiff_t rows,
     ptrdiff_t channels),
    (sums, squares, x, rows, channels)) {
  for (ptrdiff_t r = 0; r < rows; r++, x += channels)
    for (ptrdiff_t c = 0; c < channels; c++) {
      double v = x[c];
      sums[c] += v;
      squares[c] += v * v;
    }
}

// Blocks of 16 × 16 pass through the first-level cache, where strided access is cheap.
KERNEL(
    ck_transpose,
    (float *restrict to, ptrdiff_t to_stride, const float *restrict from, ptrdiff_t from_stride,
     ptrdiff_t rows, ptrdiff_t columns),
    (to, to_stride, from, from_stride, rows, columns)) {
  enum { SIDE = 16 };
  float square[SIDE][SIDE];
  for (ptrdiff_t top = 0; top < rows; top += SIDE)
    for (ptrdiff_t left = 0; left < columns; left += SIDE) {
      const float *corner = from + top * from_stride + left;
      float *transposed = to + left * to_stride + top;
      if (rows - top >= SIDE && columns - left >= SIDE) {
        for (int r = 0; r < SIDE; r++)
          for (int c = 0; c < SIDE; c++) square[c][r] = corner[r * from_stride + c];
        for (int c = 0; c < SIDE; c++)
          for (int r = 0; r < SIDE; r++) transposed[c * to_stride + r] = square[c][r];
      } else {
        for (ptrdiff_t r = 0; r < SIDE && r < rows - top; r++)
          for (ptrdiff_t c = 0; c < SIDE && c < columns - left; c++)
            transposed[c * to_stride + r] = corner[r * from_stride + c];
      }
    }
}
