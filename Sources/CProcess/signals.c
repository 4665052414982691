#include "CProcess.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>

static sem_t caught;
static void (*previous_hangup_handler)(int) = SIG_DFL;  // SIG_IGN under nohup

// Unblocks both signals: a program started from a thread that blocks signals, as libdispatch's threads do, inherits the
// blocked mask.
__attribute__((constructor)) static void prepare(void) {
  sem_init(&caught, 0, 0);
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &both, NULL);
}

// Restores the default action: the next signal ends the process.
static void restore_default_actions(void) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

static void handle(int number) {
  (void)number;
  restore_default_actions();
  sem_post(&caught);
}

void cp_catch_signals(void) {
  // SA_RESTART resumes interrupted system calls: not all libraries retry them.
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  previous_hangup_handler = signal(SIGHUP, SIG_IGN);
}

void cp_release_signals(void) {
  restore_default_actions();
  signal(SIGHUP, previous_hangup_handler);
}

void cp_wait_for_signal(void) {
  while (sem_wait(&caught) != 0) continue;  // interrupted by another signal
}
