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

/// Winograd F(4×4, 3×3), the filters: u = G·g·Gᵀ for each pair of channels.
///
/// `g` is [3, 3, pairs] with planes `plane` numbers apart, `u` [36, pairs] with planes `spread` numbers apart.
void ck_winograd_filters(
    float *restrict u, ptrdiff_t spread, const float *restrict g, ptrdiff_t plane,
    ptrdiff_t pairs);

/// The input: v = Bᵀ·d·B for each channel of 6 × 6 pixels, given by where their channels begin; negative numbers count
/// as 0 if `rectify`.
///
/// `v` is [36, channels] with planes `spread` numbers apart.
void ck_winograd_input(
    float *restrict v, ptrdiff_t spread, const float *const *pixels, ptrdiff_t channels,
    int rectify);

/// The output: y = Aᵀ·m·A + bias + residual for each channel of 4 × 4 pixels, of which the first `rows` and `columns` are
/// wanted.
///
/// `m` is [36, channels] with planes `spread` numbers apart; `y` and `residual` (null for none) are [row, column, channel]
/// with rows `line` numbers apart; `bias` is null for none.
void ck_winograd_output(
    float *restrict y, ptrdiff_t line, int rows, int columns, const float *restrict m,
    ptrdiff_t spread, ptrdiff_t channels, const float *restrict bias,
    const float *restrict residual, int rectify);
