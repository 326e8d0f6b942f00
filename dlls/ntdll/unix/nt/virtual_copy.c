/* NtReadVirtualMemory, NtWriteVirtualMemory.
 *
 * Windows copies in chunks: the source of a chunk must be readable as a whole, its destination is written page by
 * page. That shows in the count a failed call returns (specification 18; kernel32:virtual test_ReadProcessMemory).
 */
#include "nt/memory.h"

#define CHUNK 0x10000u
#define PAGE  0x1000u

/* Writes up to the first page that refuses. */
static size_t write_pages(char *to, const char *from, size_t size)
{
    size_t done = 0;

    if (!user_write(to, from, size)) return size;
    while (done < size)
    {
        size_t step = PAGE - ((uintptr_t)to + done) % PAGE;

        if (step > size - done) step = size - done;
        if (user_write(to + done, from + done, step)) break;
        done += step;
    }
    return done;
}

static NTSTATUS copy(char *to, const char *from, size_t size, size_t *done)
{
    char small[512], *buffer = size <= sizeof(small) ? small : malloc(size < CHUNK ? size : CHUNK);
    NTSTATUS status = STATUS_SUCCESS;

    *done = 0;
    if (!buffer) return STATUS_NO_MEMORY;
    while (*done < size)
    {
        size_t step = size - *done < CHUNK ? size - *done : CHUNK, written;

        if (user_read(buffer, from + *done, step))
        {
            status = STATUS_PARTIAL_COPY;
            break;
        }
        written = write_pages(to + *done, buffer, step);
        *done += written;
        if (written < step)
        {
            status = STATUS_PARTIAL_COPY;
            break;
        }
    }
    if (buffer != small) free(buffer);
    return status;
}

static NTSTATUS copy_checked(HANDLE process, ACCESS_MASK access, void *to, const void *from, SIZE_T size, SIZE_T *done_ptr)
{
    size_t done = 0;
    NTSTATUS status;

    if (done_ptr && (status = user_probe_for_write(done_ptr, sizeof(*done_ptr)))) return status;
    if (!range_in_user_space((uintptr_t)to, size) || !range_in_user_space((uintptr_t)from, size)) status = STATUS_ACCESS_VIOLATION;
    else if (!size) status = STATUS_SUCCESS;
    else if (!(status = memory_process(process, access))) status = copy(to, from, size, &done);
    if (done_ptr) user_put(done_ptr, (SIZE_T)done);
    return status;
}

NT_CALL(nt_read_virtual_memory, HANDLE process, const void *remote, void *local, SIZE_T size, SIZE_T *done)
{
    return copy_checked(process, PROCESS_VM_READ, local, remote, size, done);
}

NT_CALL(nt_read_virtual_memory_ex, HANDLE process, const void *remote, void *local, SIZE_T size, SIZE_T *done, ULONG flags)
{
    if (flags) return STATUS_INVALID_PARAMETER_6;
    return copy_checked(process, PROCESS_VM_READ, local, remote, size, done);
}

NT_CALL(nt_write_virtual_memory, HANDLE process, void *remote, const void *local, SIZE_T size, SIZE_T *done)
{
    return copy_checked(process, PROCESS_VM_WRITE, remote, local, size, done);
}
