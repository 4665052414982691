#pragma once
#include <stddef.h>

/// The function at the end of a layer: x, max(x, 0), x · Φ(x) with the normal distribution function Φ (the erf form), or
/// x / (1 + exp(−x)).
typedef enum { CK_NONE, CK_RELU, CK_GELU, CK_SILU } CKActivation;

/// y = activation(x · factor + offset + added) for each of so many rows of channels, with a factor and an offset for each
/// channel; any of the three is null for none, but factors come with offsets. `y` may be `x`.
///
/// Rows begin `x_stride` and `y_stride` numbers apart, those of `added` as those of y.
void ck_channel_map(
    float *y, ptrdiff_t y_stride, const float *x, ptrdiff_t x_stride, ptrdiff_t rows,
    ptrdiff_t channels, const float *restrict factors, const float *restrict offsets,
    const float *restrict added, CKActivation activation);

/// Each row is brought to mean 0 and variance 1 (biased, plus epsilon), then y = x · gain + bias.
void ck_layer_norm(
    float *restrict y, const float *restrict x, ptrdiff_t rows, ptrdiff_t columns,
    const float *restrict gain, const float *restrict bias, float epsilon);

/// Adds each channel's sum and sum of squares over the rows to `sums` and `squares`.
void ck_moments(
    double *restrict sums, double *restrict squares, const float *restrict x, ptrdiff_t rows,
    ptrdiff_t channels);

/// gradient *= the derivative of the activation at z.
void ck_activation_pullback(
    float *restrict gradient, const float *restrict z, ptrdiff_t count, CKActivation activation);

/// Adds each channel's sums of g and of g · x over the rows to `sums` and `products`.
void ck_joint_moments(
    double *restrict sums, double *restrict products, const float *restrict g,
    const float *restrict x, ptrdiff_t rows, ptrdiff_t channels);

/// y = g · of_g + x · of_x + constant, with the three given for each channel.
void ck_combine(
    float *restrict y, const float *restrict g, const float *restrict x, ptrdiff_t rows,
    ptrdiff_t channels, const float *restrict of_g, const float *restrict of_x,
    const float *restrict constant);

/// The backward pass of `ck_layer_norm`: dx, and what is added to the gradients of gain and bias.
void ck_layer_norm_pullback(
    float *restrict dx, double *restrict gains, double *restrict biases, const float *restrict dy,
    const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, const float *restrict gain,
    float epsilon);

/// Tells the allocator to keep all memory that is freed, in one heap.
void ck_keep_freed(void);

/// Pages that this process has been given so far without reading a disk.
long ck_page_faults(void);

/// The level that these kernels run at: the highest that this processor has of `default`, `x86-64-v3` and `x86-64-v4`, or the
/// lower one that the environment variable RELIEF_CPU_LEVEL names.
const char *ck_level(void);

/// What RELIEF_CPU_LEVEL asks for where this processor cannot do it, or no such level is known; else null.
const char *ck_refused_level(void);

/// The shapes that packed products take. Left sides are cut into panels of so many rows, right sides and results into
/// panels of so many columns; channels come in lanes of so many.
enum { CK_PANEL_ROWS = 12, CK_PANEL_COLUMNS = 32, CK_PANEL_LANES = 16 };

/// c = a · b for each panel of rows of a, and what was in c if `adding`: `a` is [panel, depth / LANES, ROWS, LANES] with
/// panels `spread` numbers apart, `b` [depth, COLUMNS], `c` [panel, ROWS, COLUMNS].
void ck_panel_products(
    float *restrict c, const float *restrict a, ptrdiff_t spread, const float *restrict b,
    ptrdiff_t panels, ptrdiff_t depth, int adding);

/// Exchanges rows and columns: to[c · to_stride + r] = from[r · from_stride + c].
void ck_transpose(
    float *restrict to, ptrdiff_t to_stride, const float *restrict from, ptrdiff_t from_stride,
    ptrdiff_t rows, ptrdiff_t columns);

/// Packs at most ROWS rows of a left side, given by where they begin: [depth / LANES, ROWS, LANES], with zeros for what is
/// not there.
void ck_pack_rows(
    float *restrict panel, const float *const *a, ptrdiff_t rows, ptrdiff_t count);

