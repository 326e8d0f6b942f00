/* A look at the Windows stack from outside: for reports, never for control flow. Every read may fail. */
#pragma once

#include "nt/nt.h"

struct module
{
    uint64_t base, size;
    char     name[64];          /* "kernel32.dll" */
    char     path[512];         /* Linux path of its file; "" if it is not known */
};
bool module_find(uint64_t address, struct module *module);

/* The function of the module's COFF symbol table (which mingw-w64 writes and strip removes) that holds rva; *offset is how
 * far into it. */
bool symbol_find(const struct module *module, uint32_t rva, char *name, size_t size, uint32_t *offset);

struct unwind_state { uint64_t rip, rsp, registers[16]; };
void unwind_init(struct unwind_state *state, const CONTEXT *context);
bool unwind_step(struct unwind_state *state);   /* to the caller; false: no further */
