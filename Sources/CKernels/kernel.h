#pragma once
#include "levels.h"
#include <stddef.h>

#define INLINE static inline __attribute__((always_inline))

// KERNEL(name, (parameters), (arguments)) { … } defines a function without a result once for each level of x86-64,
// and a function `name` that calls the one for `ck_chosen_level`. `target_clones` would do this with a single
// attribute, but it selects the function at load time, so a processor could not run the code of an older level.
#if LEVELED
#define KERNEL(name, parameters, arguments)                                              \
  INLINE void name##_body parameters;                                                    \
  static void name##_default parameters { name##_body arguments; }                       \
  __attribute__((target("arch=x86-64-v3"))) static void name##_v3 parameters {           \
    name##_body arguments;                                                               \
  }                                                                                      \
  __attribute__((target("arch=x86-64-v4"))) static void name##_v4 parameters {           \
    name##_body arguments;                                                               \
  }                                                                                      \
  void name parameters {                                                                 \
    switch (ck_chosen_level) {                                                           \
      case LEVEL_V4: name##_v4 arguments; break;                                         \
      case LEVEL_V3: name##_v3 arguments; break;                                         \
      default: name##_default arguments;                                                 \
    }                                                                                    \
  }                                                                                      \
  INLINE void name##_body parameters
#else
#define KERNEL(name, parameters, arguments) void name parameters
#endif

#pragma clang fp contract(fast)
