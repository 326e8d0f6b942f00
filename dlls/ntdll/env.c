/* Environment blocks: name=value strings, each ended by a zero, the last by two.
 *
 * A block is a block of the process heap, of exactly the size it needed when it last grew; that size is what
 * ProcessParameters->EnvironmentSize says of the current one (ntdll:env test_RtlSetCurrentEnvironment). The current
 * one belongs to the PEB lock. */

#include "casemap.h"

static RTL_CRITICAL_SECTION peb_lock = { (void *)(ULONG_PTR)-1, -1, 0, 0, 0, 0 };

extern NTSTATUS WINAPI RtlCreateEnvironmentEx(WCHAR *source, WCHAR **out, ULONG flags);
extern NTSTATUS WINAPI RtlSetEnvironmentVar(WCHAR **env, const WCHAR *name, SIZE_T name_len, const WCHAR *value,
                                            SIZE_T value_len);

void env_process_init(void)
{
    current_peb()->FastPebLock = &peb_lock;
}

void WINAPI RtlAcquirePebLock(void)
{
    RtlEnterCriticalSection(&peb_lock);
}

void WINAPI RtlReleasePebLock(void)
{
    RtlLeaveCriticalSection(&peb_lock);
}

static RTL_USER_PROCESS_PARAMETERS *parameters(void)
{
    return current_peb()->ProcessParameters;
}

/* In WCHARs, with the final zero. */
SIZE_T env_length(const WCHAR *env)
{
    const WCHAR *p = env;

    while (*p) p += wcslen(p) + 1;
    return p + 1 - env;
}

/* The name of an entry; the first character may be a '=' of its own (=C:=C:\folder). */
static SIZE_T entry_name_length(const WCHAR *entry)
{
    const WCHAR *p = *entry ? entry + 1 : entry;

    while (*p && *p != '=') p++;
    return p - entry;
}

/* The entry of this name, or NULL. What follows the name must be the '=', which may occur in the name, too. */
static WCHAR *find(const WCHAR *env, const WCHAR *name, SIZE_T len)
{
    if (!len) return NULL;
    for (; *env; env += wcslen(env) + 1)
        if (wcsnlen(env, len + 1) > len && env[len] == '=' && !RtlCompareUnicodeStrings(env, len, name, len, TRUE))
            return (WCHAR *)env;
    return NULL;
}

/* ---- blocks ---- */

