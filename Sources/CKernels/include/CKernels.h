#pragma once
#include <stddef.h>

/// The activation function of a layer: x, max(x, 0), x · Φ(x) with the standard normal distribution function Φ (the
/// erf form), or x / (1 + exp(−x)).
typedef enum { CK_NONE, CK_RELU, CK_GELU, CK_SILU } CKActivation;

/// Computes y = activation(x · factor + offset + added) for rows of channels, with one factor and offset per
/// channel.
///
/// Each of `factors`, `offsets`, and `added` may be null, but factors require offsets. `y` may be equal to `x`.
/// Rows start `x_stride` and `y_stride` elements apart; rows of `added` have the stride of y.
void ck_channel_map(
    float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride, ptrdiff_t rows,
    ptrdiff_t channels, const float *restrict factors, const float *restrict offsets,
    const float *restrict added, CKActivation activation);

/// Normalizes each row to mean 0 and variance 1 (biased, plus epsilon), then computes y = x · gain + bias.
void ck_layer_norm(
    float *restrict y, const float *restrict x, ptrdiff_t rows, ptrdiff_t columns,
    const float *restrict gain, const float *restrict bias, float epsilon);

/// Adds the sum and the sum of squares of each channel over all rows to `sums` and `squares`.
void ck_moments(
    double *restrict sums, double *restrict squares, const float *restrict x, ptrdiff_t rows,
    ptrdiff_t channels);

/// Multiplies `gradient` by the derivative of the activation at z.
void ck_activation_pullback(
    float *restrict gradient, const float *restrict z, ptrdiff_t count, CKActivation activation);

/// Adds the sums of g and of g · x of each channel over all rows to `sums` and `products`.
void ck_joint_moments(
    double *restrict sums, double *restrict products, const float *restrict g,
    const float *restrict x, ptrdiff_t rows, ptrdiff_t channels);

/// Computes y = g · of_g + x · of_x + constant, with coefficients for each channel.
void ck_combine(
    float *restrict y, const float *restrict g, const float *restrict x, ptrdiff_t rows,
    ptrdiff_t channels, const float *restrict of_g, const float *restrict of_x,
    const float *restrict constant);

/// The backward pass of `ck_layer_norm`: computes dx and adds to the gradients of gain and bias.
void ck_layer_norm_pullback(
    float *restrict dx, double *restrict gains, double *restrict biases, const float *restrict dy,
    const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, const float *restrict gain,
    float epsilon);

/// Makes the allocator keep all freed memory in a single heap.
void ck_retain_freed_memory(void);

/// Returns the number of page faults of this process so far that did not read from disk.
long ck_page_faults(void);

/// Returns the level that the kernels use: the highest of `default`, `x86-64-v3`, and `x86-64-v4` that this
/// processor supports, or the lower one that the environment variable RELIEF_CPU_LEVEL selects.
const char *ck_level(void);

/// Returns the value of RELIEF_CPU_LEVEL if it is unknown or this processor does not support it; otherwise null.
const char *ck_unsupported_level(void);

/// The sizes of packed products: left operands are divided into panels of rows, right operands and results into
/// panels of columns, and channels into lanes.
enum { CK_PANEL_ROWS = 12, CK_PANEL_COLUMNS = 32, CK_PANEL_LANES = 16 };

/// Computes c = a · b for each panel of rows of a; adds to c if `adding` is true.
///
/// `a` is [panel, depth / LANES, ROWS, LANES] with panels `spread` elements apart, `b` is [depth, COLUMNS], and `c`
/// is [panel, ROWS, COLUMNS].
void ck_panel_products(
    float *restrict c, const float *restrict a, ptrdiff_t spread, const float *restrict b,
    ptrdiff_t panels, ptrdiff_t depth, int adding);

/// Transposes a matrix: to[c · to_stride + r] = from[r · from_stride + c].
void ck_transpose(
    float *restrict to, ptrdiff_t to_stride, const float *restrict from, ptrdiff_t from_stride,
    ptrdiff_t rows, ptrdiff_t columns);

/// Packs at most ROWS rows of a left operand, given as pointers to the rows, as [depth / LANES, ROWS, LANES] with
/// zero padding.
void ck_pack_rows(
    float *restrict panel, const float *const *a, ptrdiff_t rows, ptrdiff_t count);

