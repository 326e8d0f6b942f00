/* Locales and multibyte characters. There are two locales: "C", where a byte is a character, and the user's, whose
 * language is English and whose code page is the system's ANSI one (UTF-8), so that names and arguments go through
 * mbstowcs and wcstombs unharmed. Any other is refused, as on a system where it is not installed.
 */
#include "crt.h"

#define CATEGORIES 6                    /* LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME */
enum { ALL_ = 0, CTYPE_ = 2 };

int strcoll(const char *a, const char *b);
int _stricmp(const char *a, const char *b);
int sprintf(char *buffer, const char *format, ...);

static bool is_user[CATEGORIES];
int __mb_cur_max = 1;

CRT_API(int, ___mb_cur_max_func, void) { return __mb_cur_max; }
CRT_API(int *, __p___mb_cur_max, void) { return &__mb_cur_max; }
CRT_API(unsigned int, ___lc_codepage_func, void) { return is_user[CTYPE_] ? GetACP() : 0; }
CRT_API(unsigned int, ___lc_collate_cp_func, void) { return is_user[1] ? GetACP() : 0; }

static int page_max(void)
{
    CPINFO info;
    return GetCPInfo(CP_ACP, &info) ? (int)info.MaxCharSize : 1;
}

/* ---- which locale ---------------------------------------------------------------------------------------- */
static const char *user_name(void)
{
    static char name[48];
    if (!name[0]) sprintf(name, "English_United States.%u", GetACP());
    return name;
}
/* 0: C, 1: the user's, -1: there is none of that name */
static int which_locale(const char *name)
{
    static const char *const names[] = { "", ".acp", ".ocp", ".utf8", ".utf-8", "en-us", "en-us.utf8", "en-us.utf-8", "en", "english", "english_united states",
                                         "english_united states.utf8", "english_united states.utf-8", "american", "usa" };
    char number[16];
    unsigned int i;

    if (!strcmp(name, "C")) return 0;
    if (!_stricmp(name, user_name())) return 1;
    sprintf(number, ".%u", GetACP());
    if (!strcmp(name, number)) return 1;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!_stricmp(name, names[i])) return strchr(names[i], '8') && GetACP() != CP_UTF8 ? -1 : 1;
    return -1;
}

static char *locale_name(int category)
{
    static const char *const prefixes[] = { "LC_COLLATE=", ";LC_CTYPE=", ";LC_MONETARY=", ";LC_NUMERIC=", ";LC_TIME=" };
    static char c_name[] = "C", mixed[5 * 64];
    int i, n = 0;

    if (category) return is_user[category] ? (char *)user_name() : c_name;
    for (i = 2; i < CATEGORIES; i++) if (is_user[i] != is_user[1]) break;
    if (i == CATEGORIES) return locale_name(1);
    for (i = 1; i < CATEGORIES; i++) n += sprintf(mixed + n, "%s%s", prefixes[i - 1], locale_name(i));
    return mixed;
}

/* what locale_name made for LC_ALL */
static bool set_mixed(const char *name)
{
    bool wanted[CATEGORIES] = { false };
    int i;

    for (i = 1; i < CATEGORIES; i++)
    {
        char one[64];
        const char *value = strchr(name, '='), *end;
        size_t n;
        int which;
        if (!value) return false;
        value++;
        if (!(end = strchr(value, ';'))) end = value + strlen(value);
        if ((n = end - value) >= sizeof(one)) return false;
        memcpy(one, value, n);
        one[n] = 0;
        if ((which = which_locale(one)) < 0) return false;
        wanted[i] = which;
        name = *end ? end + 1 : end;
    }
    memcpy(is_user, wanted, sizeof(is_user));
    return true;
}

