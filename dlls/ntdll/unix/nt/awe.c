/* Physical pages and windows on them: decode (specification 20). */
#include "nt/memory.h"
#include "ob/token.h"
#include "ps/process_object.h"

#define COUNT_LIMIT (~(SIZE_T)0 / 0x1000)       /* as many as an address space could hold */

static NTSTATUS own_process(HANDLE process)
{
    struct process_object *other;
    NTSTATUS status;

    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other)) || !other) return status;
    object_unref(&other->header);
    return STATUS_NOT_SUPPORTED;                /* another's pages can only be mapped by itself */
}

/* An array of the program's, copied. */
static NTSTATUS read_array(const ULONG_PTR *from, SIZE_T count, uintptr_t **out)
{
    NTSTATUS status;

    if (count > COUNT_LIMIT) return STATUS_INVALID_PARAMETER_2;
    if (!(*out = malloc((count + !count) * sizeof(**out)))) return STATUS_NO_MEMORY;
    if ((status = user_read(*out, from, count * sizeof(**out)))) free(*out);
    return status;
}

/* ---- allocate, free ------------------------------------------------------------------------------------------ */

/* The program's array is found writable before anything is given out. */
static NTSTATUS allocate_pages(HANDLE process, ULONG_PTR *count_ptr, ULONG_PTR *pages)
{
    uintptr_t *numbers;
    ULONG_PTR wanted;
    size_t count;
    NTSTATUS status;

    if ((status = user_get(wanted, count_ptr))) return status;
    if ((status = user_probe_for_write(count_ptr, sizeof(*count_ptr)))) return status;
    if (wanted > COUNT_LIMIT) return STATUS_INVALID_PARAMETER_2;
    if ((status = own_process(process))) return status;
    if (!token_privilege_enabled(SE_LOCK_MEMORY_PRIVILEGE)) return STATUS_PRIVILEGE_NOT_HELD;
    if (!wanted) return STATUS_SUCCESS;
    if ((status = user_probe_for_write(pages, wanted * sizeof(*pages)))) return status;
    if (!(numbers = malloc(wanted * sizeof(*numbers)))) return STATUS_NO_MEMORY;
    count = wanted;
    if (!(status = vm_physical_allocate(&count, numbers)))
    {
        if (!(status = user_write(pages, numbers, count * sizeof(*numbers)))) status = user_put(count_ptr, (ULONG_PTR)count);
        if (status) vm_physical_free(&count, numbers);
    }
    free(numbers);
    return status;
}

NT_CALL(nt_allocate_user_physical_pages, HANDLE process, ULONG_PTR *count, ULONG_PTR *pages)
{
    return allocate_pages(process, count, pages);
}

/* The preferred node is a preference: pages come from where there are some. */
NT_CALL(nt_allocate_user_physical_pages_ex, HANDLE process, ULONG_PTR *count, ULONG_PTR *pages, MEM_EXTENDED_PARAMETER *parameters,
        ULONG parameter_count)
{
    struct memory_params params;
    NTSTATUS status;

    if ((status = memory_params_read(parameters, parameter_count, PARAMS_MAP, &params))) return status;
    if (params.limited || params.attributes || params.machine) return STATUS_INVALID_PARAMETER;
    return allocate_pages(process, count, pages);
}

NT_CALL(nt_free_user_physical_pages, HANDLE process, ULONG_PTR *count_ptr, const ULONG_PTR *pages)
{
    uintptr_t *numbers;
    ULONG_PTR wanted;
    size_t count;
    NTSTATUS status;

    if ((status = user_get(wanted, count_ptr))) return status;
    if ((status = user_probe_for_write(count_ptr, sizeof(*count_ptr)))) return status;
    if ((status = read_array(pages, wanted, &numbers))) return status;
    if (!(status = own_process(process)))
    {
        count = wanted;
        status = vm_physical_free(&count, numbers);
        user_put(count_ptr, (ULONG_PTR)count);  /* also when a wrong page ended it */
    }
    free(numbers);
    return status;
}

/* ---- map ------------------------------------------------------------------------------------------------------ */

NT_CALL(nt_map_user_physical_pages, void *address, SIZE_T count, const ULONG_PTR *pages)
{
    uintptr_t *numbers = NULL;
    NTSTATUS status;

    if (count > COUNT_LIMIT) return STATUS_INVALID_PARAMETER_2;
    if (pages && (status = read_array(pages, count, &numbers))) return status;
    /* here a page of number 0 is no page; only the scattering call unmaps one by one */
    for (SIZE_T i = 0; numbers && i < count; i++)
    {
        if (numbers[i]) continue;
        free(numbers);
        return STATUS_INVALID_PARAMETER_3;
    }
    status = vm_physical_map((uintptr_t)address, NULL, count, numbers);
    free(numbers);
    return status;
}

NT_CALL(nt_map_user_physical_pages_scatter, void *const *addresses, SIZE_T count, const ULONG_PTR *pages)
{
    uintptr_t *numbers = NULL, *places = NULL;
    NTSTATUS status;

    if ((status = read_array((const ULONG_PTR *)addresses, count, &places))) return status;
    if (!pages || !(status = read_array(pages, count, &numbers))) status = vm_physical_map(0, places, count, numbers);
    free(places);
    free(numbers);
    return status;
}
