/* This process as a debuggee: stopping for its debugger, and going on. nt/debug*.c is the debugger's side. */
#pragma once

#include "nt/nt.h"

struct thread;
struct process_object;

/* Is there a debugger? A process that has none pays for this test, at its rare events, and for nothing else. */
extern bool debuggee_attached;

/* ---- events, told by the thread itself; each returns when the debugger has let it go on ------------------------- */

/* The debugger's word on an exception; context is what it sees and may change. False: the program's handlers are next. */
bool debuggee_exception(const EXCEPTION_RECORD *record, CONTEXT *context, const void *extended, bool first_chance);

void debuggee_thread_starts(void);
void debuggee_thread_ends(uint32_t status);
/* Once, whoever says it first. context NULL: within an Nt call. */
void debuggee_process_ends(uint32_t code, CONTEXT *context);
void debuggee_image_mapped(uintptr_t base);
void debuggee_image_unmapped(uintptr_t base);

/* A child that has run nothing yet, if its events are to go where ours do. */
NTSTATUS debuggee_adopts(struct process_object *child);

/* ---- orders, on the control thread ----------------------------------------------------------------------------------- */

/* Takes channel on success. */
NTSTATUS debuggee_attach(int channel, uint32_t flags);
NTSTATUS debuggee_detach(void);
NTSTATUS debuggee_continue(uint32_t tid, uint32_t status);
void     debuggee_set_flags(uint32_t flags);
uint32_t debuggee_flags(void);

/* What the control thread listens to besides its connections (-1: nothing), and what it does when that ends. */
int  debuggee_channel(void);
void debuggee_channel_ended(void);
