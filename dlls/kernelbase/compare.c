/* Comparing strings as people sort them, and sort keys.
 *
 * A string is compared on three levels: letters, then accents, then case. On the first level white space comes before
 * punctuation, that before symbols, then digits, then letters in the order of their base letters. Apostrophe and
 * hyphen count only when all else is equal, unless SORT_STRINGSORT is asked for. The order of letters is that of their
 * code points, which for Latin, Greek and Cyrillic base letters is the alphabet's, but for ligatures and the like.
 */
#include "kernelbase.h"
#include "normalize.h"

enum level { ignored, space, punctuation, symbol, digit, letter };

/* One collation element. */
struct element
{
    DWORD primary;      /* 0: nothing on the first level (a mark, or ignored) */
    WORD  accent;
    BYTE  case_weight;  /* 0 lower or none, 1 upper */
    BYTE  minor;        /* apostrophe or hyphen: counts last */
};

struct cursor
{
    const WCHAR *p, *end;
    WCHAR queue[8];     /* the rest of a decomposition */
    int   queued;
    DWORD flags;
};

static WORD kind_of(WCHAR c)
{
    WORD type;

    GetStringTypeW(CT_CTYPE1, &c, 1, &type);
    return type;
}

/* The next unit, decomposed and expanded; 0 at the end (which NUL characters of the string are skipped for). */
static BOOL next_unit(struct cursor *cursor, WCHAR *c)
{
    static const struct { WCHAR c; WCHAR expansion[3]; } expansions[] =
    {
        { 0xc6, L"AE" }, { 0xd0, L"D" }, { 0xd8, L"O\x338" }, { 0xde, L"TH" }, { 0xdf, L"ss" }, { 0xe6, L"ae" }, { 0xf0, L"d" },
        { 0xf8, L"o\x338" }, { 0xfe, L"th" }, { 0x152, L"OE" }, { 0x153, L"oe" },
    };
    WCHAR first, second;

    if (cursor->queued)
    {
        *c = cursor->queue[--cursor->queued];
        return TRUE;
    }
    if (cursor->p == cursor->end) return FALSE;
    *c = *cursor->p++;
    if (*c < 0xc0) return TRUE;
    for (size_t i = 0; *c < 0x200 && i < ARRAY_LENGTH(expansions); i++)
    {
        if (expansions[i].c != *c) continue;
        for (int n = 2; n > 0; n--) if (expansions[i].expansion[n]) cursor->queue[cursor->queued++] = expansions[i].expansion[n];
        *c = expansions[i].expansion[0];
        return TRUE;
    }
    while (cursor->queued < 7 && decompose_unit(*c, &first, &second))
    {
        if (second) cursor->queue[cursor->queued++] = second;
        *c = first;
    }
    return TRUE;
}

/* The next element; FALSE at the end. */
static BOOL next_element(struct cursor *cursor, struct element *element)
{
    DWORD flags = cursor->flags;
    enum level level;
    WORD kind;
    WCHAR c, base;

    for (;;)
    {
        if (!next_unit(cursor, &c)) return FALSE;
        memset(element, 0, sizeof(*element));
        if (!c) continue;
        if (combining_class(c) || (c >= 0x300 && c < 0x370))
        {
            element->accent = c;
            if (flags & (NORM_IGNORENONSPACE | LINGUISTIC_IGNOREDIACRITIC)) continue;
            return TRUE;
        }
        kind = kind_of(c);
        /* Control characters and what is not defined weigh nothing. */
        if (((kind & C1_CNTRL) && !(kind & C1_SPACE)) || (!kind && c < 0x80)) continue;
        if (!(flags & SORT_STRINGSORT) && (c == '\'' || c == '-' || c == 0x2010 || c == 0x2011 || c == 0xad))
        {
            if (flags & NORM_IGNORESYMBOLS) continue;
            element->minor = c == '\'' ? 1 : 2;
            return TRUE;
        }
        base = c;
        if (kind & C1_SPACE) level = space;
        else if (kind & C1_DIGIT) level = digit;
        else if (kind & C1_PUNCT)
        {
            level = wcschr(L"$+<=>^`|~", c) || c >= 0x80 ? symbol : punctuation;
            if (flags & NORM_IGNORESYMBOLS) continue;
        }
        else if (kind & C1_ALPHA)
        {
            level = letter;
            base = RtlDowncaseUnicodeChar(c);
            if (base != c && !(flags & (NORM_IGNORECASE | LINGUISTIC_IGNORECASE))) element->case_weight = 1;
        }
        else level = symbol;
        if (level == space && (flags & NORM_IGNORESYMBOLS) && c != ' ') continue;
        element->primary = (DWORD)level << 16 | base;
        return TRUE;
    }
}