static NTSTATUS duplicate(const WCHAR *source, WCHAR **out)
{
    static const WCHAR empty[1];
    SIZE_T bytes;

    if (!source) source = empty;
    bytes = env_length(source) * sizeof(WCHAR);
    if (!(*out = heap_alloc_zero(bytes))) return STATUS_NO_MEMORY;
    memcpy(*out, source, bytes);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlCreateEnvironmentEx(WCHAR *source, WCHAR **out, ULONG flags)
{
    (void)flags;
    return duplicate(source, out);
}

NTSTATUS WINAPI RtlCreateEnvironment(BOOLEAN inherit, WCHAR **out)
{
    NTSTATUS status;

    if (!inherit) return duplicate(NULL, out);
    RtlAcquirePebLock();
    status = duplicate(parameters()->Environment, out);
    RtlReleasePebLock();
    return status;
}

NTSTATUS WINAPI RtlDestroyEnvironment(WCHAR *env)
{
    heap_free(env);
    return STATUS_SUCCESS;
}

void WINAPI RtlSetCurrentEnvironment(WCHAR *env, WCHAR **old)
{
    WCHAR *previous;

    RtlAcquirePebLock();
    previous = parameters()->Environment;
    parameters()->Environment = env;
    parameters()->EnvironmentSize = RtlSizeHeap(process_heap(), 0, env);
    if (old) *old = previous;
    RtlReleasePebLock();
}

/* ---- variables ---- */

NTSTATUS WINAPI RtlQueryEnvironmentVariable(WCHAR *env, const WCHAR *name, SIZE_T name_len, WCHAR *value, SIZE_T size,
                                            SIZE_T *value_len)
{
    NTSTATUS status = STATUS_VARIABLE_NOT_FOUND;
    WCHAR *entry;

    RtlAcquirePebLock();
    if ((entry = find(env ? env : parameters()->Environment, name, name_len)))
    {
        SIZE_T len = wcslen(entry += name_len + 1);

        if (len <= size)
        {
            memcpy(value, entry, (len < size ? len + 1 : len) * sizeof(WCHAR));
            *value_len = len;
            status = STATUS_SUCCESS;
        }
        else
        {
            *value_len = len + 1;
            status = STATUS_BUFFER_TOO_SMALL;
        }
    }
    RtlReleasePebLock();
    return status;
}

NTSTATUS WINAPI RtlQueryEnvironmentVariable_U(WCHAR *env, UNICODE_STRING *name, UNICODE_STRING *value)
{
    SIZE_T len = 0;
    NTSTATUS status = RtlQueryEnvironmentVariable(env, name->Buffer, name->Length / sizeof(WCHAR), value->Buffer,
                                                  value->MaximumLength / sizeof(WCHAR), &len);

    if (status == STATUS_BUFFER_TOO_SMALL) len--;
    if (status == STATUS_VARIABLE_NOT_FOUND) len = 0;
    value->Length = (USHORT)(len * sizeof(WCHAR));
    return status;
}

/* Makes room for `need` WCHARs in all. */
static NTSTATUS grow(WCHAR **env, SIZE_T need)
{
    SIZE_T have = RtlSizeHeap(process_heap(), 0, *env) / sizeof(WCHAR);
    WCHAR *bigger;

    if (need <= have) return STATUS_SUCCESS;
    bigger = RtlReAllocateHeap(process_heap(), HEAP_ZERO_MEMORY, *env, need * sizeof(WCHAR));
    if (!bigger) return STATUS_NO_MEMORY;
    *env = bigger;
    return STATUS_SUCCESS;
}

/* Where a new name belongs: blocks are sorted without regard to case, as far as they were before. */
static WCHAR *place_for(WCHAR *env, const WCHAR *name, SIZE_T len)
{
    while (*env && RtlCompareUnicodeStrings(env, entry_name_length(env), name, len, TRUE) <= 0)
        env += wcslen(env) + 1;
    return env;
}

static NTSTATUS set(WCHAR **env, const WCHAR *name, SIZE_T name_len, const WCHAR *value, SIZE_T value_len)
{
    SIZE_T total = env_length(*env), entry_len = name_len + 1 + value_len + 1, old_len = 0;
    WCHAR *entry = find(*env, name, name_len);
    SIZE_T at;
    NTSTATUS status;

    if (entry) old_len = wcslen(entry) + 1;
    else if (!value) return STATUS_SUCCESS;
    else entry = place_for(*env, name, name_len);
    at = entry - *env;

    if (!value) entry_len = 0;
    if ((status = grow(env, total - old_len + entry_len))) return status;
    entry = *env + at;
    memmove(entry + entry_len, entry + old_len, (total - at - old_len) * sizeof(WCHAR));
    if (value)
    {
        memcpy(entry, name, name_len * sizeof(WCHAR));
        entry[name_len] = '=';
        memcpy(entry + name_len + 1, value, value_len * sizeof(WCHAR));
        entry[name_len + 1 + value_len] = 0;
    }
    return STATUS_SUCCESS;
}

/* env NULL: the current one. value NULL: the variable goes. */
NTSTATUS WINAPI RtlSetEnvironmentVar(WCHAR **env, const WCHAR *name, SIZE_T name_len, const WCHAR *value,
                                     SIZE_T value_len)
{
    NTSTATUS status;

    if (!name || !name_len) return STATUS_INVALID_PARAMETER;
    for (SIZE_T i = 1; i < name_len; i++)
        if (name[i] == '=') return STATUS_INVALID_PARAMETER;

    if (env) return set(env, name, name_len, value, value_len);
    RtlAcquirePebLock();
    if (!(status = set(&parameters()->Environment, name, name_len, value, value_len)))
    {
        parameters()->EnvironmentSize = RtlSizeHeap(process_heap(), 0, parameters()->Environment);
        parameters()->EnvironmentVersion++;
    }
    RtlReleasePebLock();
    return status;
}

NTSTATUS WINAPI RtlSetEnvironmentVariable(WCHAR **env, UNICODE_STRING *name, UNICODE_STRING *value)
{
    return RtlSetEnvironmentVar(env, name->Buffer, name->Length / sizeof(WCHAR), value ? value->Buffer : NULL,
                                value ? value->Length / sizeof(WCHAR) : 0);
}

/* ---- %name% ---- */

/* Appends, or only counts once it no longer fits. */
static void put(WCHAR *dst, SIZE_T size, SIZE_T *n, const WCHAR *text, SIZE_T len)
{
    if (*n + len < size) memcpy(dst + *n, text, len * sizeof(WCHAR));
    *n += len;
}

NTSTATUS WINAPI RtlExpandEnvironmentStrings(const WCHAR *env, WCHAR *src, SIZE_T src_len, WCHAR *dst, SIZE_T size,
                                            SIZE_T *needed)
{
    SIZE_T n = 0;

    RtlAcquirePebLock();
    if (!env) env = parameters()->Environment;
    for (SIZE_T i = 0; i < src_len; )
    {
        const WCHAR *value = NULL;
        SIZE_T end = i + 1;

        if (src[i] == '%')
        {
            while (end < src_len && src[end] != '%') end++;
            if (end < src_len && (value = find(env, src + i + 1, end - i - 1))) value += end - i;
        }
        else while (end < src_len && src[end] != '%') end++;

        if (value)
        {
            put(dst, size, &n, value, wcslen(value));
            i = end + 1;
        }
        else
        {
            /* The second % of what is no variable may begin one. */
            put(dst, size, &n, src + i, end - i);
            i = end;
        }
    }
    RtlReleasePebLock();
    if (n < size) dst[n] = 0;
    else if (size) dst[0] = 0;
    if (needed) *needed = n + 1;
    return n < size ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

NTSTATUS WINAPI RtlExpandEnvironmentStrings_U(PCWSTR env, const UNICODE_STRING *src, UNICODE_STRING *dst, ULONG *needed)
{
    SIZE_T n;
    NTSTATUS status = RtlExpandEnvironmentStrings(env, src->Buffer, src->Length / sizeof(WCHAR), dst->Buffer,
                                                  dst->MaximumLength / sizeof(WCHAR), &n);

    if (needed) *needed = (ULONG)(n * sizeof(WCHAR));
    if (!status) dst->Length = (USHORT)((n - 1) * sizeof(WCHAR));
    return status;
}