CRT_API(char *, setlocale, int category, const char *name)
{
    int which, i;

    if (category < 0 || category >= CATEGORIES) return NULL;
    if (!name) return locale_name(category);
    if (!category && memcmp(name, "LC_", 3) == 0) { if (!set_mixed(name)) return NULL; }
    else if ((which = which_locale(name)) < 0) return NULL;
    else for (i = category ? category : 1; i <= (category ? category : CATEGORIES - 1); i++) is_user[i] = which;
    __mb_cur_max = is_user[CTYPE_] ? page_max() : 1;
    return locale_name(category);
}
CRT_API(crt_wchar *, _wsetlocale, int category, const crt_wchar *name)
{
    static crt_wchar wide[5 * 64];
    char *narrow = name ? crt_to_narrow(name) : NULL, *ret = name && !narrow ? NULL : setlocale(category, narrow);
    size_t i;

    free(narrow);
    if (!ret) return NULL;
    for (i = 0; (wide[i] = (unsigned char)ret[i]); i++) {}
    return wide;
}
CRT_API(int, _configthreadlocale, int type) { return type == 0 || type == 2 ? 2 : -1; }   /* one locale for all threads is what there is */

static char dot[] = ".", none[] = "", comma[] = ",", groups[] = "\3", dollar[] = "$", usd[] = "USD", minus[] = "-";
static crt_wchar wdot[] = { '.', 0 }, wnone[] = { 0 }, wcomma[] = { ',', 0 }, wdollar[] = { '$', 0 }, wusd[] = { 'U', 'S', 'D', 0 }, wminus[] = { '-', 0 };
struct lconv_ms
{
    char *decimal_point, *thousands_sep, *grouping, *int_curr_symbol, *currency_symbol, *mon_decimal_point,
         *mon_thousands_sep, *mon_grouping, *positive_sign, *negative_sign;
    char fields[8];
    crt_wchar *w[8];
};
CRT_API(struct lconv_ms *, localeconv, void)
{
    static struct lconv_ms conv;
    bool money = is_user[3], number = is_user[4];

    conv = (struct lconv_ms){ dot, number ? comma : none, number ? groups : none, money ? usd : none, money ? dollar : none, money ? dot : none,
        money ? comma : none, money ? groups : none, none, money ? minus : none, { 127, 127, 127, 127, 127, 127, 127, 127 },
        { wdot, number ? wcomma : wnone, money ? wusd : wnone, money ? wdollar : wnone, money ? wdot : wnone, money ? wcomma : wnone, wnone, money ? wminus : wnone } };
    if (money) memcpy(conv.fields, (char[8]){ 2, 2, 1, 0, 1, 0, 0, 0 }, 8);
    return &conv;
}
CRT_API(int, strcoll, const char *a, const char *b) { return strcmp(a, b); }
CRT_API(size_t, strxfrm, char *to, const char *from, size_t n)
{
    size_t length = strlen(from);
    if (n) { size_t copy = length < n ? length + 1 : n; memcpy(to, from, copy); }
    return length;
}
CRT_API(size_t, wcsxfrm, crt_wchar *to, const crt_wchar *from, size_t n)
{
    size_t length = wcslen(from);
    if (n) { size_t copy = length < n ? length + 1 : n; memcpy(to, from, copy * 2); }
    return length;
}

/* ---- locale objects: what the functions with _l in their names take ---------------------------------------- */
struct locale_object { bool user; };

CRT_API(struct locale_object *, _create_locale, int category, const char *name)
{
    int which = name ? which_locale(name) : -1;
    struct locale_object *object;

    if (category < 0 || category >= CATEGORIES || which < 0) return NULL;
    if ((object = calloc(1, sizeof(*object)))) object->user = which && (category == ALL_ || category == CTYPE_);
    return object;
}
CRT_API(void, _free_locale, struct locale_object *object) { free(object); }
CRT_API(struct locale_object *, _get_current_locale, void)
{
    struct locale_object *object = calloc(1, sizeof(*object));
    if (object) object->user = is_user[CTYPE_];
    return object;
}
static bool in_page(const struct locale_object *object) { return object ? object->user : is_user[CTYPE_]; }

