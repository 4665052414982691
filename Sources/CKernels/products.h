#pragma once
#include <stddef.h>

// c [ROWS, COLUMNS] = a [depth / LANES, ROWS, LANES] · b [depth, COLUMNS].
typedef void Product(float *c, const float *a, const float *b, ptrdiff_t depth);

// The one for this CPU.
Product *ck_panel_product(void);