/// Packs the panel of columns of a right side [count, columns] that begins with the column `first`: [depth, COLUMNS], with
/// zeros for what is not there.
void ck_pack_columns(
    float *restrict panel, const float *restrict b, ptrdiff_t count, ptrdiff_t columns,
    ptrdiff_t first);

/// The most queries that are taken at once: each block of keys and values is read once for all of them.
enum { CK_ATTENTION_QUERIES = 4 * CK_PANEL_ROWS };

/// softmax(scale · q·kᵀ)·v of one head, for at most CK_ATTENTION_QUERIES queries.
///
/// `queries` and `y` are [count, depth] with rows `q_stride` and `y_stride` numbers apart. `keys` is [key panel, depth in
/// whole lanes, COLUMNS], `values` [value panel, key panel, COLUMNS keys, COLUMNS], both with zeros beyond the last token
/// and channel. `scratch` holds (depth in whole lanes + depth in whole panels) for each query, in whole panels of ROWS.
void ck_attention(
    float *restrict y, ptrdiff_t y_stride, const float *restrict queries, ptrdiff_t q_stride,
    ptrdiff_t count, const float *restrict keys, const float *restrict values, ptrdiff_t tokens,
    ptrdiff_t depth, float scale, float *restrict scratch);

/// Packs a panel of keys, [count, depth] with rows `stride` numbers apart, as `ck_attention` takes them.
void ck_attention_keys(
    float *restrict panel, const float *restrict keys, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t depth);

/// Packs at most COLUMNS channels of a panel of values, [count, columns] with rows `stride` numbers apart.
void ck_attention_values(
    float *restrict panel, const float *restrict values, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t columns);

/// Winograd F(4×4, 3×3), the filters: u = G·g·Gᵀ for each pair of channels, of a panel of outputs.
///
/// `g` is [3, 3, inputs, COLUMNS] with rows of taps `row` and columns `column` numbers apart, `u` [36, depth, COLUMNS] with
/// the inputs rounded up to whole lanes, zeros where there is none, and planes depth · COLUMNS + CK_WINOGRAD_GAP numbers
/// apart. All four of these functions must be told alike whether every pixel has been `doubled`.
void ck_winograd_filters(
    float *restrict u, const float *restrict g, ptrdiff_t row, ptrdiff_t column, ptrdiff_t inputs,
    int doubled);

/// Depths are often powers of two: without a gap, all planes would share a few lines of the caches.
enum { CK_WINOGRAD_GAP = 80 };

/// The input: v = Bᵀ·d·B for each channel of 6 × 6 pixels, given by where their channels begin; negative numbers count
/// as 0 if `rectify`.
///
/// `v` is one row of a panel: [36, depth / LANES, ROWS, LANES] with planes `spread` numbers apart.
void ck_winograd_input(
    float *restrict v, ptrdiff_t spread, const float *const *pixels, ptrdiff_t channels, int doubled,
    int rectify);

/// The products m = v · u at each frequency, of so many panels of rows with one of columns, and what was in m if `adding`.
///
/// `v` is [36, panel, depth / LANES, ROWS, LANES] with planes `spread` and panels `panel` numbers apart, `u` as above, `m`
/// [36, panel, ROWS, COLUMNS]. Where every pixel has been `doubled`, the third row and column of frequencies are zero (that
/// row of Bᵀ takes the difference of equal pixels) and are not multiplied.
void ck_winograd_products(
    float *restrict m, const float *restrict v, ptrdiff_t spread, ptrdiff_t panel,
    const float *restrict u, ptrdiff_t panels, ptrdiff_t depth, int adding, int doubled);

/// The output: y = Aᵀ·m·A + bias + residual for each channel of 4 × 4 pixels, of which the first `rows` and `columns` are
/// wanted.
///
/// `m` is [36, channels] with planes `spread` numbers apart; `y` and `residual` (null for none) are [row, column, channel]
/// with rows `line` and columns `pixel` numbers apart; `bias` is null for none.
void ck_winograd_output(
    float *restrict y, ptrdiff_t line, ptrdiff_t pixel, int rows, int columns,
    const float *restrict m, ptrdiff_t spread, ptrdiff_t channels, const float *restrict bias,
    const float *restrict residual, int doubled, int rectify);
