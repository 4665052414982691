#include "exit.h"
#include "CProcess.h"
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

// Whether errors are also printed as JSON events, and whether standard error is in the middle of a line.
static atomic_bool prints_events, line_is_open;

void cp_print_errors_as_events(void) { prints_events = true; }
void cp_set_line_open(bool is_open) { line_is_open = is_open; }
bool cp_line_is_open(void) { return line_is_open; }

// Writes all of the text, or stops at the first error.
static void print(int file, const char *text) {
  size_t length = strlen(text);
  while (length > 0) {
    ssize_t count = write(file, text, length);
    if (count <= 0) return;
    text += count;
    length -= (size_t)count;
  }
}

_Noreturn void cp_exit(int code, const char *kind, const char *message) {
  if (prints_events) {
    const char digits[] = {(char)('0' + code / 10), (char)('0' + code % 10), 0};
    const char *parts[] = {"{\"code\":", digits, ",\"event\":\"error\",\"kind\":\"", kind,
                           "\",\"message\":\"", message, "\"}\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) print(STDOUT_FILENO, parts[i]);
  }
  print(STDERR_FILENO, line_is_open ? "\nrelief: " : "relief: ");
  print(STDERR_FILENO, message);
  print(STDERR_FILENO, "\n");
  _exit(code);
}

static void exit_on_truncation(int number) {
  (void)number;
  cp_exit(74, "io",
          "a file was truncated while it was being read: restore the complete file and run the same command again");
}

void cp_exit_on_truncated_file(void) {
  struct sigaction action = {.sa_handler = exit_on_truncation};
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}