static int compare_strings(const WCHAR *first, INT first_length, const WCHAR *second, INT second_length, DWORD flags)
{
    struct cursor a = { first, first + first_length, { 0 }, 0, flags }, b = { second, second + second_length, { 0 }, 0, flags };
    int accent = 0, case_order = 0, minor = 0;
    struct element x, y;
    BOOL more_x, more_y;

    more_x = next_element(&a, &x);
    more_y = next_element(&b, &y);
    for (;;)
    {
        /* Marks and minor punctuation are set aside, so that what counts on the first level meets its like. */
        WORD accents_x = 0, accents_y = 0;
        BYTE minors_x = 0, minors_y = 0;

        while (more_x && !x.primary)
        {
            if (x.accent && !accents_x) accents_x = x.accent;
            if (x.minor && !minors_x) minors_x = x.minor;
            more_x = next_element(&a, &x);
        }
        while (more_y && !y.primary)
        {
            if (y.accent && !accents_y) accents_y = y.accent;
            if (y.minor && !minors_y) minors_y = y.minor;
            more_y = next_element(&b, &y);
        }
        if (!accent && accents_x != accents_y) accent = accents_x < accents_y ? -1 : 1;
        if (!minor && minors_x != minors_y) minor = minors_x < minors_y ? -1 : 1;
        if (!more_x || !more_y) break;
        if (x.primary != y.primary) return x.primary < y.primary ? -1 : 1;
        if (!case_order && x.case_weight != y.case_weight) case_order = x.case_weight < y.case_weight ? -1 : 1;
        more_x = next_element(&a, &x);
        more_y = next_element(&b, &y);
    }
    if (more_x || more_y) return more_x ? 1 : -1;
    return accent ? accent : case_order ? case_order : minor;
}

#define COMPARE_FLAGS (NORM_IGNORECASE | NORM_IGNOREKANATYPE | NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS | NORM_IGNOREWIDTH | SORT_STRINGSORT | \
                       NORM_LINGUISTIC_CASING | LINGUISTIC_IGNORECASE | LINGUISTIC_IGNOREDIACRITIC | SORT_DIGITSASNUMBERS | \
                       LOCALE_USE_CP_ACP | 0x10000000 /* an internal flag that programs were seen to pass */)

INT WINAPI CompareStringEx(const WCHAR *locale, DWORD flags, const WCHAR *first, INT first_length, const WCHAR *second, INT second_length,
                           NLSVERSIONINFO *version, void *reserved, LPARAM handle)
{
    int result;

    (void)locale;
    (void)version;
    (void)reserved;
    (void)handle;
    if (!first || !second) return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(DWORD)COMPARE_FLAGS) return fail(ERROR_INVALID_FLAGS);
    if (first_length < 0) first_length = (INT)wcslen(first);
    if (second_length < 0) second_length = (INT)wcslen(second);
    result = compare_strings(first, first_length, second, second_length, flags);
    return result < 0 ? CSTR_LESS_THAN : result > 0 ? CSTR_GREATER_THAN : CSTR_EQUAL;
}

INT WINAPI CompareStringW(LCID locale, DWORD flags, const WCHAR *first, INT first_length, const WCHAR *second, INT second_length)
{
    (void)locale;
    return CompareStringEx(NULL, flags, first, first_length, second, second_length, NULL, NULL, 0);
}

static WCHAR *widen(const char *text, INT *length)
{
    INT size = *length < 0 ? (INT)strlen(text) : *length;
    INT wide_size = size ? MultiByteToWideChar(CP_ACP, 0, text, size, NULL, 0) : 0;
    WCHAR *wide = heap_alloc(((SIZE_T)wide_size + 1) * sizeof(WCHAR));

    if (!wide) return NULL;
    if (wide_size) MultiByteToWideChar(CP_ACP, 0, text, size, wide, wide_size);
    *length = wide_size;
    return wide;
}

INT WINAPI CompareStringA(LCID locale, DWORD flags, const char *first, INT first_length, const char *second, INT second_length)
{
    WCHAR *wide_first, *wide_second = NULL;
    INT result = 0;

    if (!first || !second) return fail(ERROR_INVALID_PARAMETER);
    wide_first = widen(first, &first_length);
    if (wide_first) wide_second = widen(second, &second_length);
    if (wide_second) result = CompareStringW(locale, flags, wide_first, first_length, wide_second, second_length);
    else set_error(ERROR_NOT_ENOUGH_MEMORY);
    heap_free(wide_second);
    heap_free(wide_first);
    return result;
}

