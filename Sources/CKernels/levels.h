#pragma once

// The instruction set levels that kernels are compiled for; other architectures have only one level.
#if defined(__x86_64__)
#define LEVELED 1
#else
#define LEVELED 0
#endif

typedef enum { LEVEL_DEFAULT, LEVEL_V3, LEVEL_V4 } Level;

// The level that kernels use in this process; set before `main` runs.
extern Level ck_chosen_level;
