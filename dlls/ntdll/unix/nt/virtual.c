/* The Nt calls on private memory: decode. What the address space makes of them is in vm/.
 *
 * The order of the checks is Windows' (specification 12.3, 13.1, 13.2) and programs see it: each function
 * is to be read from top to bottom against it.
 */
#include "nt/remote.h"
#include "ob/token.h"

#define PAGE_BITS 0x7ffu        /* of a protection: what the section manager keeps */

/* ---- allocate --------------------------------------------------------------------------------------------- */

bool memory_allocation_type_valid(ULONG type, bool ex)
{
    ULONG primary = type & (MEM_RESERVE | MEM_COMMIT | MEM_RESET | MEM_RESET_UNDO);
    ULONG with = type & ~primary;

    switch (primary)
    {
    case MEM_RESERVE:
        if (with == MEM_PHYSICAL) return true;
        if (ex && (with & ~MEM_TOP_DOWN) == MEM_RESERVE_PLACEHOLDER) return true;
        return !(with & ~(MEM_TOP_DOWN | MEM_WRITE_WATCH | (ex ? MEM_REPLACE_PLACEHOLDER : 0)));
    case MEM_RESERVE | MEM_COMMIT:
        return !(with & ~(MEM_TOP_DOWN | MEM_WRITE_WATCH | MEM_LARGE_PAGES | (ex ? MEM_REPLACE_PLACEHOLDER : 0)));
    case MEM_COMMIT:
        return !(with & ~MEM_TOP_DOWN);
    case MEM_RESET:
    case MEM_RESET_UNDO:
        return !with;
    default:
        return false;
    }
}

static bool allocation_protect_valid(ULONG type, ULONG protect)
{
    if (!memory_protect_valid(protect)) return false;
    if (type & MEM_PHYSICAL) return protect == PAGE_READWRITE;
    if (!(type & MEM_LARGE_PAGES)) return true;
    return protect == PAGE_READONLY || protect == PAGE_READWRITE || protect == PAGE_EXECUTE_READ || protect == PAGE_EXECUTE_READWRITE;
}

/* Large pages are locked ones. */
static bool may_allocate(ULONG type)
{
    return !(type & MEM_LARGE_PAGES) || token_privilege_enabled(SE_LOCK_MEMORY_PRIVILEGE);
}

/* A guard page that a program puts into its own stack is the stack's end from then on (specification 22.3). */
static void note_stack_guard(uintptr_t base, size_t size, ULONG protect)
{
    TEB *teb = current_teb();

    if (!(protect & PAGE_GUARD)) return;
    if (base < (uintptr_t)teb->Tib.StackLimit || base + size > (uintptr_t)teb->Tib.StackBase) return;
    teb->Tib.StackLimit = (void *)(base + size);
}

struct allocate                 /* either call, decoded */
{
    struct process_object *other;
    uintptr_t base;
    size_t size;
    ULONG type, protect;
    struct vm_limits limits;
    uint32_t node;
};

static NTSTATUS perform_allocate(const struct allocate *in, PVOID *base_ptr, SIZE_T *size_ptr)
{
    uintptr_t base = in->base;
    size_t size = in->size;
    NTSTATUS status;

    if (in->other)
        status = remote_allocate(in->other, &base, &size, in->type, in->protect & PAGE_BITS, &in->limits, in->node);
    else status = vm_allocate(&base, &size, in->type, in->protect & PAGE_BITS, &in->limits, in->node);
    if (status) return status;
    if (!in->other && in->base && (in->type & MEM_COMMIT)) note_stack_guard(base, size, in->protect);
    memory_range_write(base_ptr, size_ptr, base, size);
    return STATUS_SUCCESS;
}

