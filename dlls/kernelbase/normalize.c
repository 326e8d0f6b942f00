/* Unicode normalization, forms C and D, and FoldString. */
#include "kernelbase.h"
#include "decomposition_table.h"
#include "normalize.h"

enum { hangul_base = 0xac00, leading_base = 0x1100, vowel_base = 0x1161, trailing_base = 0x11a7 };
enum { leading_count = 19, vowel_count = 21, trailing_count = 28, hangul_count = leading_count * vowel_count * trailing_count };

BOOL decompose_unit(WCHAR c, WCHAR *first, WCHAR *second)
{
    size_t low = 0, high = ARRAY_LENGTH(decompositions);

    if (c < 0xc0) return FALSE;
    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (decompositions[middle].unit < c) low = middle + 1;
        else high = middle;
    }
    if (low == ARRAY_LENGTH(decompositions) || decompositions[low].unit != c) return FALSE;
    *first = decompositions[low].first;
    *second = decompositions[low].second;
    return TRUE;
}

int combining_class(WCHAR c)
{
    size_t low = 0, high = ARRAY_LENGTH(combining_classes);

    if (c < 0x300) return 0;
    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (c > combining_classes[middle].last) low = middle + 1;
        else if (c < combining_classes[middle].first) high = middle;
        else return combining_classes[middle].class;
    }
    return 0;
}

static WCHAR compose_pair(WCHAR first, WCHAR second)
{
    if (first >= leading_base && first < leading_base + leading_count && second >= vowel_base && second < vowel_base + vowel_count)
        return (WCHAR)(hangul_base + ((first - leading_base) * vowel_count + (second - vowel_base)) * trailing_count);
    if (first >= hangul_base && first < hangul_base + hangul_count && !((first - hangul_base) % trailing_count) &&
        second > trailing_base && second < trailing_base + trailing_count)
        return (WCHAR)(first + (second - trailing_base));
    if (second < 0x300) return 0;
    for (size_t i = 0; i < ARRAY_LENGTH(decompositions); i++)
    {
        size_t low = 0, high = ARRAY_LENGTH(composition_exclusions);

        if (decompositions[i].first != first || decompositions[i].second != second) continue;
        while (low < high)
        {
            size_t middle = (low + high) / 2;

            if (composition_exclusions[middle] < decompositions[i].unit) low = middle + 1;
            else high = middle;
        }
        if (low < ARRAY_LENGTH(composition_exclusions) && composition_exclusions[low] == decompositions[i].unit) continue;
        return decompositions[i].unit;
    }
    return 0;
}

/* The full decomposition of c at out; returns how many units. A decomposition is at most four units long. */
static size_t decompose_full(WCHAR c, WCHAR *out)
{
    WCHAR first, second;
    size_t n;

    if (c >= hangul_base && c < hangul_base + hangul_count)
    {
        unsigned int index = c - hangul_base;

        out[0] = (WCHAR)(leading_base + index / (vowel_count * trailing_count));
        out[1] = (WCHAR)(vowel_base + index / trailing_count % vowel_count);
        if (!(index % trailing_count)) return 2;
        out[2] = (WCHAR)(trailing_base + index % trailing_count);
        return 3;
    }
    if (!decompose_unit(c, &first, &second))
    {
        out[0] = c;
        return 1;
    }
    n = decompose_full(first, out);
    if (second) out[n++] = second;
    return n;
}

/* Marks after a base in order of their classes; equal classes keep their order. */
static void order_marks(WCHAR *text, size_t length)
{
    for (size_t i = 1; i < length; i++)
    {
        int class = combining_class(text[i]);

        for (size_t j = i; class && j > 0 && combining_class(text[j - 1]) > class; j--)
        {
            WCHAR swap = text[j];

            text[j] = text[j - 1];
            text[j - 1] = swap;
        }
    }
}

static size_t compose(WCHAR *text, size_t length)
{
    size_t starter = ~(size_t)0, out = 0;
    int last_class = 0;

    for (size_t i = 0; i < length; i++)
    {
        int class = combining_class(text[i]);
        WCHAR composed;

        if (starter != ~(size_t)0 && (out == starter + 1 || last_class < class) && (composed = compose_pair(text[starter], text[i])))
        {
            text[starter] = composed;
            continue;
        }
        if (!class)
        {
            starter = out;
            last_class = 0;
        }
        else last_class = class;
        text[out++] = text[i];
    }
    return out;
}

