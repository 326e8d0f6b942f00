/* Another process of this program, which calls the functions that it is told to call, one at a time. */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

typedef ULONG64 (*other_function)(const ULONG64 *args, const char *text);

struct other
{
    PROCESS_INFORMATION info;
    HANDLE to, from;
};
struct other_call { ULONG64 function, args[6]; char text[MAX_PATH]; };
struct other_answer { ULONG64 value; DWORD error, pad; };

static inline BOOL other_start(struct other *other, const char *subject)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char line[2 * MAX_PATH], self[MAX_PATH];
    HANDLE in, out;
    BOOL started;

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (!CreatePipe(&in, &other->to, &inherit, 0) || !CreatePipe(&other->from, &out, &inherit, 0)) return FALSE;
    SetHandleInformation(other->to, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(other->from, HANDLE_FLAG_INHERIT, 0);
    snprintf(line, sizeof(line), "\"%s\" %s serve %lx %lx", self, subject, HandleToUlong(in), HandleToUlong(out));
    started = CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &other->info);
    CloseHandle(in);
    CloseHandle(out);
    return started;
}

/* Calls functions[function](args, text) there. Its last error becomes ours. */
static inline ULONG64 other_do(struct other *other, unsigned int function, const char *text, const ULONG64 *args)
{
    struct other_call call = { .function = function };
    struct other_answer answer;
    DWORD done;

    memcpy(call.args, args, sizeof(call.args));
    if (text) strcpy(call.text, text);
    if (!WriteFile(other->to, &call, sizeof(call), &done, NULL) || !ReadFile(other->from, &answer, sizeof(answer), &done, NULL))
    {
        SetLastError(ERROR_PROCESS_ABORTED);
        return ~0ull;
    }
    SetLastError(answer.error);
    return answer.value;
}
#define other_call(other, function, text, ...) other_do(other, function, text, (const ULONG64[6]){ __VA_ARGS__ })

static inline void other_end(struct other *other)
{
    CloseHandle(other->to);
    CloseHandle(other->from);
    ok(!WaitForSingleObject(other->info.hProcess, 10000), "the other process is still there\n");
    CloseHandle(other->info.hProcess);
    CloseHandle(other->info.hThread);
}

static inline void other_kill(struct other *other)
{
    TerminateProcess(other->info.hProcess, 1);
    other_end(other);
}

/* In the other process: TRUE if it was started to serve, and has served. */
static inline BOOL other_serve(const other_function *functions)
{
    struct other_answer answer = { 0 };
    struct other_call call;
    HANDLE in, out;
    DWORD done;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc < 5 || strcmp(argv[2], "serve")) return FALSE;
    in = (HANDLE)(ULONG_PTR)strtoull(argv[3], NULL, 16);
    out = (HANDLE)(ULONG_PTR)strtoull(argv[4], NULL, 16);
    while (ReadFile(in, &call, sizeof(call), &done, NULL) && done == sizeof(call))
    {
        SetLastError(0);
        answer.value = functions[call.function](call.args, call.text);
        answer.error = GetLastError();
        if (!WriteFile(out, &answer, sizeof(answer), &done, NULL)) break;
    }
    return TRUE;
}
