#include "CProcess.h"

// Defined by Package.swift in a git checkout.
#ifndef RELIEF_COMMIT
#define RELIEF_COMMIT ""
#endif

const char *cp_commit(void) { return RELIEF_COMMIT; }
