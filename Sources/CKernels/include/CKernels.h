#pragma once
#include <stddef.h>

/// x[i] = x[i] · Φ(x[i]) with the normal distribution function Φ: the exact (erf) form of GELU.
void ck_gelu(float *x, ptrdiff_t count);

/// x[i] = x[i] / (1 + exp(−x[i])): SiLU.
void ck_silu(float *x, ptrdiff_t count);

/// Each row becomes exp(scale · x) divided by the row's sum of them.
void ck_softmax(float *x, ptrdiff_t rows, ptrdiff_t columns, float scale);

/// Each row is brought to mean 0 and variance 1 (biased, plus epsilon), then y = x · gain + bias.
void ck_layer_norm(
    float *restrict y, const float *restrict x, ptrdiff_t rows, ptrdiff_t columns,
    const float *restrict gain, const float *restrict bias, float epsilon);

/// Adds each channel's sum and sum of squares over the rows to `sums` and `squares`.
void ck_moments(
    double *restrict sums, double *restrict squares, const float *restrict x, ptrdiff_t rows,
    ptrdiff_t channels);

/// The highest x86-64 level (`x86-64-v4`, `x86-64-v3`) that these kernels run at here, or `default`.
const char *ck_level(void);
