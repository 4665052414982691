#include "levels.h"
#include "CKernels.h"
#include <stdlib.h>
#include <string.h>

Level ck_chosen_level = LEVEL_DEFAULT;

static const char *const names[] = {"default", "x86-64-v3", "x86-64-v4"};
static const char *refused;

// The highest level of this processor, or the lower one that the environment asks for.
__attribute__((constructor)) static void choose(void) {
  Level highest = LEVEL_DEFAULT;
#if LEVELED
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v3")) highest = LEVEL_V3;
  if (__builtin_cpu_supports("x86-64-v4")) highest = LEVEL_V4;
#endif
  ck_chosen_level = highest;
  const char *asked = getenv("RELIEF_CPU_LEVEL");
  if (!asked || !*asked) return;
  for (int level = LEVEL_DEFAULT; level <= (int)highest; level++)
    if (strcmp(asked, names[level]) == 0) {
      ck_chosen_level = (Level)level;
      return;
    }
  refused = asked;
}

const char *ck_level(void) { return names[ck_chosen_level]; }

const char *ck_refused_level(void) { return refused; }
