/* Arguments that several Nt calls on memory have in common. */
#include "nt/memory.h"
#include "ps/process_object.h"
#include "ps/topology.h"

/* winnt.h of Windows 11; Wine 8's ends at type 5. */
enum
{
    PARAM_ADDRESS_REQUIREMENTS = 1, PARAM_NUMA_NODE, PARAM_PARTITION, PARAM_USER_PHYSICAL, PARAM_ATTRIBUTES,
    PARAM_IMAGE_MACHINE, PARAM_MAX
};
#define ATTRIBUTE_GRAPHICS            0x01u
#define ATTRIBUTE_NONPAGED            0x02u
#define ATTRIBUTE_ZERO_PAGES_OPTIONAL 0x04u
#define ATTRIBUTE_NONPAGED_LARGE      0x08u
#define ATTRIBUTE_NONPAGED_HUGE       0x10u
#define ATTRIBUTE_SOFT_FAULT_PAGES    0x20u
#define ATTRIBUTE_EC_CODE             0x40u

NTSTATUS memory_process(HANDLE process, ACCESS_MASK access, struct process_object **other)
{
    NTSTATUS status;

    *other = NULL;
    if (process == CURRENT_PROCESS_HANDLE) return STATUS_SUCCESS;
    if ((status = process_target(process, access, other))) return status;
    if (process_is_other(*other) && !(*other)->block->native) return STATUS_SUCCESS;
    status = process_is_other(*other) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;         /* a program of the host's: ps/native.h */
    object_unref(&(*other)->header);
    *other = NULL;
    return status;
}

bool memory_protect_valid(ULONG protect)
{
    ULONG base = protect & 0xff, modifiers = protect & (PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE);

    if (!base || (base & (base - 1))) return false;
    if (protect & ~(0xff | PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE | PAGE_TARGETS_INVALID)) return false;
    if (modifiers & (modifiers - 1)) return false;      /* none of the three goes with another */
    if (modifiers && base == PAGE_NOACCESS) return false;
    if ((protect & PAGE_TARGETS_INVALID) && base < PAGE_EXECUTE) return false;
    return true;
}

bool memory_zero_bits(ULONG_PTR zero_bits, uintptr_t *highest)
{
    *highest = 0;
    if (!zero_bits) return true;
    if (zero_bits <= 21) *highest = 0xffffffffu >> zero_bits;
    else if (zero_bits < 32) return false;
    else *highest = ~0ull >> __builtin_clzll(zero_bits);        /* a mask: only its leading zeros count */
    if (*highest > VM_HIGHEST_USER) *highest = 0;
    return true;
}

NTSTATUS memory_range_read(PVOID *base_ptr, SIZE_T *size_ptr, uintptr_t *base, size_t *size)
{
    NTSTATUS status;

    if ((status = user_read(base, base_ptr, sizeof(*base)))) return status;
    if ((status = user_read(size, size_ptr, sizeof(*size)))) return status;
    if ((status = user_probe_for_write(base_ptr, sizeof(*base)))) return status;
    return user_probe_for_write(size_ptr, sizeof(*size));
}

void memory_range_write(PVOID *base_ptr, SIZE_T *size_ptr, uintptr_t base, size_t size)
{
    user_write(base_ptr, &base, sizeof(base));
    user_write(size_ptr, &size, sizeof(size));
}

/* ---- extended parameters --------------------------------------------------------------------------------- */

static NTSTATUS read_requirements(const void *pointer, enum memory_params_use use, struct memory_params *out)
{
    struct { ULONG_PTR lowest, highest, alignment; } req;
    NTSTATUS status;

    if ((status = user_read(&req, pointer, sizeof(req)))) return status;
    if (!req.lowest && !req.highest && !req.alignment) return STATUS_SUCCESS;

    if (req.alignment && (use == PARAMS_MAP || req.alignment < VM_GRANULARITY || (req.alignment & (req.alignment - 1))))
        return STATUS_INVALID_PARAMETER;
    if (req.highest && ((req.highest + 1) % 0x1000 || req.highest > VM_HIGHEST_USER)) return STATUS_INVALID_PARAMETER;
    if (req.lowest % VM_GRANULARITY || req.lowest > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if (req.highest && req.lowest > req.highest) return STATUS_INVALID_PARAMETER;

    out->limits = (struct vm_limits){ req.lowest, req.highest, req.alignment };
    out->limited = true;
    return STATUS_SUCCESS;
}

static NTSTATUS read_node(uint32_t node, struct memory_params *out)
{
    if (node != ~0u && node > topology_highest_node()) return STATUS_INVALID_PARAMETER;
    out->node = node;
    return STATUS_SUCCESS;
}

static NTSTATUS read_attributes(uint64_t attributes, struct memory_params *out)
{
    if (attributes & ~0xffull) return STATUS_INVALID_PARAMETER;
    if (attributes & ATTRIBUTE_EC_CODE) return STATUS_NOT_SUPPORTED;    /* ARM64 */
    if (attributes & (ATTRIBUTE_NONPAGED | ATTRIBUTE_NONPAGED_LARGE | ATTRIBUTE_NONPAGED_HUGE))
        return STATUS_PRIVILEGE_NOT_HELD;
    out->attributes = attributes;
    return STATUS_SUCCESS;
}

/* The partition pseudo handles: current, system, that of the region. There is no other. */
static NTSTATUS check_partition(uint64_t handle)
{
    return handle >= (uint64_t)-3 ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

static NTSTATUS read_machine(uint64_t machine, struct memory_params *out)
{
    if (machine && machine != IMAGE_FILE_MACHINE_AMD64 && machine != IMAGE_FILE_MACHINE_I386) return STATUS_NOT_SUPPORTED;
    out->machine = machine;
    return STATUS_SUCCESS;
}

NTSTATUS memory_params_read(const MEM_EXTENDED_PARAMETER *params, ULONG count, enum memory_params_use use,
                            struct memory_params *out)
{
    struct { uint64_t type, value; } param;
    unsigned int seen = 0;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    out->node = ~0u;
    if (!count) return STATUS_SUCCESS;
    if (!params) return STATUS_INVALID_PARAMETER;

    for (ULONG i = 0; i < count; i++)
    {
        if ((status = user_read(&param, &params[i], sizeof(param)))) return status;
        if (!param.type || param.type >= PARAM_MAX) return STATUS_INVALID_PARAMETER;    /* the reserved bits too */
        if (seen & (1u << param.type)) return STATUS_INVALID_PARAMETER;
        seen |= 1u << param.type;
        switch (param.type)
        {
        case PARAM_ADDRESS_REQUIREMENTS:
            status = read_requirements((const void *)(uintptr_t)param.value, use, out);
            break;
        case PARAM_NUMA_NODE: status = read_node((uint32_t)param.value, out); break;
        case PARAM_PARTITION: status = check_partition(param.value); break;
        case PARAM_USER_PHYSICAL: status = STATUS_INVALID_HANDLE; break;        /* no AWE sections exist */
        case PARAM_ATTRIBUTES: status = read_attributes(param.value, out); break;
        case PARAM_IMAGE_MACHINE:
            status = use == PARAMS_MAP ? read_machine(param.value, out) : STATUS_INVALID_PARAMETER;
            break;
        }
        if (status) return status;
    }
    return STATUS_SUCCESS;
}
