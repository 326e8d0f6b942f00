/* ORIEL_TRACE: one line per Nt call on stderr. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

extern bool trace_enabled;              /* decided once at start; chooses the dispatcher of every TEB */

/* Reads ORIEL_TRACE: a list of families, or all. False: it names one that there is not (said on stderr). */
bool trace_init(void);

/* Made by tools/gen-status, sorted by code. */
struct status_name { uint32_t code, offset; };
extern const struct status_name status_names[];
extern const unsigned int status_name_count;
extern const char status_text[];
