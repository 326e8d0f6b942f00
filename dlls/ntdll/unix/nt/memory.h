/* What the Nt calls on memory and sections share: the checks of their arguments. */
#pragma once

#include "nt/nt.h"
#include "ob/object.h"
#include "ps/thread.h"
#include "vm/vm.h"

struct process_object;

/* The address space behind a process handle with the given rights. *other is NULL for our own, else the process, with a
 * reference: for remote_x(), which drops it (nt/remote.h). */
NTSTATUS memory_process(HANDLE process, ACCESS_MASK access, struct process_object **other);

/* Which allocation types go together (ex: for the call that knows placeholders), and which to free. */
bool memory_allocation_type_valid(ULONG type, bool ex);
bool memory_free_type_valid(ULONG type);

/* Writes up to the first page that refuses. */
size_t memory_write_pages(char *to, const char *from, size_t size);

/* One base protection, and modifiers that go with it (specification 4). */
bool memory_protect_valid(ULONG protect);

/* The highest address that ZeroBits allows; false: an invalid value (specification 3.3). 0 allows all. */
bool memory_zero_bits(ULONG_PTR zero_bits, uintptr_t *highest);

/* Base and size that a call takes and gives back. Reading also makes sure that they can be written: a call that did
 * its work must not fail afterwards. */
NTSTATUS memory_range_read(PVOID *base_ptr, SIZE_T *size_ptr, uintptr_t *base, size_t *size);
void memory_range_write(PVOID *base_ptr, SIZE_T *size_ptr, uintptr_t base, size_t size);

/* MEM_EXTENDED_PARAMETERs, read and checked (specification 12.4, 7.2). */
struct memory_params
{
    struct vm_limits limits;
    bool   limited;             /* an address requirement that is not all zero */
    uint32_t node;              /* NUMA node or ~0u */
    uint64_t attributes;        /* MEM_EXTENDED_PARAMETER_x */
    uint16_t machine;           /* 0: any */
};
enum memory_params_use { PARAMS_ALLOCATE, PARAMS_MAP };
NTSTATUS memory_params_read(const MEM_EXTENDED_PARAMETER *params, ULONG count, enum memory_params_use use,
                            struct memory_params *out);

/* Classes of NtSetInformationVirtualMemory. */
NTSTATUS memory_contents(HANDLE process, unsigned int class, const MEMORY_RANGE_ENTRY *entry);
NTSTATUS memory_call_targets(HANDLE process, SIZE_T count, const MEMORY_RANGE_ENTRY *entry, const void *info, ULONG length);

extern const struct object_type section_type;

/* Makes the section that another process described, with all that goes with its file. */
NTSTATUS section_receive(const struct vm_section_description *description, const struct vm_section_fds *fds,
                         struct section **section);
NTSTATUS section_lookup(HANDLE handle, ACCESS_MASK access, struct section **section);   /* a new reference */

static inline bool range_in_user_space(uintptr_t base, size_t size)
{
    return base <= VM_HIGHEST_USER && size <= VM_HIGHEST_USER - base + 1;
}
