/* Between the files of host/. */
#pragma once

#include "host/host.h"

#define page_bytes host_caps.page_size

vm_status host_status(int error);       /* the one table from errno */

/* pagemap.c */
void      host_pagemap_probe(void);
vm_status host_copied(uintptr_t addr, uintptr_t end, bool *copied, uintptr_t *run_end);
bool      host_resident(uintptr_t addr);
vm_status host_held(uintptr_t addr, uintptr_t end, bool *held, uintptr_t *run_end);
vm_status host_watch(uintptr_t addr, size_t size);
vm_status host_watch_clean(uintptr_t addr, size_t size);
vm_status host_watch_scan(uintptr_t addr, uintptr_t end, uintptr_t *pages, size_t *count, uintptr_t *next);

/* probe.c */
bool      host_occupied(uintptr_t start, uintptr_t end, uintptr_t *found_start, uintptr_t *found_end);
uint64_t  host_memory_limit(void);
bool      host_memory_available(uint64_t *total, uint64_t *available);
