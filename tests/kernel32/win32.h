/* What the suites on kernel32 share. */
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winnls.h"
#include "winternl.h"
#include "wine/test.h"

/* A call that has to succeed, and one that has to fail with this error. */
#define works(call) \
    do \
    { \
        BOOL worked_ = (call) != 0; \
        ok(worked_, "%s failed, error %lu\n", #call, GetLastError()); \
    } while (0)
#define fails(call, error) \
    do \
    { \
        BOOL failed_; \
        SetLastError(0xdeadbeef); \
        failed_ = !(call); \
        ok(failed_, "%s succeeded\n", #call); \
        ok(GetLastError() == (error), "%s: error %lu, expected %lu\n", #call, GetLastError(), (DWORD)(error)); \
    } while (0)
#define fails_handle(call, error) fails((call) != INVALID_HANDLE_VALUE, error)

/* A fresh folder that is the current one until scratch_leave(), which removes it; the test has removed what it put there. */
static WCHAR scratch_dir[MAX_PATH], scratch_back[MAX_PATH];

static inline void scratch_enter(void)
{
    WCHAR temp[MAX_PATH];

    works(GetTempPathW(MAX_PATH, temp));
    works(GetTempFileNameW(temp, L"k32", 0, scratch_dir));
    works(DeleteFileW(scratch_dir));
    works(CreateDirectoryW(scratch_dir, NULL));
    works(GetCurrentDirectoryW(MAX_PATH, scratch_back));
    works(SetCurrentDirectoryW(scratch_dir));
}

static inline void scratch_leave(void)
{
    works(SetCurrentDirectoryW(scratch_back));
    works(RemoveDirectoryW(scratch_dir));
}
