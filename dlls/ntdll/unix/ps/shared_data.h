/* KUSER_SHARED_DATA: the page of facts and clocks that every Windows process reads at 0x7ffe0000. */
#pragma once

#include "nt/nt.h"

#define SHARED_DATA_ADDRESS 0x7ffe0000ull
#define SHARED_DATA_SYSTEM_CALL 0x308   /* 1: stubs call instead of entering a kernel */

/* Reserves the page; it is not filled, nor does it tick, before somebody touches it. */
NTSTATUS shared_data_init(void);

/* Was the fault the first touch? Then the page is there now. Async-signal-safe as far as it interrupts
 * Windows code or a user copy, which hold no lock of the C library. */
bool shared_data_fault(uintptr_t address);
