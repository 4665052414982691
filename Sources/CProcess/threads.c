#define _GNU_SOURCE
#include "exit.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

// A sanitizer wraps pthread_create itself.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

// All libraries of the program find this one before the system's. libdispatch, which runs Swift's tasks, would
// otherwise ask the system again each second, for ever (`_dispatch_root_queue_poke_slow`), and OpenBLAS, which makes its
// threads before `main`, would send itself SIGINT.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
  create *next = (create *)dlsym(RTLD_NEXT, "pthread_create");
  if (!next) return ENOSYS;
  // Other threads may end in a moment: for 1.3 s in all.
  for (long pause = 10; pause <= 640; pause *= 2) {
    int code = next(thread, attributes, start, argument);
    if (code != EAGAIN && code != ENOMEM) return code;
    struct timespec time = {0, pause * 1000000};
    nanosleep(&time, NULL);
  }
  cp_exit(69, "missingResource",
          "the system makes no thread: raise its limit on processes (ulimit -u, pids.max of the control group) "
          "or on memory (ulimit -v), or take fewer threads (--threads 1); what is finished is kept, the same command "
          "goes on");
}
#endif
