/* What Windows wants to know of the processors. */
#pragma once

#include "nt/nt.h"

unsigned int cpu_count(void);           /* that this process may run on: 1..64 */
uint64_t     cpu_mask(void);            /* of them, one bit each, dense from bit 0 */
unsigned int cpu_current(void);         /* the one that this thread runs on, by that numbering */
int          cpu_host_number(unsigned int cpu);         /* Linux's number of it */
bool         cpu_bind(int linux_tid, uint64_t mask);    /* where a thread may run */
uint64_t     cpu_bind_self(uint64_t mask);      /* the calling one; returns where it might before, 0: there, or it stays */
void         cpu_features(BOOLEAN *features, unsigned int count);       /* PF_x by number */
void         cpu_identity(unsigned int *family, unsigned int *model, unsigned int *stepping);
const char  *cpu_vendor(void);          /* "GenuineIntel" */

struct cpu_times { uint64_t idle, kernel, user; };      /* 100 ns since boot */
void         cpu_times(struct cpu_times *times);        /* of each: room for 64 */
uint64_t     cpu_idle_time(void);       /* of all together */
