#include "CKernels.h"
#include <malloc.h>
#include <sys/resource.h>

void ck_retain_freed_memory(void) {
#ifdef M_MMAP_MAX
  mallopt(M_MMAP_MAX, 0);         // allocate no block outside the heap
  mallopt(M_TRIM_THRESHOLD, -1);  // never return heap memory to the system
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // per-thread heaps could not hold a large map
#endif
}

long ck_page_faults(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_minflt : 0;
}
