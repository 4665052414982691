// Attention of a few panels of queries to all keys, processed in blocks so that the complete scores are never
// stored. The exponentials of each block are relative to the maximum score so far, and earlier sums are rescaled to
// it. After M. Milakov and N. Gimelshein, arXiv:1805.02867, and T. Dao et al., arXiv:2205.14135.
#include "CKernels.h"
#include "kernel.h"
#include "products.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
  ROWS = CK_PANEL_ROWS,
  COLUMNS = CK_PANEL_COLUMNS,
  LANES = CK_PANEL_LANES,
  BLOCK = 8,  // panels of keys per block, so that scores and weights stay in the first-level cache
};

// Returns 2^x for x ≤ 0 with a relative error below 2e-7: a nearly minimax polynomial of degree 5 on −½…½, with the
// integer part added to the exponent.
INLINE float exp2_inline(float x) {
  x = x < -126.0f ? -126.0f : x;
  float shifted = x + 12582912.0f;  // 1.5 · 2^23: stores the nearest integer in the low bits
  float f = x - (shifted - 12582912.0f);
  float p = 1.3276472e-3f;
  p = p * f + 9.6755413e-3f;
  p = p * f + 5.5507133e-2f;
  p = p * f + 2.4022120e-1f;
  p = p * f + 6.9314697e-1f;
  p = p * f + 1.0000001f;
  uint32_t bits, exponent;
  memcpy(&exponent, &shifted, 4);
  memcpy(&bits, &p, 4);
  bits += exponent << 23;
  memcpy(&p, &bits, 4);
  return p;
}

// Returns the maximum of a vector, by pairwise reduction.
INLINE float greatest_of(float *x) {
  for (int half = LANES / 2; half; half /= 2)
    for (int l = 0; l < half; l++) x[l] = x[l] > x[l + half] ? x[l] : x[l + half];
  return x[0];
}

// Converts a block of scores [panel, ROWS, COLUMNS] to weights [panel · 2, ROWS, LANES], and rescales the sums and
// the weighted values [panel, ROWS, COLUMNS] of earlier blocks to the maximum score so far.
KERNEL(
    ck_attention_weights,
    (float *restrict weights, const float *restrict scores, ptrdiff_t panels,
     float *restrict peaks, float (*restrict sums)[LANES], float *restrict accumulated,
     ptrdiff_t value_panels),
    (weights, scores, panels, peaks, sums, accumulated, value_panels)) {
  float before[LANES], factors[LANES];  // LANES elements, so that one vector operation computes all
  memcpy(before, peaks, sizeof before);
  for (int r = 0; r < ROWS; r++) {
    float greatest[LANES];
    for (int l = 0; l < LANES; l++) greatest[l] = peaks[r];
    for (ptrdiff_t p = 0; p < panels; p++)
      for (int half = 0; half < COLUMNS; half += LANES) {
        const float *s = scores + (p * ROWS + r) * COLUMNS + half;
        for (int l = 0; l < LANES; l++) greatest[l] = s[l] > greatest[l] ? s[l] : greatest[l];
      }
    peaks[r] = greatest_of(greatest);
  }
  for (int r = 0; r < LANES; r++) factors[r] = exp2_inline(before[r] - peaks[r]);

  for (int r = 0; r < ROWS; r++) {
    float total[LANES];
    for (int l = 0; l < LANES; l++) total[l] = sums[r][l] * factors[r];
    for (ptrdiff_t p = 0; p < panels; p++)
      for (int half = 0; half < COLUMNS; half += LANES) {
        const float *s = scores + (p * ROWS + r) * COLUMNS + half;
        float *w = weights + ((p * 2 + half / LANES) * ROWS + r) * LANES;
        for (int l = 0; l < LANES; l++) {
          w[l] = exp2_inline(s[l] - peaks[r]);
          total[l] += w[l];
        }
      }
    memcpy(sums[r], total, sizeof total);
    if (factors[r] == 1.0f) continue;
    for (ptrdiff_t p = 0; p < value_panels; p++)
      for (int c = 0; c < COLUMNS; c++) accumulated[(p * ROWS + r) * COLUMNS + c] *= factors[r];
  }
}

// Adds a block's result. Blocks are summed separately, which has a smaller rounding error than one chain over all
// keys.
KERNEL(
    ck_attention_add,
    (float *restrict x, const float *restrict y),
    (x, y)) {
  for (int i = 0; i < ROWS * COLUMNS; i++) x[i] += y[i];
}

KERNEL(
    ck_attention_scale,
    (float *restrict x, ptrdiff_t count, float factor),
    (x, count, factor)) {
  for (ptrdiff_t i = 0; i < count; i++) x[i] *= factor;
}