/* ---- one character ------------------------------------------------------------------------------------------- */
/* Bytes of the character at s: 0 the terminator, -1 none is there, -2 n bytes are only its beginning. */
static int char_to_wide(crt_wchar *out, const char *s, size_t n, bool page)
{
    WCHAR units[2];
    size_t i;
    int max;

    if (!page || (unsigned char)*s < 0x80)
    {
        if (out) *out = (unsigned char)*s;
        return *s != 0;
    }
    max = page_max();
    for (i = 1; i <= n && i <= (size_t)max; i++)
    {
        int count = MultiByteToWideChar(CP_ACP, MB_ERR_INVALID_CHARS, s, i, units, 2);
        if (count == 2) return -1;      /* more than one wchar_t can hold */
        if (count == 1) { if (out) *out = units[0]; return i; }
    }
    return i <= (size_t)max ? -2 : -1;
}
static int wide_to_char(char *out, crt_wchar c, bool page)
{
    if (!page || c < 0x80)
    {
        if (c > 255) return -1;
        *out = c;
        return 1;
    }
    if ((c & 0xf800) == 0xd800) return -1;
    return WideCharToMultiByte(CP_ACP, 0, (WCHAR *)&c, 1, out, 5, NULL, NULL);
}

CRT_API(int, _mbtowc_l, crt_wchar *out, const char *s, size_t n, struct locale_object *object)
{
    int size;
    if (!s || !n) return 0;
    if (!*s) { if (out) *out = 0; return 0; }
    if ((size = char_to_wide(out, s, n, in_page(object))) < 0) { errno = E_ILSEQ; return -1; }
    return size;
}
CRT_API(int, mbtowc, crt_wchar *out, const char *s, size_t n) { return _mbtowc_l(out, s, n, NULL); }
CRT_API(int, _mblen_l, const char *s, size_t n, struct locale_object *object) { return _mbtowc_l(NULL, s, n, object); }
CRT_API(int, mblen, const char *s, size_t n) { return _mbtowc_l(NULL, s, n, NULL); }
CRT_API(int, _wctomb_l, char *out, crt_wchar c, struct locale_object *object)
{
    int size;
    if (!out) return 0;
    if ((size = wide_to_char(out, c, in_page(object))) < 0) return crt_fail(E_ILSEQ);
    return size;
}
CRT_API(int, wctomb, char *out, crt_wchar c) { return _wctomb_l(out, c, NULL); }
CRT_API(int, _wctomb_s_l, int *used, char *out, size_t size, crt_wchar c, struct locale_object *object)
{
    char bytes[8];
    int n;

    if (!out && size) { if (used) *used = 0; return 0; }
    if ((n = wide_to_char(bytes, c, in_page(object))) < 0) { errno = E_ILSEQ; return E_ILSEQ; }
    if ((size_t)n > size) { if (out && size) memset(out, 0, size); errno = E_RANGE; return E_RANGE; }
    memcpy(out, bytes, n);
    if (used) *used = n;
    return 0;
}
CRT_API(int, wctomb_s, int *used, char *out, size_t size, crt_wchar c) { return _wctomb_s_l(used, out, size, c, NULL); }

/* The state is the bytes of a character that is not whole yet: three at most, their number above. */
CRT_API(size_t, mbrtowc, crt_wchar *out, const char *s, size_t n, int *state)
{
    static int own;
    char bytes[4];
    int have, size, taken = 0;

    if (!state) state = &own;
    if (!s) { *state = 0; return 0; }
    have = *state >> 24 & 3;
    memcpy(bytes, state, 3);
    for (;;)
    {
        if (have && (size = char_to_wide(out, bytes, have, is_user[CTYPE_])) != -2) break;
        if ((size_t)taken == n || have == 4) { size = -2; break; }
        bytes[have++] = s[taken++];
    }
    if (size == -2 && have < 4)
    {
        memcpy(state, bytes, 3);
        *state = (*state & 0xffffff) | have << 24;
        return -2;
    }
    *state = 0;
    if (size < 0) { errno = E_ILSEQ; return -1; }
    return size ? taken : 0;
}
CRT_API(size_t, mbrlen, const char *s, size_t n, int *state) { static int own; return mbrtowc(NULL, s, n, state ? state : &own); }
CRT_API(size_t, wcrtomb, char *out, crt_wchar c, int *state)
{
    int size;
    (void)state;
    if (!out) return 1;
    if ((size = wide_to_char(out, c, is_user[CTYPE_])) < 0) { errno = E_ILSEQ; return -1; }
    return size;
}
CRT_API(int, wcrtomb_s, size_t *used, char *out, size_t size, crt_wchar c, int *state)
{
    int n = 0, ret = wctomb_s(&n, out, size, c);
    (void)state;
    if (used) *used = ret ? (size_t)-1 : (size_t)n;
    return ret;
}
CRT_API(int, wctob, int c)
{
    char bytes[8];
    return c >= 0 && c <= 0xffff && wide_to_char(bytes, c, is_user[CTYPE_]) == 1 ? (unsigned char)bytes[0] : EOF;
}
CRT_API(crt_wchar, btowc, int c)
{
    char byte = c;
    crt_wchar out;
    return c == EOF || c > 255 || char_to_wide(&out, &byte, 1, is_user[CTYPE_]) < 0 ? WEOF : out;
}
CRT_API(int, mbsinit, const int *state) { return !state || !*state; }

