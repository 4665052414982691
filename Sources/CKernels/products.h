#pragma once
#include <stddef.h>

// Computes c [ROWS, COLUMNS] = a [depth / LANES, ROWS, LANES] · b [depth, COLUMNS]; adds to c if `adding` is true.
typedef void Product(float *c, const float *a, const float *b, ptrdiff_t depth, int adding);

// Returns the product function for this CPU.
Product *ck_panel_product(void);
