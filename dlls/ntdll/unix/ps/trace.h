/* ORIEL_TRACE: one line per Nt call on stderr. */
#pragma once

#include <stdbool.h>

extern bool trace_enabled;              /* decided once at start; chooses the dispatcher of every TEB */
void trace_init(void);
