#pragma once

/// Prints why, and ends the process at once; takes no lock and no memory, so any handler may call it.
_Noreturn void cp_exit(int code, const char *kind, const char *message);
