#pragma once

/// Prints a message and ends the process immediately with the exit code `code`, 10 to 99.
///
/// Async-signal-safe: takes no lock and allocates no memory, so any signal handler may call it. `kind` and `message`
/// must not need JSON escaping.
_Noreturn void cp_exit(int code, const char *kind, const char *message);
