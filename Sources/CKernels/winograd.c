// Winograd's minimal filtering F(4×4, 3×3): correlates 6 × 6 pixels with 3 × 3 taps using 36 multiplications
// instead of 144 (A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016,
// arXiv:1509.09308). All loops run over channels, the innermost axis.
//
// The matrices interpolate at the points 0, ±a, ±b, ∞. Among all pairs (a, b), those near (⅝, 1½) have the smallest
// error, on average 2.4 times smaller than that of the usual (1, 2). If each pixel is doubled (upsampled to 2 × 2),
// a = 1 makes a row of Bᵀ the difference of equal pixels, whose products can be omitted; ⅝ is then the best b.
#include "CKernels.h"
#include "kernel.h"
#include <string.h>

// Channels processed at a time: one vector of the widest level, so that 36 vectors stay in the first-level cache.
enum { WIDTH = CK_PANEL_LANES, FREQUENCIES = 36 };

// a, b, their squares, and derived values; these are compile-time constants if `doubled` is one.
#define POINTS(doubled)                                                                \
  const float a = (doubled) ? 1.0f : 0.625f, b = (doubled) ? 0.625f : 1.5f;            \
  const float a2 = a * a, b2 = b * b, sum2 = a2 + b2, product2 = a2 * b2

// Computes one column of Bᵀ·d.
#define INPUT(out, step, d0, d1, d2, d3, d4, d5)                                       \
  do {                                                                                 \
    float near = d4 - b2 * d2, near_odd = a * (d3 - b2 * d1);                          \
    float far = d4 - a2 * d2, far_odd = b * (d3 - a2 * d1);                            \
    (out)[0 * (step)] = product2 * d0 - sum2 * d2 + d4;                                \
    (out)[1 * (step)] = near + near_odd;                                               \
    (out)[2 * (step)] = near - near_odd;                                               \
    (out)[3 * (step)] = far + far_odd;                                                 \
    (out)[4 * (step)] = far - far_odd;                                                 \
    (out)[5 * (step)] = product2 * d1 - sum2 * d3 + d5;                                \
  } while (0)

INLINE void input(
    float *restrict v, ptrdiff_t spread, const float *const *pixels, ptrdiff_t first, int width,
    int doubled, int rectify) {
  POINTS(doubled);
  float columns[6][6][WIDTH];  // [column of d, row of Bᵀd, channel]
  for (int j = 0; j < 6; j++) {
    const float *p0 = pixels[j] + first, *p1 = pixels[6 + j] + first;
    const float *p2 = pixels[12 + j] + first, *p3 = pixels[18 + j] + first;
    const float *p4 = pixels[24 + j] + first, *p5 = pixels[30 + j] + first;
    for (int l = 0; l < width; l++) {
      float d0 = p0[l], d1 = p1[l], d2 = p2[l], d3 = p3[l], d4 = p4[l], d5 = p5[l];
      if (rectify) {
        d0 = d0 < 0 ? 0 : d0, d1 = d1 < 0 ? 0 : d1, d2 = d2 < 0 ? 0 : d2;
        d3 = d3 < 0 ? 0 : d3, d4 = d4 < 0 ? 0 : d4, d5 = d5 < 0 ? 0 : d5;
      }
      INPUT(&columns[j][0][l], WIDTH, d0, d1, d2, d3, d4, d5);
    }
  }
  for (int i = 0; i < 6; i++) {
    float *out = v + 6 * i * spread;
    for (int l = 0; l < width; l++) {
      float d0 = columns[0][i][l], d1 = columns[1][i][l], d2 = columns[2][i][l];
      float d3 = columns[3][i][l], d4 = columns[4][i][l], d5 = columns[5][i][l];
      INPUT(out + l, spread, d0, d1, d2, d3, d4, d5);
    }
    for (int j = 0; j < 6; j++)
      for (int l = width; l < WIDTH; l++) out[j * spread + l] = 0;
  }
}

