/* InitializeProcThreadAttributeList and friends. The list's layout is known to programs: kernel32:process looks. */
#include "kernelbase.h"
#include "process_attributes.h"

static SIZE_T list_size(DWORD count)
{
    return offsetof(struct _PROC_THREAD_ATTRIBUTE_LIST, attributes[count]);
}

BOOL WINAPI InitializeProcThreadAttributeList(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD count, DWORD flags, SIZE_T *size)
{
    SIZE_T needed = list_size(count), room = *size;

    if (flags || count > 64) return fail(ERROR_INVALID_PARAMETER);
    *size = needed;
    if (!list || room < needed) return fail(ERROR_INSUFFICIENT_BUFFER);
    list->mask = list->count = 0;
    list->room = count;
    list->reserved = 0;
    return TRUE;
}

void WINAPI DeleteProcThreadAttributeList(LPPROC_THREAD_ATTRIBUTE_LIST list)
{
    (void)list;         /* all of it is the caller's */
}

/* 0, or why not. */
static DWORD check_attribute(DWORD_PTR attribute, SIZE_T size)
{
    switch (attribute)
    {
    case PROC_THREAD_ATTRIBUTE_PARENT_PROCESS:
        return size == sizeof(HANDLE) ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_HANDLE_LIST:
    case PROC_THREAD_ATTRIBUTE_JOB_LIST:
        return size && size % sizeof(HANDLE) == 0 ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY:
        return size == sizeof(GROUP_AFFINITY) ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_PREFERRED_NODE:
        return size == sizeof(USHORT) ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_IDEAL_PROCESSOR:
        return size == sizeof(PROCESSOR_NUMBER) ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_CHILD_PROCESS_POLICY:
        return size == sizeof(DWORD) || size == sizeof(DWORD64) ? 0 : ERROR_BAD_LENGTH;
    case PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY:
        return size == sizeof(DWORD) || size == sizeof(DWORD64) || size == 2 * sizeof(DWORD64) ? 0 : ERROR_BAD_LENGTH;
    default:
        return ERROR_NOT_SUPPORTED;
    }
}

BOOL WINAPI UpdateProcThreadAttribute(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD flags, DWORD_PTR attribute, void *value,
                                      SIZE_T size, void *previous, SIZE_T *returned)
{
    struct proc_thread_attribute *entry;
    DWORD mask = 1u << (attribute & 31), error;

    (void)previous;
    (void)returned;
    if (flags) return fail(ERROR_INVALID_PARAMETER);
    if (list->count >= list->room) return fail(ERROR_GEN_FAILURE);
    if ((error = check_attribute(attribute, size))) return fail(error);
    if (list->mask & mask) return fail(ERROR_OBJECT_NAME_EXISTS);
    list->mask |= mask;
    entry = &list->attributes[list->count++];
    entry->attribute = attribute;
    entry->size = size;
    entry->value = value;
    return TRUE;
}