NT_CALL(nt_allocate_virtual_memory, HANDLE process, PVOID *base_ptr, ULONG_PTR zero_bits, SIZE_T *size_ptr, ULONG type,
        ULONG protect)
{
    struct allocate in = { .type = type, .protect = protect, .node = ~0u };
    uintptr_t highest;
    NTSTATUS status;

    if (type & MEM_RESERVE_PLACEHOLDER) return STATUS_INVALID_PARAMETER;
    if (!memory_allocation_type_valid(type, false)) return STATUS_INVALID_PARAMETER_5;
    if (!allocation_protect_valid(type, protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (!memory_zero_bits(zero_bits, &highest)) return STATUS_INVALID_PARAMETER_3;
    if ((status = memory_range_read(base_ptr, size_ptr, &in.base, &in.size))) return status;

    if (in.base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!in.base && (type & MEM_COMMIT)) in.type |= MEM_RESERVE;
    if (in.base && in.base < VM_LOWEST_USER && (type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER_2;
    if (!in.size || !range_in_user_space(in.base, in.size)) return STATUS_INVALID_PARAMETER_4;
    if ((type & MEM_LARGE_PAGES) && in.base % VM_LARGE_PAGE) return STATUS_INVALID_PARAMETER_2;
    if ((type & MEM_LARGE_PAGES) && in.size % VM_LARGE_PAGE) return STATUS_INVALID_PARAMETER_4;
    if (!may_allocate(type)) return STATUS_PRIVILEGE_NOT_HELD;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &in.other))) return status;

    if (!in.base) in.limits.highest = highest;          /* a given base is not held against it: 3.3 */
    return perform_allocate(&in, base_ptr, size_ptr);
}

NT_CALL(nt_allocate_virtual_memory_ex, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG type, ULONG protect,
        MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct allocate in = { .type = type, .protect = protect };
    struct memory_params params;
    NTSTATUS status;

    if (!memory_allocation_type_valid(type, true)) return STATUS_INVALID_PARAMETER;
    if (!allocation_protect_valid(type, protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if ((type & MEM_RESERVE_PLACEHOLDER) && protect != PAGE_NOACCESS) return STATUS_INVALID_PARAMETER;
    if ((status = memory_params_read(parameters, count, PARAMS_ALLOCATE, &params))) return status;
    if ((status = memory_range_read(base_ptr, size_ptr, &in.base, &in.size))) return status;

    if (in.base && params.limited) return STATUS_INVALID_PARAMETER;
    if (in.base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if (!in.base && (type & MEM_COMMIT)) in.type |= MEM_RESERVE;
    if (in.base && in.base < VM_LOWEST_USER && (type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER;
    if (!in.size || !range_in_user_space(in.base, in.size)) return STATUS_INVALID_PARAMETER;
    if ((type & MEM_LARGE_PAGES) && (in.base | in.size) % VM_LARGE_PAGE) return STATUS_INVALID_PARAMETER;
    if (!may_allocate(type)) return STATUS_PRIVILEGE_NOT_HELD;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &in.other))) return status;

    in.limits = params.limits;
    in.node = params.node;
    return perform_allocate(&in, base_ptr, size_ptr);
}

/* ---- free --------------------------------------------------------------------------------------------------- */

bool memory_free_type_valid(ULONG type)
{
    const ULONG placeholders = MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS;

    if ((type & ~placeholders) == MEM_RELEASE) return (type & placeholders) != placeholders;
    return type == MEM_DECOMMIT;
}

NT_CALL(nt_free_virtual_memory, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG type)
{
    ULONG placeholder = type & (MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS);
    struct process_object *other;
    uintptr_t base;
    size_t size;
    NTSTATUS status;

    if (!memory_free_type_valid(type)) return STATUS_INVALID_PARAMETER_4;
    if ((status = memory_range_read(base_ptr, size_ptr, &base, &size))) return status;
    if (base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!range_in_user_space(base, size)) return STATUS_INVALID_PARAMETER_3;
    if (placeholder && !size) return STATUS_INVALID_PARAMETER_3;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;

    status = other ? remote_free(other, &base, &size, type) : vm_free(&base, &size, type);
    if (status) return status;
    memory_range_write(base_ptr, size_ptr, base, size);
    return STATUS_SUCCESS;
}

/* ---- protect -------------------------------------------------------------------------------------------------- */

static NTSTATUS decode_protect(HANDLE process, uintptr_t base, size_t size, ULONG protect, struct process_object **other)
{
    ULONG revert = protect & PAGE_REVERT_TO_FILE_MAP;

    if (!memory_protect_valid(protect & ~revert)) return STATUS_INVALID_PAGE_PROTECTION;
    if (base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!size || !range_in_user_space(base, size)) return STATUS_INVALID_PARAMETER_3;
    return memory_process(process, PROCESS_VM_OPERATION, other);
}

NT_CALL(nt_protect_virtual_memory, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG protect, ULONG *old_ptr)
{
    ULONG kept = protect & (PAGE_BITS | PAGE_REVERT_TO_FILE_MAP);
    struct process_object *other;
    uint32_t old;
    uintptr_t base;
    size_t size;
    NTSTATUS status;

    if ((status = user_probe_for_write(old_ptr, sizeof(*old_ptr)))) return status;
    if ((status = memory_range_read(base_ptr, size_ptr, &base, &size))) return status;

    if (!(status = decode_protect(process, base, size, protect, &other)))
        status = other ? remote_protect(other, &base, &size, kept, &old) : vm_protect(&base, &size, kept, &old);
    if (status)
    {
        user_put(old_ptr, (ULONG)PAGE_NOACCESS);
        return status;
    }
    if (!other) note_stack_guard(base, size, protect);
    memory_range_write(base_ptr, size_ptr, base, size);
    user_put(old_ptr, (ULONG)old);
    return STATUS_SUCCESS;
}

/* ---- lock, flush ------------------------------------------------------------------------------------------------ */

#define MAP_PROCESS 1u
#define MAP_SYSTEM  2u

static NTSTATUS decode_lock(HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG map, uintptr_t *base, size_t *size,
                            struct process_object **other)
{
    NTSTATUS status;

    if (!map || (map & ~(MAP_PROCESS | MAP_SYSTEM))) return STATUS_INVALID_PARAMETER;
    if ((status = memory_range_read(base_ptr, size_ptr, base, size))) return status;
    if (*base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!*size || !range_in_user_space(*base, *size)) return STATUS_INVALID_PARAMETER_3;
    if (map & MAP_SYSTEM) return STATUS_PRIVILEGE_NOT_HELD;
    return memory_process(process, PROCESS_VM_OPERATION, other);
}

NT_CALL(nt_lock_virtual_memory, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG map)
{
    struct process_object *other;
    uintptr_t base;
    size_t size;
    NTSTATUS status;

    if ((status = decode_lock(process, base_ptr, size_ptr, map, &base, &size, &other))) return status;
    status = other ? remote_range(other, PEER_LOCK, &base, &size) : vm_lock_range(&base, &size);
    if (NT_SUCCESS(status)) memory_range_write(base_ptr, size_ptr, base, size);
    return status;
}

NT_CALL(nt_unlock_virtual_memory, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, ULONG map)
{
    struct process_object *other;
    uintptr_t base;
    size_t size;
    NTSTATUS status;

    if ((status = decode_lock(process, base_ptr, size_ptr, map, &base, &size, &other))) return status;
    status = other ? remote_range(other, PEER_UNLOCK, &base, &size) : vm_unlock_range(&base, &size);
    if (status) return status;
    memory_range_write(base_ptr, size_ptr, base, size);
    return STATUS_SUCCESS;
}

NT_CALL(nt_flush_virtual_memory, HANDLE process, PVOID *base_ptr, SIZE_T *size_ptr, IO_STATUS_BLOCK *io)
{
    IO_STATUS_BLOCK result = { .Information = 0 };
    struct process_object *other;
    uintptr_t base;
    size_t size;
    NTSTATUS status;

    if ((status = memory_range_read(base_ptr, size_ptr, &base, &size))) return status;
    if ((status = user_probe_for_write(io, sizeof(*io)))) return status;
    if (base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!range_in_user_space(base, size)) return STATUS_INVALID_PARAMETER_2;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;

    status = other ? remote_range(other, PEER_FLUSH, &base, &size) : view_flush(&base, &size);
    if (status) return status;
    result.Information = size;
    memory_range_write(base_ptr, size_ptr, base, size);
    user_write(io, &result, sizeof(result));
    return STATUS_SUCCESS;
}

/* x86 keeps its instruction cache coherent by itself; the handle is all there is to look at. */
NT_CALL(nt_flush_instruction_cache, HANDLE process, const void *base, SIZE_T size)
{
    struct process_object *other;
    NTSTATUS status;

    (void)base, (void)size;
    if ((status = memory_process(process, PROCESS_VM_WRITE, &other)) || !other) return status;
    if (remote_has_ended(other)) status = STATUS_PROCESS_IS_TERMINATING;
    object_unref(&other->header);
    return status;
}