/// Packs a panel of columns of a right operand [count, columns], starting at column `first`, as [depth, COLUMNS]
/// with zero padding.
void ck_pack_columns(
    float *restrict panel, const float *restrict b, ptrdiff_t count, ptrdiff_t columns,
    ptrdiff_t first);

/// The maximum number of queries per call; each block of keys and values is read once for all of them.
enum { CK_ATTENTION_QUERIES = 4 * CK_PANEL_ROWS };

/// Computes softmax(scale · q·kᵀ)·v of one head for at most CK_ATTENTION_QUERIES queries.
///
/// `queries` and `y` are [count, depth] with rows `q_stride` and `y_stride` elements apart. `keys` is [key panel,
/// depth in whole lanes, COLUMNS] and `values` is [value panel, key panel, COLUMNS keys, COLUMNS], both with zeros
/// after the last token and channel. `scratch` has (depth in whole lanes + depth in whole panels) elements for each
/// query, in whole panels of ROWS.
void ck_attention(
    float *restrict y, ptrdiff_t y_stride, const float *restrict queries, ptrdiff_t q_stride,
    ptrdiff_t count, const float *restrict keys, const float *restrict values, ptrdiff_t tokens,
    ptrdiff_t depth, float scale, float *restrict scratch);

/// Packs a panel of keys, [count, depth] with rows `stride` elements apart, in the layout of `ck_attention`.
void ck_attention_keys(
    float *restrict panel, const float *restrict keys, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t depth);

/// Packs at most COLUMNS channels of a panel of values, [count, columns] with rows `stride` elements apart.
void ck_attention_values(
    float *restrict panel, const float *restrict values, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t columns);

/// Winograd F(4×4, 3×3), filter transform: u = G·g·Gᵀ for each pair of channels, for a panel of outputs.
///
/// `g` is [3, 3, inputs, COLUMNS] with rows of taps `row` elements and columns `column` elements apart. `u` is [36,
/// depth, COLUMNS], where the depth is the number of inputs rounded up to whole lanes, padding is zero, and planes
/// are depth · COLUMNS + CK_WINOGRAD_GAP elements apart. `doubled` tells whether each pixel of the input is
/// upsampled to 2 × 2; it must be the same for all four Winograd functions.
void ck_winograd_filters(
    float *restrict u, const float *restrict g, ptrdiff_t row, ptrdiff_t column, ptrdiff_t inputs,
    int doubled);

/// Padding between planes. Depths are often powers of two; without a gap, all planes would share a few cache lines.
enum { CK_WINOGRAD_GAP = 80 };

/// Winograd input transform: v = Bᵀ·d·B for each channel of 6 × 6 pixels.
///
/// `pixels` contains pointers to the first channel of each pixel; negative values are replaced by 0 if `rectify` is
/// true. `v` is one row of a panel, [36, depth / LANES, ROWS, LANES], with planes `spread` elements apart.
void ck_winograd_input(
    float *restrict v, ptrdiff_t spread, const float *const *pixels, ptrdiff_t channels, int doubled,
    int rectify);

/// Winograd products m = v · u at each of the 36 frequencies, for panels of rows and one panel of columns; adds to
/// m if `adding` is true.
///
/// `v` is [36, panel, depth / LANES, ROWS, LANES] with planes `spread` elements and panels `panel` elements apart,
/// `u` is as in `ck_winograd_filters`, and `m` is [36, panel, ROWS, COLUMNS]. If each pixel is `doubled`, the third
/// row and column of frequencies are zero (that row of Bᵀ is the difference of equal pixels) and are not
/// multiplied.
void ck_winograd_products(
    float *restrict m, const float *restrict v, ptrdiff_t spread, ptrdiff_t panel,
    const float *restrict u, ptrdiff_t panels, ptrdiff_t depth, int adding, int doubled);

/// Winograd output transform: y = Aᵀ·m·A + bias + residual for each channel of 4 × 4 pixels; only the first `rows`
/// and `columns` are written.
///
/// `m` is [36, channels] with planes `spread` elements apart. `y` and `residual` (null for none) are [row, column,
/// channel] with rows `line` elements and columns `pixel` elements apart. `bias` is null for none.
void ck_winograd_output(
    float *restrict y, ptrdiff_t line, ptrdiff_t pixel, int rows, int columns,
    const float *restrict m, ptrdiff_t spread, ptrdiff_t channels, const float *restrict bias,
    const float *restrict residual, int doubled, int rectify);
