// Attention of some panels of queries to all keys, block by block, without ever holding all scores: each block's
// exponentials are taken from the greatest score so far, and what was summed before is brought to it. After M. Milakov
// and N. Gimelshein, arXiv:1805.02867, and T. Dao et al., arXiv:2205.14135.
#include "CKernels.h"
#include "clones.h"
#include "products.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
  ROWS = CK_PANEL_ROWS,
  COLUMNS = CK_PANEL_COLUMNS,
  LANES = CK_PANEL_LANES,
  BLOCK = 8,  // panels of keys at once, so that scores and weights stay in the first cache
};

// 2^x for x ≤ 0, relative error below 2e-7: a polynomial of the fifth degree that is nearly the best on −½…½, and the
// whole part added to the exponent.
INLINE float exp2_inline(float x) {
  x = x < -126.0f ? -126.0f : x;
  float shifted = x + 12582912.0f;  // 1.5 · 2^23: the nearest integer is left in the low bits
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

// Turns a block of scores [panel, ROWS, COLUMNS] to weights [panel · 2, ROWS, LANES], and brings the sums and the
// weighted values [panel, ROWS, COLUMNS] of the blocks before to the greatest score so far.
KERNEL void ck_attention_weights(
    float *restrict weights, const float *restrict scores, ptrdiff_t panels, float *restrict peaks,
    float *restrict sums, float *restrict sofar, ptrdiff_t value_panels) {
  for (int r = 0; r < ROWS; r++) {
    float greatest[LANES];
    for (int l = 0; l < LANES; l++) greatest[l] = peaks[r];
    for (ptrdiff_t p = 0; p < panels; p++)
      for (int half = 0; half < COLUMNS; half += LANES) {
        const float *s = scores + (p * ROWS + r) * COLUMNS + half;
        for (int l = 0; l < LANES; l++) greatest[l] = s[l] > greatest[l] ? s[l] : greatest[l];
      }
    float peak = greatest[0];
    for (int l = 1; l < LANES; l++) peak = greatest[l] > peak ? greatest[l] : peak;

    float factor = exp2_inline(peaks[r] - peak), total[LANES] = {0};
    peaks[r] = peak;
    for (ptrdiff_t p = 0; p < panels; p++)
      for (int half = 0; half < COLUMNS; half += LANES) {
        const float *s = scores + (p * ROWS + r) * COLUMNS + half;
        float *w = weights + ((p * 2 + half / LANES) * ROWS + r) * LANES;
        for (int l = 0; l < LANES; l++) {
          w[l] = exp2_inline(s[l] - peak);
          total[l] += w[l];
        }
      }
    float sum = 0;
    for (int l = 0; l < LANES; l++) sum += total[l];
    sums[r] = sums[r] * factor + sum;
    if (factor == 1.0f) continue;
    for (ptrdiff_t p = 0; p < value_panels; p++)
      for (int c = 0; c < COLUMNS; c++) sofar[(p * ROWS + r) * COLUMNS + c] *= factor;
  }
}

KERNEL void ck_attention_add(float *restrict x, const float *restrict y) {
  for (int i = 0; i < ROWS * COLUMNS; i++) x[i] += y[i];
}

// What a panel of queries has found so far.
typedef struct {
  float peaks[ROWS], sums[ROWS];
  float *queries;  // [depth / LANES, ROWS, LANES]
  float *values;   // [panel, ROWS, COLUMNS]
} Found;

void ck_attention(
    float *restrict y, ptrdiff_t y_stride, const float *restrict queries, ptrdiff_t q_stride,
    ptrdiff_t count, const float *restrict keys, const float *restrict values, ptrdiff_t tokens,
    ptrdiff_t depth, float scale, float *restrict scratch) {
  Product *product = ck_panel_product();
  ptrdiff_t whole = (depth + LANES - 1) / LANES * LANES;
  ptrdiff_t key_panels = (tokens + COLUMNS - 1) / COLUMNS;
  ptrdiff_t value_panels = (depth + COLUMNS - 1) / COLUMNS;
  ptrdiff_t query_panels = (count + ROWS - 1) / ROWS;
  Found found[CK_ATTENTION_QUERIES / ROWS];
  float scores[BLOCK * ROWS * COLUMNS], weights[BLOCK * ROWS * COLUMNS], taken[ROWS * COLUMNS];

  memset(
      scratch, 0, (size_t)(query_panels * ROWS * (whole + value_panels * COLUMNS)) * sizeof(float));
  for (ptrdiff_t p = 0; p < query_panels; p++) {
    found[p].queries = scratch + p * ROWS * (whole + value_panels * COLUMNS);
    found[p].values = found[p].queries + ROWS * whole;
    for (int r = 0; r < ROWS; r++) found[p].peaks[r] = -INFINITY, found[p].sums[r] = 0;
  }
  float factor = scale * 1.44269504088896341f;  // powers of 2 are cheaper than those of e
  for (ptrdiff_t r = 0; r < count; r++)
    for (ptrdiff_t i = 0; i < depth; i++)
      found[r / ROWS].queries[(i / LANES * ROWS + r % ROWS) * LANES + i % LANES] =
          queries[r * q_stride + i] * factor;

  for (ptrdiff_t first = 0; first < key_panels; first += BLOCK) {
    ptrdiff_t panels = key_panels - first < BLOCK ? key_panels - first : BLOCK;
    ptrdiff_t last = tokens - first * COLUMNS;  // what lies beyond the last key counts nothing
    for (Found *f = found; f < found + query_panels; f++) {
      for (ptrdiff_t p = 0; p < panels; p++)
        product(
            scores + p * ROWS * COLUMNS, f->queries, keys + (first + p) * whole * COLUMNS, whole);
      for (ptrdiff_t k = last; k < panels * COLUMNS; k++)
        for (int r = 0; r < ROWS; r++)
          scores[(k / COLUMNS * ROWS + r) * COLUMNS + k % COLUMNS] = -INFINITY;
      ck_attention_weights(
          weights, scores, panels, f->peaks, f->sums, f->values, value_panels);
      for (ptrdiff_t v = 0; v < value_panels; v++) {
        product(
            taken, weights, values + (v * key_panels + first) * COLUMNS * COLUMNS,
            panels * COLUMNS);
        ck_attention_add(f->values + v * ROWS * COLUMNS, taken);
      }
    }
  }
  for (ptrdiff_t r = 0; r < count; r++) {
    const Found *f = found + r / ROWS;
    for (ptrdiff_t c = 0; c < depth; c++)
      y[r * y_stride + c] =
          f->values[(c / COLUMNS * ROWS + r % ROWS) * COLUMNS + c % COLUMNS] / f->sums[r % ROWS];
  }
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
