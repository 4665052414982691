#include "CKernels.h"
#include "functions.h"

// Sums in double precision run over rows in order for each channel, so that all levels add in the same order.

INLINE float derivative(float z, CKActivation activation) {
  switch (activation) {
    case CK_RELU: return z > 0 ? 1.0f : 0.0f;
    case CK_GELU:
      return 0.5f * (1.0f + erf_inline(z * 0.70710678118654752f))
          + z * 0.39894228040143268f * exp_inline(-0.5f * z * z);
    case CK_SILU: {
      float s = 1.0f / (1.0f + exp_inline(-z));
      return s + z * s * (1.0f - s);
    }
    default: return 1.0f;
  }
}

INLINE void activation_pullback(
    float *restrict gradient, const float *restrict z, ptrdiff_t count, CKActivation activation) {
  for (ptrdiff_t i = 0; i < count; i++) gradient[i] *= derivative(z[i], activation);
}

KERNEL(
    ck_activation_pullback,
    (float *restrict gradient, const float *restrict z, ptrdiff_t count, CKActivation activation),
    (gradient, z, count, activation)) {
  switch (activation) {  // a separate loop for each activation, without branches inside
    case CK_RELU: activation_pullback(gradient, z, count, CK_RELU); break;
    case CK_GELU: activation_pullback(gradient, z, count, CK_GELU); break;
    case CK_SILU: activation_pullback(gradient, z, count, CK_SILU); break;
    default: break;
  }
}

KERNEL(
    ck_joint_moments,
    (double *restrict sums, double *restrict products, const float *restrict g,
     const float *restrict x, ptrdiff_t rows, ptrdiff_t channels),
    (sums, products, g, x, rows, channels)) {
  for (ptrdiff_t r = 0; r < rows; r++, g += channels, x += channels)
    for (ptrdiff_t c = 0; c < channels; c++) {
      sums[c] += (double)g[c];
      products[c] += (double)g[c] * (double)x[c];
    }
}

KERNEL(
    ck_combine,
    (float *restrict y, const float *restrict g, const float *restrict x, ptrdiff_t rows,
     ptrdiff_t channels, const float *restrict of_g, const float *restrict of_x,
     const float *restrict constant),
    (y, g, x, rows, channels, of_g, of_x, constant)) {
  for (ptrdiff_t r = 0; r < rows; r++, y += channels, g += channels, x += channels)
    for (ptrdiff_t c = 0; c < channels; c++)
      y[c] = g[c] * of_g[c] + (x[c] * of_x[c] + constant[c]);
}

KERNEL(
    ck_layer_norm_pullback,
    (float *restrict dx, double *restrict gains, double *restrict biases, const float *restrict dy,
     const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, const float *restrict gain,
     float epsilon),
    (dx, gains, biases, dy, x, rows, columns, gain, epsilon)) {
  for (ptrdiff_t r = 0; r < rows; r++, dx += columns, dy += columns, x += columns) {
    double sum = 0, square = 0;
    for (ptrdiff_t c = 0; c < columns; c++) sum += (double)x[c];
    double mean = sum / (double)columns;
    for (ptrdiff_t c = 0; c < columns; c++) {
      double d = (double)x[c] - mean;
      square += d * d;
    }
    double scale = 1 / sqrt(square / (double)columns + (double)epsilon);
    double of_one = 0, of_x = 0;
    for (ptrdiff_t c = 0; c < columns; c++) {
      double form = ((double)x[c] - mean) * scale;
      double g = (double)dy[c] * (double)gain[c];
      of_one += g;
      of_x += g * form;
      gains[c] += (double)dy[c] * form;
      biases[c] += (double)dy[c];
    }
    of_one /= (double)columns;
    of_x /= (double)columns;
    for (ptrdiff_t c = 0; c < columns; c++) {
      double form = ((double)x[c] - mean) * scale;
      dx[c] = (float)(scale * ((double)dy[c] * (double)gain[c] - of_one - form * of_x));
    }
  }
}
