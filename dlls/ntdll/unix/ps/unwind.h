/* A look at the Windows stack from outside: for reports, never for control flow. Every read may fail. */
#pragma once

#include "nt/nt.h"

struct module
{
    uint64_t base, size;
    char     name[64];          /* "kernel32.dll" */
};
bool module_find(uint64_t address, struct module *module);

struct unwind_state { uint64_t rip, rsp, registers[16]; };
void unwind_init(struct unwind_state *state, const CONTEXT *context);
bool unwind_step(struct unwind_state *state);   /* to the caller; false: no further */