KERNEL(
    ck_winograd_input,
    (float *restrict v, ptrdiff_t spread, const float *const *pixels, ptrdiff_t channels,
     int doubled, int rectify),
    (v, spread, pixels, channels, doubled, rectify)) {
  ptrdiff_t c = 0, whole = channels - channels % WIDTH, step = CK_PANEL_ROWS * WIDTH;
  if (doubled) {
    for (; c < whole; c += WIDTH, v += step) input(v, spread, pixels, c, WIDTH, 1, 0);
  } else if (rectify) {
    for (; c < whole; c += WIDTH, v += step) input(v, spread, pixels, c, WIDTH, 0, 1);
  } else {
    for (; c < whole; c += WIDTH, v += step) input(v, spread, pixels, c, WIDTH, 0, 0);
  }
  if (c < channels) input(v, spread, pixels, c, (int)(channels - c), doubled, rectify);
}

void ck_winograd_products(
    float *restrict m, const float *restrict v, ptrdiff_t spread, ptrdiff_t panel,
    const float *restrict u, ptrdiff_t panels, ptrdiff_t depth, int adding, int doubled) {
  ptrdiff_t size = panels * CK_PANEL_ROWS * CK_PANEL_COLUMNS;
  ptrdiff_t plane = depth * CK_PANEL_COLUMNS + CK_WINOGRAD_GAP;
  for (int f = 0; f < FREQUENCIES; f++, m += size, v += spread, u += plane) {
    if (doubled && (f / 6 == 2 || f % 6 == 2)) {
      memset(m, 0, (size_t)size * sizeof(float));
    } else {
      ck_panel_products(m, v, panel, u, panels, depth, adding);
    }
  }
}

// Computes one column of Aᵀ·m.
#define OUTPUT(y0, y1, y2, y3, m0, m1, m2, m3, m4, m5)                                 \
  float near = m1 + m2, near_odd = a * (m1 - m2), far = m3 + m4, far_odd = b * (m3 - m4); \
  float y0 = m0 + near + far, y1 = near_odd + far_odd;                                 \
  float y2 = a2 * near + b2 * far, y3 = a2 * near_odd + b2 * far_odd + m5

INLINE void output(
    float *restrict y, ptrdiff_t line, ptrdiff_t pixel, int rows, int columns,
    const float *restrict m, ptrdiff_t spread, int width, const float *restrict bias,
    const float *restrict residual, int doubled, int rectify) {
  POINTS(doubled);
  float half[6][4][WIDTH];  // [column of m, row of Aᵀm, channel]
  for (int j = 0; j < 6; j++) {
    const float *in = m + j * spread;
    for (int l = 0; l < WIDTH; l++) {
      OUTPUT(
          y0, y1, y2, y3, in[l], in[6 * spread + l], in[12 * spread + l], in[18 * spread + l],
          in[24 * spread + l], in[30 * spread + l]);
      half[j][0][l] = y0, half[j][1][l] = y1, half[j][2][l] = y2, half[j][3][l] = y3;
    }
  }
  for (int i = 0; i < rows; i++) {
    float result[4][WIDTH];
    for (int l = 0; l < WIDTH; l++) {
      OUTPUT(
          y0, y1, y2, y3, half[0][i][l], half[1][i][l], half[2][i][l], half[3][i][l],
          half[4][i][l], half[5][i][l]);
      result[0][l] = y0, result[1][l] = y1, result[2][l] = y2, result[3][l] = y3;
    }
    for (int j = 0; j < columns; j++) {
      float *out = y + i * line + j * pixel;
      const float *added = residual ? residual + i * line + j * pixel : 0;
      for (int l = 0; l < width; l++) {
        float value = result[j][l] + bias[l];
        if (added) value += added[l];
        if (rectify) value = value < 0 ? 0 : value;
        out[l] = value;
      }
    }
  }
}

// Everything that a loop would test for each element is a constant here. Otherwise, the compiler generates masked
// loads from null, which take hundreds of cycles.
#define OUTPUT_GIVEN(width, residual, doubled)                                             \
  (rectify ? output(y, line, pixel, rows, columns, m, spread, width, bias, residual, doubled, 1) \
           : output(y, line, pixel, rows, columns, m, spread, width, bias, residual, doubled, 0))

