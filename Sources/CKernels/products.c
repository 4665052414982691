// Products of small packed matrices that fit in the registers.
//
// OpenBLAS packs both operands in each call. The operands of Winograd's many small products are written once and
// read by one or all products, so they are written in packed form directly. Each level has its own function,
// because the shape that fits in the registers differs.
#include "CKernels.h"
#include "kernel.h"
#include "products.h"
#include <string.h>

enum { ROWS = CK_PANEL_ROWS, COLUMNS = CK_PANEL_COLUMNS, LANES = CK_PANEL_LANES };

#define ALL _Pragma("clang loop unroll(full)")

// Computes c [ROWS, COLUMNS] = a [depth / LANES, ROWS, LANES] · b [depth, COLUMNS] in parts of `rows` rows and
// `vectors` vectors of `bytes` bytes. Each element is a single chain of sums in the order of depth, for any parts;
// if `adding` is true, the chain starts from c.
#define PRODUCT(name, bytes, rows, vectors)                                                \
  typedef float name##_vector __attribute__((vector_size(bytes), aligned(4)));             \
  INLINE void name(float *c, const float *a, const float *b, ptrdiff_t depth, int adding) { \
    enum { WIDTH = (bytes) / 4 };                                                          \
    ALL for (int row = 0; row < ROWS; row += rows)                                         \
      for (int column = 0; column < COLUMNS; column += vectors * WIDTH) {                  \
        name##_vector sums[rows][vectors];                                                 \
        float *to = c + row * COLUMNS + column;                                            \
        if (adding) {                                                                      \
          ALL for (int r = 0; r < rows; r++)                                               \
            ALL for (int v = 0; v < vectors; v++)                                          \
              sums[r][v] = *(name##_vector *)(to + r * COLUMNS + v * WIDTH);               \
        } else {                                                                           \
          ALL for (int r = 0; r < rows; r++)                                               \
            ALL for (int v = 0; v < vectors; v++) sums[r][v] = (name##_vector){0};         \
        }                                                                                  \
        const float *x = a + row * LANES, *y = b + column;                                 \
        for (ptrdiff_t d = 0; d < depth; d += LANES, x += ROWS * LANES, y += LANES * COLUMNS) \
          _Pragma("clang loop unroll_count(4)") for (int l = 0; l < LANES; l++) {          \
            name##_vector taken[vectors];                                                  \
            ALL for (int v = 0; v < vectors; v++)                                          \
              taken[v] = *(const name##_vector *)(y + l * COLUMNS + v * WIDTH);            \
            ALL for (int r = 0; r < rows; r++)                                             \
              ALL for (int v = 0; v < vectors; v++) sums[r][v] += x[r * LANES + l] * taken[v]; \
          }                                                                                \
        ALL for (int r = 0; r < rows; r++)                                                 \
          ALL for (int v = 0; v < vectors; v++)                                            \
            *(name##_vector *)(to + r * COLUMNS + v * WIDTH) = sums[r][v];                 \
      }                                                                                    \
  }

PRODUCT(narrow, 16, 6, 2)
static void product_default(float *c, const float *a, const float *b, ptrdiff_t depth, int adding) {
  narrow(c, a, b, depth, adding);
}

#if LEVELED
PRODUCT(wide, 32, 6, 2)
__attribute__((target("arch=x86-64-v3"))) static void product_v3(
    float *c, const float *a, const float *b, ptrdiff_t depth, int adding) {
  wide(c, a, b, depth, adding);
}

PRODUCT(widest, 64, 12, 2)
// Without a minimum vector width, the compiler splits vectors in two, because full-width vectors slow down some
// CPUs of this level.
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void product_v4(
    float *c, const float *a, const float *b, ptrdiff_t depth, int adding) {
  widest(c, a, b, depth, adding);
}

Product *ck_panel_product(void) {
  switch (ck_chosen_level) {
    case LEVEL_V4: return product_v4;
    case LEVEL_V3: return product_v3;
    default: return product_default;
  }
}
#else
Product *ck_panel_product(void) { return product_default; }
#endif

void ck_panel_products(
    float *restrict c, const float *restrict a, ptrdiff_t spread, const float *restrict b,
    ptrdiff_t panels, ptrdiff_t depth, int adding) {
  Product *product = ck_panel_product();
  for (ptrdiff_t p = 0; p < panels; p++)
    product(c + p * ROWS * COLUMNS, a + p * spread, b, depth, adding);
}

void ck_pack_rows(
    float *restrict panel, const float *const *a, ptrdiff_t rows, ptrdiff_t count) {
  for (ptrdiff_t first = 0; first < count; first += LANES, panel += ROWS * LANES) {
    size_t taken = (size_t)(count - first < LANES ? count - first : LANES);
    if (rows < ROWS || taken < LANES) memset(panel, 0, ROWS * LANES * sizeof(float));
    for (ptrdiff_t r = 0; r < rows; r++)
      if (taken == LANES)  // a constant size compiles to a single move
        memcpy(panel + r * LANES, a[r] + first, LANES * sizeof(float));
      else
        memcpy(panel + r * LANES, a[r] + first, taken * sizeof(float));
  }
}

void ck_pack_columns(
    float *restrict panel, const float *restrict b, ptrdiff_t count, ptrdiff_t columns,
    ptrdiff_t first) {
  ptrdiff_t depth = (count + LANES - 1) / LANES * LANES;
  if (columns - first >= COLUMNS) {
    for (ptrdiff_t i = 0; i < count; i++)
      memcpy(panel + i * COLUMNS, b + i * columns + first, COLUMNS * sizeof(float));
    memset(panel + count * COLUMNS, 0, (size_t)((depth - count) * COLUMNS) * sizeof(float));
    return;
  }
  memset(panel, 0, (size_t)(depth * COLUMNS) * sizeof(float));
  for (ptrdiff_t i = 0; i < count; i++)
    memcpy(
        panel + i * COLUMNS, b + i * columns + first, (size_t)(columns - first) * sizeof(float));
}
