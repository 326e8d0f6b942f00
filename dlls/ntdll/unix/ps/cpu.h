/* What Windows wants to know of the processors. */
#pragma once

#include "nt/nt.h"

unsigned int cpu_count(void);           /* that this process may run on: 1..64 */
uint64_t     cpu_mask(void);            /* of them, one bit each, dense from bit 0 */
void         cpu_features(BOOLEAN *features, unsigned int count);       /* PF_x by number */
void         cpu_identity(unsigned int *family, unsigned int *model, unsigned int *stepping);
const char  *cpu_vendor(void);          /* "GenuineIntel" */
