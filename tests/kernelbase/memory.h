/* What the suites of the memory API share. Each check cites a section of the specification, "§". */
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "memoryapi.h"
#include "wine/test.h"

#define K 0x1000u
#define G 0x10000u
#define UNTOUCHED 0xdeadbeefu

/* Some functions are newer than the oldest Windows the suites run on, or in kernelbase alone. */
#define FUNCTION(name) static __typeof__(&name) p##name
#define LOAD(name) p##name = (void *)GetProcAddress(GetModuleHandleA("kernelbase.dll"), #name)

/* The call fails with that error; the call succeeds and leaves the last error alone. */
#define fails(call, error) \
    do { \
        SetLastError(UNTOUCHED); \
        ok(!(call), "%s succeeded\n", #call); \
        ok(GetLastError() == (DWORD)(error), "%s: error %lu, expected %lu\n", #call, GetLastError(), (DWORD)(error)); \
    } while (0)
#define works(call) \
    do { \
        SetLastError(UNTOUCHED); \
        ok(!!(call), "%s failed with %lu\n", #call, GetLastError()); \
        ok(GetLastError() == UNTOUCHED, "%s: last error became %lu\n", #call, GetLastError()); \
    } while (0)

static inline void check_query_(int line, void *address, void *base, DWORD allocation_protect, SIZE_T size, DWORD state,
                                DWORD protect, DWORD type)
{
    MEMORY_BASIC_INFORMATION info;
    SIZE_T ret = VirtualQuery(address, &info, sizeof(info));

    ok_(__FILE__, line)(ret == sizeof(info), "VirtualQuery(%p) returned %Iu, error %lu\n", address, ret, GetLastError());
    ok_(__FILE__, line)(info.BaseAddress == (void *)((ULONG_PTR)address & ~(ULONG_PTR)0xfff), "BaseAddress %p\n", info.BaseAddress);
    ok_(__FILE__, line)(info.AllocationBase == base, "AllocationBase %p, expected %p\n", info.AllocationBase, base);
    ok_(__FILE__, line)(info.AllocationProtect == allocation_protect, "AllocationProtect %#lx, expected %#lx\n",
                        info.AllocationProtect, allocation_protect);
    if (size) ok_(__FILE__, line)(info.RegionSize == size, "RegionSize %#Ix, expected %#Ix\n", info.RegionSize, size);
    ok_(__FILE__, line)(info.State == state, "State %#lx, expected %#lx\n", info.State, state);
    ok_(__FILE__, line)(info.Protect == protect, "Protect %#lx, expected %#lx\n", info.Protect, protect);
    ok_(__FILE__, line)(info.Type == type, "Type %#lx, expected %#lx\n", info.Type, type);
}
#define check_query(...) check_query_(__LINE__, __VA_ARGS__)
#define check_free(address) check_query_(__LINE__, address, NULL, 0, 0, MEM_FREE, PAGE_NOACCESS, 0)

static inline DWORD page_protect(const void *address)
{
    MEMORY_BASIC_INFORMATION info;

    if (!VirtualQuery(address, &info, sizeof(info))) return 0;
    return info.Protect;
}

/* A temporary file with size bytes of `fill`, open with access; it goes when the handle does. */
static inline HANDLE temp_file(DWORD access, DWORD size, char fill)
{
    char folder[MAX_PATH], path[MAX_PATH], block[K];
    HANDLE writer, file;
    DWORD done;

    GetTempPathA(sizeof(folder), folder);
    GetTempFileNameA(folder, "mem", 0, path);
    writer = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, 0);
    ok(writer != INVALID_HANDLE_VALUE, "cannot create %s: %lu\n", path, GetLastError());
    memset(block, fill, sizeof(block));
    for (DWORD at = 0; at < size; at += done)
        if (!WriteFile(writer, block, size - at < K ? size - at : K, &done, NULL) || !done) break;
    file = CreateFileA(path, access | DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_DELETE_ON_CLOSE, 0);
    ok(file != INVALID_HANDLE_VALUE, "cannot open %s: %lu\n", path, GetLastError());
    CloseHandle(writer);
    return file;
}