// Writes one row of weighted values [panel, ROWS, COLUMNS], divided by the sum of weights.
KERNEL(
    ck_attention_result,
    (float *restrict y, const float *restrict values, ptrdiff_t depth, const float *restrict sums),
    (y, values, depth, sums)) {
  float sum = 0;
  for (int l = 0; l < LANES; l++) sum += sums[l];
  for (ptrdiff_t c = 0; c < depth; c += COLUMNS, values += ROWS * COLUMNS) {
    ptrdiff_t columns = depth - c < COLUMNS ? depth - c : COLUMNS;
    for (ptrdiff_t i = 0; i < columns; i++) y[c + i] = values[i] / sum;
  }
}

// The running state of a panel of queries.
typedef struct {
  float peaks[LANES];       // one per row, padded to LANES
  float sums[ROWS][LANES];  // each lane sums its own keys
  float *queries;           // [depth / LANES, ROWS, LANES]
  float *values;            // [panel, ROWS, COLUMNS]
} State;

void ck_attention(
    float *restrict y, ptrdiff_t y_stride, const float *restrict queries, ptrdiff_t q_stride,
    ptrdiff_t count, const float *restrict keys, const float *restrict values, ptrdiff_t tokens,
    ptrdiff_t depth, float scale, float *restrict scratch) {
  Product *product = ck_panel_product();
  ptrdiff_t whole = (depth + LANES - 1) / LANES * LANES;
  ptrdiff_t key_panels = (tokens + COLUMNS - 1) / COLUMNS;
  ptrdiff_t value_panels = (depth + COLUMNS - 1) / COLUMNS;
  ptrdiff_t query_panels = (count + ROWS - 1) / ROWS;
  State states[CK_ATTENTION_QUERIES / ROWS];
  float scores[BLOCK * ROWS * COLUMNS], weights[BLOCK * ROWS * COLUMNS], added[ROWS * COLUMNS];
  const float *starts[ROWS];

  float factor = scale * 1.44269504088896341f;  // powers of 2 are cheaper than powers of e
  for (ptrdiff_t p = 0; p < query_panels; p++) {
    states[p].queries = scratch + p * ROWS * (whole + value_panels * COLUMNS);
    states[p].values = states[p].queries + ROWS * whole;
    ptrdiff_t rows = count - p * ROWS < ROWS ? count - p * ROWS : ROWS;
    for (ptrdiff_t r = 0; r < rows; r++) starts[r] = queries + (p * ROWS + r) * q_stride;
    ck_pack_rows(states[p].queries, starts, rows, depth);
    ck_attention_scale(states[p].queries, whole * ROWS, factor);
    memset(states[p].values, 0, (size_t)(ROWS * value_panels * COLUMNS) * sizeof(float));
    for (int r = 0; r < LANES; r++) states[p].peaks[r] = r < ROWS ? -INFINITY : 0;
    memset(states[p].sums, 0, sizeof states[p].sums);
  }

  for (ptrdiff_t first = 0; first < key_panels; first += BLOCK) {
    ptrdiff_t panels = key_panels - first < BLOCK ? key_panels - first : BLOCK;
    ptrdiff_t last = tokens - first * COLUMNS;  // columns after the last key get a weight of zero
    for (State *f = states; f < states + query_panels; f++) {
      for (ptrdiff_t p = 0; p < panels; p++)
        product(
            scores + p * ROWS * COLUMNS, f->queries, keys + (first + p) * whole * COLUMNS, whole,
            0);
      for (ptrdiff_t k = last; k < panels * COLUMNS; k++)
        for (int r = 0; r < ROWS; r++)
          scores[(k / COLUMNS * ROWS + r) * COLUMNS + k % COLUMNS] = -INFINITY;
      ck_attention_weights(
          weights, scores, panels, f->peaks, f->sums, f->values, value_panels);
      for (ptrdiff_t v = 0; v < value_panels; v++) {
        product(
            added, weights, values + (v * key_panels + first) * COLUMNS * COLUMNS,
            panels * COLUMNS, 0);
        ck_attention_add(f->values + v * ROWS * COLUMNS, added);
      }
    }
  }
  for (ptrdiff_t r = 0; r < count; r++)
    ck_attention_result(
        y + r * y_stride, states[r / ROWS].values + r % ROWS * COLUMNS, depth,
        states[r / ROWS].sums[r % ROWS]);
}

void ck_attention_keys(
    float *restrict panel, const float *restrict keys, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t depth) {
  ptrdiff_t whole = (depth + LANES - 1) / LANES * LANES;
  if (count < COLUMNS || whole > depth)
    memset(panel, 0, (size_t)(whole * COLUMNS) * sizeof(float));
  for (ptrdiff_t i = 0; i < depth; i++)
    for (ptrdiff_t k = 0; k < count; k++) panel[i * COLUMNS + k] = keys[k * stride + i];
}

void ck_attention_values(
    float *restrict panel, const float *restrict values, ptrdiff_t stride, ptrdiff_t count,
    ptrdiff_t columns) {
  if (count < COLUMNS || columns < COLUMNS)
    memset(panel, 0, COLUMNS * COLUMNS * sizeof(float));
  for (ptrdiff_t k = 0; k < count; k++)
    memcpy(panel + k * COLUMNS, values + k * stride, (size_t)columns * sizeof(float));
}
