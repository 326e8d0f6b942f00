/* The shape of an Nt call on the Unix side.
 *
 * A call NtFooBar is listed once in dlls/ntdll/syscalls.tab with its number of arguments and is
 * defined in one file of this folder as
 *
 *     NT_CALL(nt_foo_bar, HANDLE handle, PVOID buffer, ULONG size) { ... }
 *
 * Each argument takes one 8-byte slot; declare it with its Windows type. The function decodes: it
 * checks its arguments in Windows' order, copies in what it needs (user.h), changes nothing until
 * every check has passed, calls downwards to perform, and copies out.
 */
#pragma once

#define NT_CALL(name, ...) NTSTATUS name(__VA_ARGS__); NTSTATUS name(__VA_ARGS__)

struct syscall_entry
{
    void (*handler)(void);
    const char *name;           /* "NtFooBar", for traces */
    unsigned int args;          /* 8-byte slots */
};

extern const struct syscall_entry syscall_entries[];
extern const unsigned int syscall_count;
