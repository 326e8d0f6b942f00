/* ReadProcessMemory, WriteProcessMemory (specification 18). */
#include "kernelbase.h"

BOOL WINAPI ReadProcessMemory(HANDLE process, LPCVOID remote, void *local, SIZE_T size, SIZE_T *done)
{
    return nt_result(NtReadVirtualMemory(process, remote, local, size, done));
}

/* Code may be patched without further ceremony: the pages are made writable for as long as it takes. Read-only data
 * may not. */
static BOOL write_code(HANDLE process, void *remote, LPCVOID local, SIZE_T size, SIZE_T *done)
{
    void *base = remote;
    SIZE_T length = size;
    ULONG old;
    NTSTATUS status;

    status = NtProtectVirtualMemory(process, &base, &length, PAGE_EXECUTE_READWRITE | PAGE_TARGETS_NO_UPDATE, &old);
    if (!nt_result(status)) return FALSE;
    status = NtWriteVirtualMemory(process, remote, local, size, done);
    NtProtectVirtualMemory(process, &base, &length, old | PAGE_TARGETS_NO_UPDATE, &old);
    NtFlushInstructionCache(process, remote, size);
    return nt_result(status);
}

/* PROCESS_VM_WRITE and PROCESS_VM_OPERATION are enough to write. With no right to ask what is there, it is found out by
 * writing and, where that is refused, from the old protection that a change of it returns. */
static BOOL write_unseen(HANDLE process, void *remote, LPCVOID local, SIZE_T size, SIZE_T *done)
{
    void *base = remote;
    SIZE_T length = 1, written;
    ULONG old;
    NTSTATUS status = NtWriteVirtualMemory(process, remote, local, size, &written);

    if (status != STATUS_PARTIAL_COPY || written)
    {
        if (done) *done = written;
        return nt_result(status);
    }
    if (NtProtectVirtualMemory(process, &base, &length, PAGE_EXECUTE_READWRITE | PAGE_TARGETS_NO_UPDATE, &old))
        return fail(ERROR_NOACCESS);
    NtProtectVirtualMemory(process, &base, &length, old, &(ULONG){ 0 });
    if (!(old & (PAGE_EXECUTE | PAGE_EXECUTE_READ))) return fail(ERROR_NOACCESS);
    return write_code(process, remote, local, size, done);
}

BOOL WINAPI WriteProcessMemory(HANDLE process, void *remote, LPCVOID local, SIZE_T size, SIZE_T *done)
{
    MEMORY_BASIC_INFORMATION info;
    NTSTATUS status = NtQueryVirtualMemory(process, remote, MemoryBasicInformation, &info, sizeof(info), NULL);

    if (status == STATUS_ACCESS_DENIED) return write_unseen(process, remote, local, size, done);
    if (!nt_result(status)) return FALSE;
    switch (info.Protect & 0xff)
    {
    case PAGE_READWRITE:
    case PAGE_WRITECOPY:
    case PAGE_EXECUTE_READWRITE:
    case PAGE_EXECUTE_WRITECOPY: return nt_result(NtWriteVirtualMemory(process, remote, local, size, done));
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ: return write_code(process, remote, local, size, done);
    default: return fail(ERROR_NOACCESS);
    }
}