/* ---- strings ---------------------------------------------------------------------------------------------------- */
/* Converts until the terminator or until n units are written; *end is where it stopped, NULL: all of it. */
static size_t to_wide_string(crt_wchar *out, const char *s, size_t n, bool page, const char **end)
{
    size_t count = 0;

    while (!out || count < n)
    {
        WCHAR units[2];
        int size = char_to_wide((crt_wchar *)units, s, 4, page), have = 1;
        if (!size) { if (out) out[count] = 0; if (end) *end = NULL; return count; }
        if (size == -1 && page && (have = MultiByteToWideChar(CP_ACP, MB_ERR_INVALID_CHARS, s, 4, units, 2)) == 2) size = 4;
        if (size < 0) { errno = E_ILSEQ; if (end) *end = s; return -1; }
        if (out && count + have > n) break;
        if (out) memcpy(out + count, units, have * 2);
        count += have;
        s += size;
    }
    if (end) *end = s;
    return count;
}
static size_t to_narrow_string(char *out, const crt_wchar *s, size_t n, bool page, const crt_wchar **end)
{
    size_t count = 0;

    while (!out || count < n)
    {
        char bytes[8];
        int size, units = 1;
        if (!*s) { if (out) out[count] = 0; if (end) *end = NULL; return count; }
        if (page && (s[0] & 0xfc00) == 0xd800 && (s[1] & 0xfc00) == 0xdc00)
            size = WideCharToMultiByte(CP_ACP, 0, (WCHAR *)s, units = 2, bytes, sizeof(bytes), NULL, NULL);
        /* a lone half from DC80 on is a byte of a file name that was no UTF-8: the system's own conversion knows */
        else if (page && (s[0] & 0xf800) == 0xd800) size = WideCharToMultiByte(CP_ACP, 0, (WCHAR *)s, 1, bytes, sizeof(bytes), NULL, NULL);
        else size = wide_to_char(bytes, *s, page);
        if (size <= 0) { errno = E_ILSEQ; if (end) *end = s; return -1; }
        if (out && count + size > n) break;
        if (out) memcpy(out + count, bytes, size);
        count += size;
        s += units;
    }
    if (end) *end = s;
    return count;
}
CRT_API(size_t, _mbstowcs_l, crt_wchar *out, const char *s, size_t n, struct locale_object *object)
{
    if (!s) { errno = E_INVAL; return -1; }
    return to_wide_string(out, s, n, in_page(object), NULL);
}
CRT_API(size_t, mbstowcs, crt_wchar *out, const char *s, size_t n) { return _mbstowcs_l(out, s, n, NULL); }
CRT_API(size_t, _wcstombs_l, char *out, const crt_wchar *s, size_t n, struct locale_object *object)
{
    if (!s) { errno = E_INVAL; return -1; }
    return to_narrow_string(out, s, n, in_page(object), NULL);
}
CRT_API(size_t, wcstombs, char *out, const crt_wchar *s, size_t n) { return _wcstombs_l(out, s, n, NULL); }
CRT_API(size_t, _mbstrlen_l, const char *s, struct locale_object *object) { return to_wide_string(NULL, s, 0, in_page(object), NULL); }
CRT_API(size_t, _mbstrlen, const char *s) { return _mbstrlen_l(s, NULL); }
CRT_API(size_t, mbsrtowcs, crt_wchar *out, const char **s, size_t n, int *state)
{
    const char *end;
    size_t count = to_wide_string(out, *s, n, is_user[CTYPE_], &end);
    (void)state;
    if (out) *s = end;
    return count;
}
CRT_API(size_t, wcsrtombs, char *out, const crt_wchar **s, size_t n, int *state)
{
    const crt_wchar *end;
    size_t count = to_narrow_string(out, *s, n, is_user[CTYPE_], &end);
    (void)state;
    if (out) *s = end;
    return count;
}

