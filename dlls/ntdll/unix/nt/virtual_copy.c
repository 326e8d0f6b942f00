/* NtReadVirtualMemory, NtWriteVirtualMemory.
 *
 * Windows copies in chunks: the source of a chunk must be readable as a whole, its destination is written page by
 * page. That shows in the count a failed call returns (specification 18; kernel32:virtual test_ReadProcessMemory).
 */
#include "nt/remote.h"

#define CHUNK PEER_DATA_MAX
#define PAGE  0x1000u

/* Each page is tried once: a second try would go through a guard page, which the first has taken away. */
size_t memory_write_pages(char *to, const char *from, size_t size)
{
    size_t done = 0;

    while (done < size)
    {
        size_t step = PAGE - ((uintptr_t)to + done) % PAGE;

        if (step > size - done) step = size - done;
        if (user_write(to + done, from + done, step)) break;
        done += step;
    }
    return done;
}

/* Where the bytes come from and where they go: to or from another process, or within our own (other is NULL). */
struct copy
{
    struct process_object *other;
    bool write;                 /* into the other process */
};

static NTSTATUS fetch(const struct copy *copy, void *buffer, const char *from, size_t size)
{
    NTSTATUS status;

    if (!copy->other || copy->write) return user_read(buffer, from, size) ? STATUS_PARTIAL_COPY : STATUS_SUCCESS;
    status = remote_read(copy->other, buffer, (uintptr_t)from, size);
    return status && status != STATUS_PROCESS_IS_TERMINATING ? STATUS_PARTIAL_COPY : status;
}

static NTSTATUS store(const struct copy *copy, char *to, const void *buffer, size_t size, size_t *written)
{
    NTSTATUS status;

    if (!copy->other || !copy->write)
    {
        *written = memory_write_pages(to, buffer, size);
        return *written < size ? STATUS_PARTIAL_COPY : STATUS_SUCCESS;
    }
    status = remote_write(copy->other, (uintptr_t)to, buffer, size, written);
    return status && status != STATUS_PROCESS_IS_TERMINATING ? STATUS_PARTIAL_COPY : status;
}

static NTSTATUS copy_bytes(const struct copy *copy, char *to, const char *from, size_t size, size_t *done)
{
    char small[512], *buffer = size <= sizeof(small) ? small : malloc(size < CHUNK ? size : CHUNK);
    NTSTATUS status = STATUS_SUCCESS;

    if (!buffer) return STATUS_NO_MEMORY;
    while (!status && *done < size)
    {
        size_t step = size - *done < CHUNK ? size - *done : CHUNK, written = 0;

        if (!(status = fetch(copy, buffer, from + *done, step)))
            status = store(copy, to + *done, buffer, step, &written);
        *done += written;
    }
    if (buffer != small) free(buffer);
    return status;
}

static NTSTATUS copy_checked(HANDLE process, ACCESS_MASK access, void *to, const void *from, SIZE_T size, SIZE_T *done_ptr)
{
    struct copy copy = { .write = access == PROCESS_VM_WRITE };
    size_t done = 0;
    NTSTATUS status;

    if (done_ptr && (status = user_probe_for_write(done_ptr, sizeof(*done_ptr)))) return status;
    if (!range_in_user_space((uintptr_t)to, size) || !range_in_user_space((uintptr_t)from, size)) status = STATUS_ACCESS_VIOLATION;
    else if (!size) status = STATUS_SUCCESS;
    else if (!(status = memory_process(process, access, &copy.other)))
    {
        status = copy_bytes(&copy, to, from, size, &done);
        if (copy.other) object_unref(&copy.other->header);
    }
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
