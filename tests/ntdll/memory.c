#include "memory.h"

NTSTATUS (WINAPI *pNtAllocateVirtualMemoryEx)(HANDLE, PVOID *, SIZE_T *, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG);
NTSTATUS (WINAPI *pNtMapViewOfSectionEx)(HANDLE, HANDLE, PVOID *, const LARGE_INTEGER *, SIZE_T *, ULONG, ULONG,
                                         MEM_EXTENDED_PARAMETER *, ULONG);
NTSTATUS (WINAPI *pNtUnmapViewOfSectionEx)(HANDLE, PVOID, ULONG);
NTSTATUS (WINAPI *pNtExtendSection)(HANDLE, LARGE_INTEGER *);

void load_memory_functions(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    pNtAllocateVirtualMemoryEx = (void *)GetProcAddress(ntdll, "NtAllocateVirtualMemoryEx");
    pNtMapViewOfSectionEx = (void *)GetProcAddress(ntdll, "NtMapViewOfSectionEx");
    pNtUnmapViewOfSectionEx = (void *)GetProcAddress(ntdll, "NtUnmapViewOfSectionEx");
    pNtExtendSection = (void *)GetProcAddress(ntdll, "NtExtendSection");
}

HANDLE memory_temp_file(DWORD access, const void *bytes, DWORD size)
{
    char folder[MAX_PATH], path[MAX_PATH];
    HANDLE writer, file;
    DWORD done = 0;

    GetTempPathA(sizeof(folder), folder);
    GetTempFileNameA(folder, "nt", 0, path);
    writer = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, 0);
    ok(writer != INVALID_HANDLE_VALUE, "cannot create %s: %lu\n", path, GetLastError());
    if (size) WriteFile(writer, bytes, size, &done, NULL);
    ok(done == size, "wrote %lu\n", done);
    file = CreateFileA(path, access | DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_DELETE_ON_CLOSE, 0);
    ok(file != INVALID_HANDLE_VALUE, "cannot open %s: %lu\n", path, GetLastError());
    CloseHandle(writer);
    return file;
}
