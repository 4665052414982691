#pragma once
#include <stdbool.h>

// Process-wide setup that must be written in C: signal handlers, constructors that run before `main`, and libc
// functions that are not visible from Swift. Only the executable links this module, because a library must not decide
// how its host process ends. The module also replaces `pthread_create`: if no thread can be created, the process
// exits with 69.

/// Returns the abbreviated commit that the package was built from, or an empty string.
const char *cp_commit(void);

/// Also prints errors that end the process immediately as JSON events on standard output.
void cp_print_errors_as_events(void);

/// Records whether standard error is in the middle of a line, so that the next message must start a new one.
void cp_set_line_open(bool is_open);

/// Returns whether standard error is in the middle of a line.
bool cp_line_is_open(void);

/// Makes the process exit with 74 if a memory-mapped file is truncated (SIGBUS).
void cp_exit_on_truncated_file(void);

/// Makes the first SIGINT or SIGTERM wake `cp_wait_for_signal`; the next one ends the process, as by default.
/// Until `cp_release_signals`, SIGHUP is ignored, so that a run outlives its terminal.
void cp_catch_signals(void);

/// Restores the default actions of SIGINT and SIGTERM, and the previous action of SIGHUP.
void cp_release_signals(void);

/// Waits until SIGINT or SIGTERM has been caught.
void cp_wait_for_signal(void);

/// Returns the number of terminal columns that a Unicode scalar occupies: two if it is wide, none for combining marks.
/// Not thread-safe.
int cp_columns(unsigned scalar);
