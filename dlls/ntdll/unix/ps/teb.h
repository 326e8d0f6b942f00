/* TEBs, the PEB, and what the GS register points to. */
#pragma once

#include "nt/nt.h"

/* The PEB and the block of TEBs. */
NTSTATUS teb_init(void);

/* A TEB, filled with what is the same for all threads; NULL: no memory. */
TEB *teb_alloc(void);
void teb_free(TEB *teb);

/* Makes gs:0 the thread's TEB, or nothing (NULL). False: this kernel cannot (it says so and does not do it). */
bool teb_load(TEB *teb);
