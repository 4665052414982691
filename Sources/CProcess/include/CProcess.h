#pragma once
#include <stdbool.h>

// What a program must arrange with the system in C: what the system calls at any moment or before `main`, and what
// Swift does not see of libc. Only the program links this; a library must not decide how its host ends. Beside what stands here it puts a
// `pthread_create` of its own before the system's, which ends the process with 69 where no thread can be made.

/// Prints errors that end the process at once as events of JSON on standard output, too.
void cp_print_errors_as_events(void);

/// Whether standard error stands in the middle of a line, so that what follows must begin a new one.
void cp_set_line_open(bool is_open);
bool cp_line_is_open(void);

/// Ends the process with 74 where a file that is mapped into memory is shortened (SIGBUS).
void cp_exit_on_shortened_file(void);

/// Makes SIGINT or SIGTERM wake `cp_wait_for_signal`, once: the next one ends the process, as by default.
/// SIGHUP is ignored meanwhile: a run outlives its terminal.
void cp_catch_signals(void);

/// Lets these signals end the process again.
void cp_release_signals(void);

/// Returns when one of the signals was caught.
void cp_wait_for_signal(void);

/// The columns that a scalar of Unicode takes on a terminal: two where it is wide, none for marks.
/// One caller at a time.
int cp_columns(unsigned scalar);