/* Without the half of a character that the end of text may be; narrow text in the user's locale is UTF-8, if it is any. */
static size_t whole_characters(const void *text, size_t n, size_t unit)
{
    const unsigned char *s = text;
    size_t i = n;

    if (unit != 1 || __mb_cur_max < 4 || !n) return n;
    while (i && (s[i - 1] & 0xc0) == 0x80) i--;
    if (!i || s[i - 1] < 0xc0) return n;
    return i - 1 + (s[i - 1] >= 0xf0 ? 4 : s[i - 1] >= 0xe0 ? 3 : 2) <= n ? n : i - 1;
}

/* The _s forms: *used counts the terminator; count (size_t)-1 cuts what does not fit, else too little room is an error. */
#define STRING_S(name, to_type, from_type, convert) \
CRT_API(int, name, size_t *used, to_type *out, size_t size, const from_type *s, size_t most, struct locale_object *object) \
{ \
    size_t n, limit = most < size ? most : size; \
    const from_type *end; \
    if (used) *used = 0; \
    if (!out != !size) { errno = E_INVAL; return E_INVAL; } \
    if (!s) { if (size) *out = 0; errno = E_INVAL; return E_INVAL; } \
    if ((n = convert(out, s, out ? limit : 0, in_page(object), &end)) == (size_t)-1) { if (size) *out = 0; return E_ILSEQ; } \
    if (!out) { if (used) *used = n + 1; return 0; } \
    if (end && limit == size) \
    { \
        if (most != (size_t)-1) { *out = 0; errno = E_RANGE; return E_RANGE; } \
        if (n == size) n--;     /* whole characters alone: the one that fills the room makes place for the end */ \
        out[n] = 0; \
        n = whole_characters(out, n, sizeof(to_type)); \
        out[n] = 0; \
        if (used) *used = n + 1; \
        return 80;      /* STRUNCATE */ \
    } \
    out[n] = 0; \
    if (used) *used = n + 1; \
    return 0; \
}
STRING_S(_mbstowcs_s_l, crt_wchar, char, to_wide_string)
STRING_S(_wcstombs_s_l, char, crt_wchar, to_narrow_string)
CRT_API(int, mbstowcs_s, size_t *used, crt_wchar *out, size_t size, const char *s, size_t most) { return _mbstowcs_s_l(used, out, size, s, most, NULL); }
CRT_API(int, wcstombs_s, size_t *used, char *out, size_t size, const crt_wchar *s, size_t most) { return _wcstombs_s_l(used, out, size, s, most, NULL); }
CRT_API(int, mbsrtowcs_s, size_t *used, crt_wchar *out, size_t size, const char **s, size_t most, int *state)
{
    int ret = s ? mbstowcs_s(used, out, size, *s, most) : E_INVAL;
    (void)state;
    if (!ret && out) *s = NULL;
    return ret;
}
CRT_API(int, wcsrtombs_s, size_t *used, char *out, size_t size, const crt_wchar **s, size_t most, int *state)
{
    int ret = s ? wcstombs_s(used, out, size, *s, most) : E_INVAL;
    (void)state;
    if (!ret && out) *s = NULL;
    return ret;
}
