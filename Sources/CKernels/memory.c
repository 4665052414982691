#include "CKernels.h"
#include <malloc.h>
#include <sys/resource.h>

void ck_keep_freed(void) {
#ifdef M_MMAP_MAX
  mallopt(M_MMAP_MAX, 0);         // no block apart from the heap
  mallopt(M_TRIM_THRESHOLD, -1);  // of which nothing is given back
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // heaps of threads' own could not hold a large map
#endif
}

long ck_page_faults(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_minflt : 0;
}