INT WINAPI CompareStringOrdinal(const WCHAR *first, INT first_length, const WCHAR *second, INT second_length, BOOL ignore_case)
{
    INT length;

    if (!first || !second) return fail(ERROR_INVALID_PARAMETER);
    if (first_length < -1 || second_length < -1) return fail(ERROR_INVALID_PARAMETER);
    if (first_length < 0) first_length = (INT)wcslen(first);
    if (second_length < 0) second_length = (INT)wcslen(second);
    length = first_length < second_length ? first_length : second_length;
    for (INT i = 0; i < length; i++)
    {
        WCHAR a = first[i], b = second[i];

        if (a != b && ignore_case)
        {
            a = RtlUpcaseUnicodeChar(a);
            b = RtlUpcaseUnicodeChar(b);
        }
        if (a != b) return a < b ? CSTR_LESS_THAN : CSTR_GREATER_THAN;
    }
    return first_length == second_length ? CSTR_EQUAL : first_length < second_length ? CSTR_LESS_THAN : CSTR_GREATER_THAN;
}

/* ---- searching -------------------------------------------------------------------------------------- */
INT WINAPI FindStringOrdinal(DWORD where, const WCHAR *source, INT source_length, const WCHAR *value, INT value_length, BOOL ignore_case)
{
    INT last;

    if (!source || !value || source_length < -1 || value_length < -1)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return -1;
    }
    if (source_length < 0) source_length = (INT)wcslen(source);
    if (value_length < 0) value_length = (INT)wcslen(value);
    set_error(ERROR_SUCCESS);
    last = source_length - value_length;
    switch (where)
    {
    case FIND_STARTSWITH:
        return last >= 0 && CompareStringOrdinal(source, value_length, value, value_length, ignore_case) == CSTR_EQUAL ? 0 : -1;
    case FIND_ENDSWITH:
        return last >= 0 && CompareStringOrdinal(source + last, value_length, value, value_length, ignore_case) == CSTR_EQUAL ? last : -1;
    case FIND_FROMSTART:
        for (INT i = 0; i <= last; i++)
            if (CompareStringOrdinal(source + i, value_length, value, value_length, ignore_case) == CSTR_EQUAL) return i;
        return -1;
    case FIND_FROMEND:
        for (INT i = last; i >= 0; i--)
            if (CompareStringOrdinal(source + i, value_length, value, value_length, ignore_case) == CSTR_EQUAL) return i;
        return -1;
    }
    set_error(ERROR_INVALID_FLAGS);
    return -1;
}

/* ---- sort keys -------------------------------------------------------------------------------------- */

/* The bytes of a key, or only their count. */
struct key
{
    BYTE *bytes;
    INT   size, length;
};

static void key_put(struct key *key, BYTE byte)
{
    if (key->length < key->size) key->bytes[key->length] = byte;
    key->length++;
}

/* Levels one after the other, 1 between them, 0 at the end, so that memcmp on keys is CompareString on strings. Returns
 * the length; bytes beyond size are not written. */
INT sort_key(const WCHAR *string, INT length, DWORD flags, BYTE *bytes, INT size)
{
    struct key key = { bytes, size, 0 };
    struct element element;

    for (int pass = 0; pass < 4; pass++)
    {
        struct cursor cursor = { string, string + length, { 0 }, 0, flags };
        int pending = 0;        /* weights of the default kind, written only if another follows */

        while (next_element(&cursor, &element))
        {
            BYTE weight = 2;

            if (pass == 0)
            {
                /* No byte of a weight is 0 or 1. */
                if (!element.primary) continue;
                key_put(&key, (BYTE)(2 + (element.primary >> 16)));
                key_put(&key, (BYTE)(2 + (element.primary >> 12 & 15)));
                key_put(&key, (BYTE)(2 + (element.primary >> 6 & 63)));
                key_put(&key, (BYTE)(2 + (element.primary & 63)));
                continue;
            }
            if (pass == 1 && element.primary && !element.accent) weight = 2;
            else if (pass == 1 && element.accent) weight = (BYTE)(3 + element.accent % 250);
            else if (pass == 2 && element.primary) weight = element.case_weight ? 3 : 2;
            else if (pass == 3 && element.minor) weight = (BYTE)(2 + element.minor);
            else if (pass != 3 || !element.primary) continue;
            if (weight == 2)
            {
                pending++;
                continue;
            }
            for (; pending; pending--) key_put(&key, 2);
            key_put(&key, weight);
        }
        key_put(&key, pass == 3 ? 0 : 1);
    }
    return key.length;
}
