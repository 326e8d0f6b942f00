/* The process: what everybody on the Unix side may know of it. */
#pragma once

#include "nt/nt.h"

struct process_ntdll            /* where the PE ntdll is and the ways into it */
{
    uint64_t base, size;
    uint64_t stubs;             /* of call number 0; 64 bytes each (tools/gen-syscalls) */
    uint64_t LdrInitializeThunk, RtlUserThreadStart, KiUserExceptionDispatcher, KiUserApcDispatcher,
             KiUserCallbackDispatcher;
};
extern struct process_ntdll process_ntdll;

extern PEB *process_peb;
extern bool process_check_only;         /* oriel --check: say what is missing, run nothing */
extern bool process_childless;          /* it may not create processes */
extern uint32_t process_id;             /* Windows id: the Linux process id * 4 */
extern const char *process_program;     /* Unix path of the program, for messages */
extern const char *process_dll_folder;  /* Unix path of our DLLs, which is also C:\windows\system32 */

extern SECTION_IMAGE_INFORMATION process_image_info;            /* of the program */
extern uint64_t process_stack_reserve, process_stack_commit;    /* of the program's header: defaults for threads */

#define STUB_SIZE 64
#define STUB_AFTER_SYSCALL 20           /* where Windows' stubs return to */
static inline uint64_t process_stub_return(uint32_t number)
{
    return process_ntdll.stubs + (uint64_t)number * STUB_SIZE + STUB_AFTER_SYSCALL;
}

/* The host's exit status for a Windows exit code: the low byte, or 1 if that is 0 and the code is not. */
static inline int process_host_status(uint32_t code)
{
    return (code & 0xff) ? (int)(code & 0xff) : code ? 1 : 0;
}
/* Ends the process with a host status of its own (crashes). */
void process_exit_status(uint32_t code, int host_status) __attribute__((noreturn));
/* Ends it by a signal that asked for it (SIGINT ...). */
void process_exit_signal(int signal) __attribute__((noreturn));

/* One line on stderr, "oriel: ..."; async-signal-safe formatting (%s %d %u %x %p %lx %lu only). */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));
