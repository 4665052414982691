#pragma once
#include <stddef.h>

// One clone of a function for each level of x86-64; which one runs is decided when the program starts.
// ThreadSanitizer is not up yet when the loader runs the resolvers (llvm/llvm-project#163369).
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define CLONED 1
#define KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONED 0
#define KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))

#pragma clang fp contract(fast)
