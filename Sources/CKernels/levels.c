#include "levels.h"
#include "CKernels.h"
#include <stdlib.h>
#include <string.h>

Level ck_chosen_level = LEVEL_DEFAULT;

static const char *const names[] = {"default", "x86-64-v3", "x86-64-v4"};
static const char *unsupported;

// Selects the highest level that this processor supports, or the lower one that the environment variable requests.
__attribute__((constructor)) static void choose(void) {
  Level highest = LEVEL_DEFAULT;
#if LEVELED
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v3")) highest = LEVEL_V3;
  if (__builtin_cpu_supports("x86-64-v4")) highest = LEVEL_V4;
#endif
  ck_chosen_level = highest;
  const char *requested = getenv("RELIEF_CPU_LEVEL");
  if (!requested || !*requested) return;
  for (int level = LEVEL_DEFAULT; level <= (int)highest; level++)
    if (strcmp(requested, names[level]) == 0) {
      ck_chosen_level = (Level)level;
      return;
    }
  unsupported = requested;
}

const char *ck_level(void) { return names[ck_chosen_level]; }

const char *ck_unsupported_level(void) { return unsupported; }
