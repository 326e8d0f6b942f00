/* Memory of the Windows program: checked addresses, fault-recovering copies (user_copy_x86_64.S). */
#include "nt/nt.h"
#include "dispatch.h"

/* The end of the host's lower half. Windows stops 60 KiB earlier, but our own calls pass pointers to the Unix stack,
 * which may lie there. */
#define USER_END 0x7ffffffff000ull

static bool is_user_range(const void *p, size_t size)
{
    uintptr_t start = (uintptr_t)p;

    return start < USER_END && size <= USER_END - start;
}

NTSTATUS user_read(void *to, const void *from, size_t size)
{
    if (!is_user_range(from, size))
        return STATUS_ACCESS_VIOLATION;
    return user_copy(to, from, size);
}

NTSTATUS user_write(void *to, const void *from, size_t size)
{
    if (!is_user_range(to, size))
        return STATUS_ACCESS_VIOLATION;
    return user_copy(to, from, size);
}

NTSTATUS user_zero(void *to, size_t size)
{
    if (!is_user_range(to, size))
        return STATUS_ACCESS_VIOLATION;
    return user_fill_zero(to, size);
}

NTSTATUS user_probe_for_read(const void *from, size_t size)
{
    if (!size)
        return STATUS_SUCCESS;
    if (!is_user_range(from, size))
        return STATUS_ACCESS_VIOLATION;
    return user_touch_read(from, size);
}

NTSTATUS user_probe_for_write(void *to, size_t size)
{
    if (!size)
        return STATUS_SUCCESS;
    if (!is_user_range(to, size))
        return STATUS_ACCESS_VIOLATION;
    return user_touch_write(to, size);
}

NTSTATUS user_read_unicode_string(WCHAR **out, size_t *length, const UNICODE_STRING *from)
{
    UNICODE_STRING string = { 0, 0, NULL };
    NTSTATUS status;
    WCHAR *copy;

    if (from && (status = user_read(&string, from, sizeof(string))))
        return status;
    if (string.Length % sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER;
    if (!(copy = malloc(string.Length + sizeof(WCHAR))))
        return STATUS_NO_MEMORY;
    if ((status = user_read(copy, string.Buffer, string.Length)))
    {
        free(copy);
        return status;
    }
    copy[string.Length / sizeof(WCHAR)] = 0;
    *out = copy;
    if (length)
        *length = string.Length;
    return STATUS_SUCCESS;
}
