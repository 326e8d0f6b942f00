/* A process in one of the states that others may meet it in; the program starts itself as that process. */
#pragma once

#include "memory.h"
#include "psapi.h"


enum target_state { RUNNING, BUSY, SUSPENDED, JUST_CREATED, EXITING, DEAD, TARGET_STATES };
static const char *const target_state_names[TARGET_STATES] = { "running", "busy", "suspended", "just created", "exiting", "dead" };

struct target
{
    PROCESS_INFORMATION info;
    enum target_state state;
};

#define SOON_MS 2000

static volatile LONG target_is_there, target_is_exiting;

static inline void NTAPI target_detach(void *module, DWORD reason, void *arg)
{
    (void)module;
    (void)arg;
    if (reason != DLL_PROCESS_DETACH || !target_is_exiting) return;
    target_is_exiting = 2;
    Sleep(INFINITE);
}
/* Called as a DllMain is: also when ExitProcess has ended all other threads. */
static const PIMAGE_TLS_CALLBACK target_callback __attribute__((section(".CRT$XLB"), used)) = target_detach;

/* In the child: runs as what it was started to be. */
static inline void target_run(const char *what)
{
    target_is_there = 1;
    if (!strcmp(what, target_state_names[EXITING]))
    {
        target_is_exiting = 1;
        ExitProcess(5);
    }
    if (!strcmp(what, target_state_names[BUSY])) for (;;) target_is_there++;
    for (;;) SleepEx(INFINITE, TRUE);
}

/* The same variable there: the program is at the same place in its image. */
static inline void *target_address(const struct target *target, const volatile void *here)
{
    PROCESS_BASIC_INFORMATION basic;
    char *image = NULL;
    NTSTATUS status = NtQueryInformationProcess(target->info.hProcess, ProcessBasicInformation, &basic, sizeof(basic), NULL);

    ok(!status, "NtQueryInformationProcess: %#lx\n", status);
    ok(ReadProcessMemory(target->info.hProcess, &basic.PebBaseAddress->ImageBaseAddress, &image, sizeof(image), NULL),
       "the PEB cannot be read: %lu\n", GetLastError());
    return image + ((const volatile char *)here - (const volatile char *)GetModuleHandleA(NULL));
}

static inline LONG target_peek(const struct target *target, void *address)
{
    LONG value = 0;

    ReadProcessMemory(target->info.hProcess, address, &value, sizeof(value), NULL);
    return value;
}

static inline BOOL target_start(struct target *target, const char *subject, enum target_state state)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char command[2 * MAX_PATH], self[MAX_PATH];
    void *word;
    LONG value = state == EXITING ? 2 : 1;
    NTSTATUS status;
    int i;

    target->state = state;
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(command, sizeof(command), "\"%s\" %s target \"%s\"", self, subject, target_state_names[state]);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup, &target->info))
    {
        ok(0, "CreateProcess failed with %lu\n", GetLastError());
        return FALSE;
    }
    if (state == JUST_CREATED) return TRUE;
    word = target_address(target, state == EXITING ? &target_is_exiting : &target_is_there);
    ok(ResumeThread(target->info.hThread) == 1, "ResumeThread failed with %lu\n", GetLastError());
    for (i = 0; i < 500 && target_peek(target, word) < value; i++) Sleep(10);
    ok(target_peek(target, word) >= value, "it does not get there\n");
    if (state == SUSPENDED)
    {
        status = NtSuspendProcess(target->info.hProcess);
        ok(!status, "NtSuspendProcess: %#lx\n", status);
    }
    return TRUE;
}

/* It has been ended with 0xdead0001: its handles say so. */
static inline void target_kill_seen(struct target *target)
{
    DWORD code = 0;

    target->state = DEAD;
    ok(!WaitForSingleObject(target->info.hProcess, 5000), "it does not end\n");
    ok(GetExitCodeProcess(target->info.hProcess, &code) && code == 0xdead0001, "exit code %#lx\n", code);
    ok(!WaitForSingleObject(target->info.hThread, 5000), "its thread does not end\n");
    ok(GetExitCodeThread(target->info.hThread, &code) && code == 0xdead0001, "exit code %#lx of the thread\n", code);
}

static inline void target_kill(struct target *target)
{
    ok(TerminateProcess(target->info.hProcess, 0xdead0001), "TerminateProcess failed with %lu\n", GetLastError());
    target_kill_seen(target);
}

static inline void target_close(struct target *target)
{
    CloseHandle(target->info.hThread);
    CloseHandle(target->info.hProcess);
}

static inline HANDLE target_handle(HANDLE from, DWORD access)
{
    HANDLE handle = NULL;

    ok(DuplicateHandle(GetCurrentProcess(), from, GetCurrentProcess(), &handle, access, FALSE, 0),
       "DuplicateHandle failed with %lu\n", GetLastError());
    return handle;
}

/* The child's part of a suite: TRUE if this is not the child. */
static inline BOOL target_is_parent(void)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc == 4 && !strcmp(argv[2], "target")) target_run(argv[3]);
    return TRUE;
}
