#include "CProcess.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>

static sem_t caught;
static void (*before)(int) = SIG_DFL;  // SIGHUP, which nohup ignores

// A program that is started from a thread that blocks signals, as libdispatch's do, would inherit that.
__attribute__((constructor)) static void prepare(void) {
  sem_init(&caught, 0, 0);
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &both, NULL);
}

static void end_by_default(void) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

static void handle(int number) {
  (void)number;
  end_by_default();
  sem_post(&caught);
}

void cp_catch_signals(void) {
  // Calls that a signal interrupts go on: not all libraries repeat them.
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  before = signal(SIGHUP, SIG_IGN);
}

void cp_release_signals(void) {
  end_by_default();
  signal(SIGHUP, before);
}

void cp_wait_for_signal(void) {
  while (sem_wait(&caught) != 0) continue;  // another signal
}
