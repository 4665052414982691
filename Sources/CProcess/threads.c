#define _GNU_SOURCE
#include "exit.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

// Sanitizers provide their own wrapper of pthread_create.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

// Replaces the system's pthread_create in all libraries of the program. Without it, libdispatch, which runs Swift
// tasks, would retry a failed call every second forever (`_dispatch_root_queue_poke_slow`), and OpenBLAS, which
// creates its threads before `main`, would send itself SIGINT.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
  create *next = (create *)dlsym(RTLD_NEXT, "pthread_create");
  if (!next) return ENOSYS;
  // Other threads may end soon: retries with increasing pauses, 1.3 s in total.
  for (long pause = 10; pause <= 640; pause *= 2) {
    int code = next(thread, attributes, start, argument);
    if (code != EAGAIN && code != ENOMEM) return code;
    struct timespec time = {0, pause * 1000000};
    nanosleep(&time, NULL);
  }
  cp_exit(69, "missingResource",
          "the system cannot create a thread: raise the limit on processes (ulimit -u, pids.max of the control group) "
          "or on memory (ulimit -v), or use fewer threads (--threads 1); finished work is kept, and the same command "
          "resumes");
}
#endif
