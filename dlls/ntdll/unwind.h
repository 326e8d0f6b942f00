/* What the files about exceptions share: unwind.c (one frame), unwind_tables.c (which function is at an
 * address), exception.c (dispatching and unwinding), seh.c (C's __try), vectored.c. */
#pragma once

#include "ntdll_private.h"

#ifndef UNW_FLAG_CHAININFO
# define UNW_FLAG_CHAININFO 4
#endif

/* unwind.c */
bool unwind_info_is_sound(ULONG64 base, const RUNTIME_FUNCTION *function);

/* exception_x86_64.S */
EXCEPTION_DISPOSITION call_exception_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION call_unwind_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
void DECLSPEC_NORETURN context_load(const CONTEXT *context);
ULONG64 consolidate_call(const CONTEXT *context, void *(CALLBACK *callback)(EXCEPTION_RECORD *), EXCEPTION_RECORD *record);

/* exception.c, called by it */
EXCEPTION_DISPOSITION nested_exception_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION collided_unwind_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION thread_start_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
void DECLSPEC_NORETURN exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context);
void DECLSPEC_NORETURN exception_raise(EXCEPTION_RECORD *record, CONTEXT *context);
BOOLEAN WINAPI RtlDispatchException(EXCEPTION_RECORD *record, CONTEXT *context);

/* vectored.c: EXCEPTION_CONTINUE_EXECUTION or EXCEPTION_CONTINUE_SEARCH */
LONG call_vectored_handlers(EXCEPTION_RECORD *record, CONTEXT *context);
void call_vectored_continue_handlers(EXCEPTION_RECORD *record, CONTEXT *context);
