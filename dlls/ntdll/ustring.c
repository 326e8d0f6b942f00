/* UNICODE_STRING: making, copying, comparing, case. The code pages are in codepage.c. */

#include <stdbool.h>

#include "casemap.h"

/* The longest string a UNICODE_STRING can hold together with a terminator. */
#define MAX_BYTES 0xfffc

extern BOOLEAN WINAPI RtlSuffixUnicodeString(const UNICODE_STRING *suffix, const UNICODE_STRING *str, BOOLEAN fold);
extern NTSTATUS WINAPI RtlValidateUnicodeString(ULONG flags, const UNICODE_STRING *str);

void WINAPI RtlInitUnicodeString(UNICODE_STRING *str, PCWSTR text)
{
    SIZE_T bytes = text ? wcslen(text) * sizeof(WCHAR) : 0;

    if (bytes > MAX_BYTES) bytes = MAX_BYTES;
    str->Length = (USHORT)bytes;
    str->MaximumLength = text ? (USHORT)(bytes + sizeof(WCHAR)) : 0;
    str->Buffer = (WCHAR *)text;
}

NTSTATUS WINAPI RtlInitUnicodeStringEx(UNICODE_STRING *str, PCWSTR text)
{
    if (text && wcslen(text) * sizeof(WCHAR) > MAX_BYTES) return STATUS_NAME_TOO_LONG;
    RtlInitUnicodeString(str, text);
    return STATUS_SUCCESS;
}

BOOLEAN WINAPI RtlCreateUnicodeString(UNICODE_STRING *str, PCWSTR text)
{
    SIZE_T bytes = (wcslen(text) + 1) * sizeof(WCHAR);

    if (bytes > MAX_BYTES + sizeof(WCHAR) || !(str->Buffer = heap_alloc(bytes))) return FALSE;
    memcpy(str->Buffer, text, bytes);
    str->Length = (USHORT)(bytes - sizeof(WCHAR));
    str->MaximumLength = (USHORT)bytes;
    return TRUE;
}

void WINAPI RtlFreeUnicodeString(UNICODE_STRING *str)
{
    if (str->Buffer)
    {
        heap_free(str->Buffer);
        memset(str, 0, sizeof(*str));
    }
}

void WINAPI RtlEraseUnicodeString(UNICODE_STRING *str)
{
    if (str->Buffer)
    {
        memset(str->Buffer, 0, str->MaximumLength);
        str->Length = 0;
    }
}

void WINAPI RtlCopyUnicodeString(UNICODE_STRING *dst, const UNICODE_STRING *src)
{
    USHORT bytes;

    if (!src)
    {
        dst->Length = 0;
        return;
    }
    bytes = src->Length < dst->MaximumLength ? src->Length : dst->MaximumLength;
    memmove(dst->Buffer, src->Buffer, bytes);
    dst->Length = bytes;
    if (bytes + sizeof(WCHAR) <= dst->MaximumLength) dst->Buffer[bytes / sizeof(WCHAR)] = 0;
}

static bool is_valid(const UNICODE_STRING *str)
{
    return !(str->Length & 1) && !(str->MaximumLength & 1) && str->Length <= str->MaximumLength &&
           (str->Buffer || !str->MaximumLength);
}

