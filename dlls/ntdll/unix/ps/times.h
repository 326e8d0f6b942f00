/* Clocks and CPU times in Windows' units. */
#pragma once

#include <stdint.h>

#define PERFORMANCE_FREQUENCY 10000000  /* per second, as Windows 10 and later */
#define EPOCH_DIFFERENCE 116444736000000000ll   /* 1601 to 1970 in 100 ns */

/* CPU time in 100 ns: of a thread (Linux id; 0 = this one), of the process. */
void times_of_thread(int linux_tid, uint64_t *user, uint64_t *kernel);
void times_of_process(uint64_t *user, uint64_t *kernel);
void times_add(uint64_t user, uint64_t kernel);         /* that the process has used elsewhere (ps/native.h) */

uint64_t system_time(void);             /* 100 ns since 1601 */
uint64_t performance_counter(void);
uint64_t interrupt_time(void);          /* 100 ns since boot, sleep included */
