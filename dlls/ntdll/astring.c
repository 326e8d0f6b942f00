/* STRING, ANSI_STRING, OEM_STRING: counted bytes. Case is that of ASCII: the code page is UTF-8. */

#include "rtl.h"

static inline char upper(char c)
{
    return (unsigned char)(c - 'a') < 26 ? c - 32 : c;
}

void WINAPI RtlInitString(STRING *str, PCSZ text)
{
    SIZE_T len = text ? strlen(text) : 0;

    if (len > 0xfffe) len = 0xfffe;
    str->Length = (USHORT)len;
    str->MaximumLength = text ? (USHORT)(len + 1) : 0;
    str->Buffer = (char *)text;
}

void WINAPI RtlInitAnsiString(ANSI_STRING *str, PCSZ text)
{
    RtlInitString(str, text);
}

NTSTATUS WINAPI RtlInitAnsiStringEx(ANSI_STRING *str, PCSZ text)
{
    if (text && strlen(text) > 0xfffe) return STATUS_NAME_TOO_LONG;
    RtlInitString(str, text);
    return STATUS_SUCCESS;
}

void WINAPI RtlFreeAnsiString(ANSI_STRING *str)
{
    if (str->Buffer)
    {
        heap_free(str->Buffer);
        memset(str, 0, sizeof(*str));
    }
}

void WINAPI RtlFreeOemString(OEM_STRING *str)
{
    RtlFreeAnsiString(str);
}

void WINAPI RtlCopyString(STRING *dst, const STRING *src)
{
    if (src)
    {
        dst->Length = src->Length < dst->MaximumLength ? src->Length : dst->MaximumLength;
        memmove(dst->Buffer, src->Buffer, dst->Length);
    }
    else dst->Length = 0;
}

static NTSTATUS append(STRING *dst, const char *text, SIZE_T len)
{
    if (dst->Length + len > dst->MaximumLength) return STATUS_BUFFER_TOO_SMALL;
    memmove(dst->Buffer + dst->Length, text, len);
    dst->Length = (USHORT)(dst->Length + len);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAppendAsciizToString(STRING *dst, LPCSTR text)
{
    return text ? append(dst, text, strlen(text)) : STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAppendStringToString(STRING *dst, const STRING *src)
{
    return src->Length ? append(dst, src->Buffer, src->Length) : STATUS_SUCCESS;
}

LONG WINAPI RtlCompareString(const STRING *s1, const STRING *s2, BOOLEAN fold)
{
    unsigned int n = s1->Length < s2->Length ? s1->Length : s2->Length;

    for (unsigned int i = 0; i < n; i++)
    {
        unsigned char a = s1->Buffer[i], b = s2->Buffer[i];

        if (fold)
        {
            a = upper(a);
            b = upper(b);
        }
        if (a != b) return a - b;
    }
    return s1->Length - s2->Length;
}

BOOLEAN WINAPI RtlEqualString(const STRING *s1, const STRING *s2, BOOLEAN fold)
{
    return s1->Length == s2->Length && !RtlCompareString(s1, s2, fold);
}

BOOLEAN WINAPI RtlPrefixString(const STRING *prefix, const STRING *str, BOOLEAN fold)
{
    STRING head = { prefix->Length, prefix->Length, str->Buffer };

    return prefix->Length <= str->Length && !RtlCompareString(prefix, &head, fold);
}

CHAR WINAPI RtlUpperChar(CHAR c)
{
    return upper(c);
}

void WINAPI RtlUpperString(STRING *dst, const STRING *src)
{
    USHORT n = src->Length < dst->MaximumLength ? src->Length : dst->MaximumLength;

    for (USHORT i = 0; i < n; i++) dst->Buffer[i] = upper(src->Buffer[i]);
    dst->Length = n;
}
