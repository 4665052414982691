#pragma once

// The instruction sets that kernels are compiled for. One level elsewhere.
#if defined(__x86_64__)
#define LEVELED 1
#else
#define LEVELED 0
#endif

typedef enum { LEVEL_DEFAULT, LEVEL_V3, LEVEL_V4 } Level;

// What kernels run at in this process, from before `main` on.
extern Level ck_chosen_level;