KERNEL(
    ck_winograd_output,
    (float *restrict y, ptrdiff_t line, ptrdiff_t pixel, int rows, int columns,
     const float *restrict m, ptrdiff_t spread, ptrdiff_t channels, const float *restrict biases,
     const float *restrict residual, int doubled, int rectify),
    (y, line, pixel, rows, columns, m, spread, channels, biases, residual, doubled, rectify)) {
  static const float zeros[WIDTH];
  for (ptrdiff_t c = 0; c < channels; c += WIDTH, y += WIDTH, m += WIDTH) {
    int width = channels - c < WIDTH ? (int)(channels - c) : WIDTH;
    const float *bias = biases ? biases + c : zeros, *added = residual ? residual + c : 0;
    if (width < WIDTH) {
      added ? OUTPUT_GIVEN(width, added, doubled) : OUTPUT_GIVEN(width, 0, doubled);
    } else if (doubled) {
      added ? OUTPUT_GIVEN(WIDTH, added, 1) : OUTPUT_GIVEN(WIDTH, 0, 1);
    } else {
      added ? OUTPUT_GIVEN(WIDTH, added, 0) : OUTPUT_GIVEN(WIDTH, 0, 0);
    }
  }
}

// Computes one column of G·g.
#define FILTER(out, step, g0, g1, g2)                                                  \
  do {                                                                                 \
    float near = of_a * (g0 + a2 * g2), near_odd = of_a * a * g1;                      \
    float far = of_b * (g0 + b2 * g2), far_odd = of_b * b * g1;                        \
    (out)[0 * (step)] = of_0 * g0;                                                     \
    (out)[1 * (step)] = near + near_odd;                                               \
    (out)[2 * (step)] = near - near_odd;                                               \
    (out)[3 * (step)] = far + far_odd;                                                 \
    (out)[4 * (step)] = far - far_odd;                                                 \
    (out)[5 * (step)] = g2;                                                            \
  } while (0)

INLINE void filters(
    float *restrict u, ptrdiff_t spread, const float *restrict g, ptrdiff_t row, ptrdiff_t column,
    int doubled) {
  POINTS(doubled);
  const float of_0 = 1 / product2, of_a = 1 / (2 * a2 * (a2 - b2)), of_b = 1 / (2 * b2 * (b2 - a2));
  float columns[3][6][WIDTH];
  for (int j = 0; j < 3; j++) {
    const float *in = g + j * column;
    for (int l = 0; l < WIDTH; l++) {
      float g0 = in[l], g1 = in[row + l], g2 = in[2 * row + l];
      FILTER(&columns[j][0][l], WIDTH, g0, g1, g2);
    }
  }
  for (int i = 0; i < 6; i++) {
    float *out = u + 6 * i * spread;
    for (int l = 0; l < WIDTH; l++) {
      float g0 = columns[0][i][l], g1 = columns[1][i][l], g2 = columns[2][i][l];
      FILTER(out + l, spread, g0, g1, g2);
    }
  }
}

KERNEL(
    ck_winograd_filters,
    (float *restrict u, const float *restrict g, ptrdiff_t row, ptrdiff_t column, ptrdiff_t inputs,
     int doubled),
    (u, g, row, column, inputs, doubled)) {
  ptrdiff_t depth = (inputs + CK_PANEL_LANES - 1) / CK_PANEL_LANES * CK_PANEL_LANES;
  ptrdiff_t spread = depth * CK_PANEL_COLUMNS + CK_WINOGRAD_GAP, count = inputs * CK_PANEL_COLUMNS;
  if (doubled) {
    for (ptrdiff_t i = 0; i < count; i += WIDTH) filters(u + i, spread, g + i, row, column, 1);
  } else {
    for (ptrdiff_t i = 0; i < count; i += WIDTH) filters(u + i, spread, g + i, row, column, 0);
  }
  for (int f = 0; f < FREQUENCIES && inputs < depth; f++)
    memset(u + f * spread + count, 0, (size_t)(depth * CK_PANEL_COLUMNS - count) * sizeof(float));
}
