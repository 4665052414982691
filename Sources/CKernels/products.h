#pragma once
#include <stddef.h>

// c [ROWS, COLUMNS] = a [depth / LANES, ROWS, LANES] · b [depth, COLUMNS], and what was in c if `adding`.
typedef void Product(float *c, const float *a, const float *b, ptrdiff_t depth, int adding);

// The one for this CPU.
Product *ck_panel_product(void);