WCHAR *normalize(const WCHAR *source, size_t length, BOOL composed, size_t *result)
{
    WCHAR *text = heap_alloc((length * 4 + 1) * sizeof(WCHAR));
    size_t n = 0;

    if (!text) return NULL;
    for (size_t i = 0; i < length; i++) n += decompose_full(source[i], text + n);
    order_marks(text, n);
    if (composed) n = compose(text, n);
    text[n] = 0;
    *result = n;
    return text;
}

INT WINAPI NormalizeString(NORM_FORM form, const WCHAR *source, INT length, WCHAR *dest, INT size)
{
    WCHAR *text;
    size_t n;

    if (!source || length < -1 || size < 0) return fail(ERROR_INVALID_PARAMETER);
    /* Compatibility forms have no tables here. */
    if (form != NormalizationC && form != NormalizationD) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)wcslen(source) + 1;
    for (INT i = 0; i < length; i++)
    {
        BOOL high = (source[i] & 0xfc00) == 0xd800, low = (source[i] & 0xfc00) == 0xdc00;

        /* A lone surrogate: minus its place, as documented. */
        if (low || (high && (i + 1 == length || (source[i + 1] & 0xfc00) != 0xdc00)))
        {
            set_error(ERROR_NO_UNICODE_TRANSLATION);
            return -i;
        }
        i += high;
    }
    if (!(text = normalize(source, (size_t)length, form == NormalizationC, &n))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!dest || !size)
    {
        /* An estimate is all that is promised; it must suffice. */
        set_error(ERROR_SUCCESS);
    }
    else if (n > (size_t)size)
    {
        set_error(ERROR_INSUFFICIENT_BUFFER);
        heap_free(text);
        return -(INT)n;
    }
    else
    {
        memcpy(dest, text, n * sizeof(WCHAR));
        set_error(ERROR_SUCCESS);
    }
    heap_free(text);
    return (INT)n;
}

BOOL WINAPI IsNormalizedString(NORM_FORM form, const WCHAR *source, INT length)
{
    WCHAR *text;
    size_t n;
    BOOL same;

    if (!source || length < -1 || (form != NormalizationC && form != NormalizationD)) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)wcslen(source);
    if (!(text = normalize(source, (size_t)length, form == NormalizationC, &n))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    same = n == (size_t)length && !memcmp(text, source, n * sizeof(WCHAR));
    heap_free(text);
    set_error(ERROR_SUCCESS);
    return same;
}

/* ---- FoldString ------------------------------------------------------------------------------------- */

INT WINAPI FoldStringW(DWORD flags, const WCHAR *source, INT length, WCHAR *dest, INT size)
{
    WCHAR *text;
    size_t n;

    if (!source || !length || size < 0 || (size && !dest) || source == dest) return fail(ERROR_INVALID_PARAMETER);
    /* Compatibility zones and ligatures have no tables here. */
    if (!flags || (flags & ~(DWORD)(MAP_PRECOMPOSED | MAP_COMPOSITE | MAP_FOLDDIGITS)) ||
        (flags & (MAP_PRECOMPOSED | MAP_COMPOSITE)) == (MAP_PRECOMPOSED | MAP_COMPOSITE))
        return fail(ERROR_INVALID_FLAGS);
    if (length < 0) length = (INT)wcslen(source) + 1;
    if (flags & (MAP_PRECOMPOSED | MAP_COMPOSITE)) text = normalize(source, (size_t)length, (flags & MAP_PRECOMPOSED) != 0, &n);
    else if ((text = heap_alloc((SIZE_T)length * sizeof(WCHAR))))
    {
        memcpy(text, source, (SIZE_T)length * sizeof(WCHAR));
        n = (size_t)length;
    }
    if (!text) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (flags & MAP_FOLDDIGITS) for (size_t i = 0; i < n; i++) text[i] = ascii_digit(text[i]);
    if (size)
    {
        if (n > (size_t)size)
        {
            heap_free(text);
            return fail(ERROR_INSUFFICIENT_BUFFER);
        }
        memcpy(dest, text, n * sizeof(WCHAR));
    }
    heap_free(text);
    return (INT)n;
}