NTSTATUS WINAPI RtlValidateUnicodeString(ULONG flags, const UNICODE_STRING *str)
{
    return flags || (str && !is_valid(str)) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* Flags: 1 terminate the copy, 2 (only with 1) allocate even for an empty string. */
NTSTATUS WINAPI RtlDuplicateUnicodeString(int flags, const UNICODE_STRING *src, UNICODE_STRING *dst)
{
    SIZE_T bytes;

    if (!src || !dst || (flags != 0 && flags != 1 && flags != 3) || src->Length > src->MaximumLength ||
        (!src->Buffer && src->MaximumLength))
        return STATUS_INVALID_PARAMETER;

    bytes = src->Length + (flags & 1 ? sizeof(WCHAR) : 0);
    if (bytes > 0xffff) return STATUS_NAME_TOO_LONG;
    if (!src->Length && flags != 3)
    {
        memset(dst, 0, sizeof(*dst));
        return STATUS_SUCCESS;
    }
    if (!(dst->Buffer = heap_alloc(bytes))) return STATUS_NO_MEMORY;
    memcpy(dst->Buffer, src->Buffer, src->Length);
    if (flags & 1) dst->Buffer[src->Length / sizeof(WCHAR)] = 0;
    dst->Length = src->Length;
    dst->MaximumLength = (USHORT)bytes;
    return STATUS_SUCCESS;
}

static NTSTATUS append(UNICODE_STRING *dst, const WCHAR *text, SIZE_T bytes)
{
    SIZE_T total = dst->Length + bytes;

    if (total > dst->MaximumLength) return STATUS_BUFFER_TOO_SMALL;
    memmove((char *)dst->Buffer + dst->Length, text, bytes);
    dst->Length = (USHORT)total;
    if (total + sizeof(WCHAR) <= dst->MaximumLength) dst->Buffer[total / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAppendUnicodeToString(UNICODE_STRING *dst, const WCHAR *text)
{
    return text ? append(dst, text, wcslen(text) * sizeof(WCHAR)) : STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAppendUnicodeStringToString(UNICODE_STRING *dst, const UNICODE_STRING *src)
{
    return src->Length ? append(dst, src->Buffer, src->Length) : STATUS_SUCCESS;
}

/* ---- comparing ---- */

LONG WINAPI RtlCompareUnicodeStrings(const WCHAR *s1, SIZE_T len1, const WCHAR *s2, SIZE_T len2, BOOLEAN fold)
{
    SIZE_T n = len1 < len2 ? len1 : len2;

    for (SIZE_T i = 0; i < n; i++)
    {
        if (s1[i] == s2[i]) continue;
        if (!fold) return s1[i] - s2[i];
        if (case_upper(s1[i]) != case_upper(s2[i])) return case_upper(s1[i]) - case_upper(s2[i]);
    }
    return (LONG)(len1 - len2);
}

LONG WINAPI RtlCompareUnicodeString(const UNICODE_STRING *s1, const UNICODE_STRING *s2, BOOLEAN fold)
{
    return RtlCompareUnicodeStrings(s1->Buffer, s1->Length / sizeof(WCHAR), s2->Buffer, s2->Length / sizeof(WCHAR),
                                    fold);
}

BOOLEAN WINAPI RtlEqualUnicodeString(const UNICODE_STRING *s1, const UNICODE_STRING *s2, BOOLEAN fold)
{
    if (s1->Length != s2->Length) return FALSE;
    return fold ? !RtlCompareUnicodeString(s1, s2, TRUE) : !memcmp(s1->Buffer, s2->Buffer, s1->Length);
}

BOOLEAN WINAPI RtlPrefixUnicodeString(const UNICODE_STRING *prefix, const UNICODE_STRING *str, BOOLEAN fold)
{
    SIZE_T n = prefix->Length / sizeof(WCHAR);

    return prefix->Length <= str->Length && !RtlCompareUnicodeStrings(prefix->Buffer, n, str->Buffer, n, fold);
}

BOOLEAN WINAPI RtlSuffixUnicodeString(const UNICODE_STRING *suffix, const UNICODE_STRING *str, BOOLEAN fold)
{
    SIZE_T n = suffix->Length / sizeof(WCHAR);

    if (suffix->Length > str->Length) return FALSE;
    return !RtlCompareUnicodeStrings(suffix->Buffer, n, str->Buffer + str->Length / sizeof(WCHAR) - n, n, fold);
}

/* Algorithm 0 is the default, which is 1, x65599. */
NTSTATUS WINAPI RtlHashUnicodeString(const UNICODE_STRING *str, BOOLEAN fold, ULONG algorithm, ULONG *hash)
{
    ULONG h = 0;

    if (!str || !hash || algorithm > 1) return STATUS_INVALID_PARAMETER;
    for (SIZE_T i = 0; i < str->Length / sizeof(WCHAR); i++)
        h = h * 65599 + (fold ? case_upper(str->Buffer[i]) : str->Buffer[i]);
    *hash = h;
    return STATUS_SUCCESS;
}

/* Flags: 1 from the end, 2 the first that is not in the set, 4 without case. A position counts bytes and lies behind
 * the character when searching forwards, before it backwards. */
NTSTATUS WINAPI RtlFindCharInUnicodeString(int flags, const UNICODE_STRING *str, const UNICODE_STRING *set, USHORT *pos)
{
    unsigned int n = str->Length / sizeof(WCHAR), n_set = set->Length / sizeof(WCHAR);

    *pos = 0;
    if (flags & ~7) return STATUS_INVALID_PARAMETER;
    for (unsigned int i = 0; i < n; i++)
    {
        unsigned int at = flags & 1 ? n - 1 - i : i, j = 0;
        WCHAR c = str->Buffer[at];

        if (flags & 4) while (j < n_set && case_upper(set->Buffer[j]) != case_upper(c)) j++;
        else while (j < n_set && set->Buffer[j] != c) j++;
        if ((j < n_set) != !(flags & 2)) continue;
        *pos = (USHORT)((flags & 1 ? at : at + 1) * sizeof(WCHAR));
        return STATUS_SUCCESS;
    }
    return STATUS_NOT_FOUND;
}

/* ---- case ---- */

WCHAR WINAPI RtlUpcaseUnicodeChar(WCHAR c)
{
    return case_upper(c);
}

WCHAR WINAPI RtlDowncaseUnicodeChar(WCHAR c)
{
    return case_lower(c);
}

static NTSTATUS convert_case(UNICODE_STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc, WCHAR (WINAPI *map)(WCHAR))
{
    if (alloc)
    {
        dst->MaximumLength = src->Length;
        if (!(dst->Buffer = heap_alloc(src->Length))) return STATUS_NO_MEMORY;
    }
    else if (src->Length > dst->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    for (SIZE_T i = 0; i < src->Length / sizeof(WCHAR); i++) dst->Buffer[i] = map(src->Buffer[i]);
    dst->Length = src->Length;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlUpcaseUnicodeString(UNICODE_STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return convert_case(dst, src, alloc, RtlUpcaseUnicodeChar);
}

NTSTATUS WINAPI RtlDowncaseUnicodeString(UNICODE_STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return convert_case(dst, src, alloc, RtlDowncaseUnicodeChar);
}
