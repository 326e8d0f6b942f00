/* Locales: there are two, English (United States) and the invariant one. */
#include "kernelbase.h"
#include "locale_data.h"

#define US_ENGLISH MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), SORT_DEFAULT)

/* ---- which ------------------------------------------------------------------------------------------ */
LCID WINAPI GetUserDefaultLCID(void)
{
    return US_ENGLISH;
}

LCID WINAPI GetSystemDefaultLCID(void)
{
    return US_ENGLISH;
}

LANGID WINAPI GetUserDefaultLangID(void)
{
    return LANGIDFROMLCID(US_ENGLISH);
}

LANGID WINAPI GetSystemDefaultLangID(void)
{
    return LANGIDFROMLCID(US_ENGLISH);
}

LANGID WINAPI GetUserDefaultUILanguage(void)
{
    return LANGIDFROMLCID(US_ENGLISH);
}

LANGID WINAPI GetSystemDefaultUILanguage(void)
{
    return LANGIDFROMLCID(US_ENGLISH);
}

LCID WINAPI GetThreadLocale(void)
{
    LCID locale = NtCurrentTeb()->CurrentLocale;

    return locale ? locale : US_ENGLISH;
}

LANGID WINAPI GetThreadUILanguage(void)
{
    return LANGIDFROMLCID(US_ENGLISH);
}

LCID WINAPI ConvertDefaultLocale(LCID locale)
{
    switch (locale)
    {
    case LOCALE_USER_DEFAULT: case LOCALE_SYSTEM_DEFAULT: case LOCALE_NEUTRAL: case LOCALE_CUSTOM_DEFAULT: case MAKELCID(LANG_ENGLISH, 0):
        return US_ENGLISH;
    }
    return locale;
}

BOOL WINAPI IsValidLocale(LCID locale, DWORD flags)
{
    (void)flags;
    locale = ConvertDefaultLocale(locale);
    return locale == US_ENGLISH || locale == LOCALE_INVARIANT;
}

BOOL WINAPI SetThreadLocale(LCID locale)
{
    locale = ConvertDefaultLocale(locale);
    if (!IsValidLocale(locale, LCID_SUPPORTED)) return fail(ERROR_INVALID_PARAMETER);
    NtCurrentTeb()->CurrentLocale = locale;
    return TRUE;
}

const struct locale *locale_find(const WCHAR *name)
{
    if (!name || !_wcsicmp(name, L"en-US") || !_wcsicmp(name, L"en") || !_wcsicmp(name, LOCALE_NAME_SYSTEM_DEFAULT)) return &locales[0];
    return name[0] ? NULL : &locales[1];
}

static const struct locale *locale_find_id(LCID id)
{
    id = ConvertDefaultLocale(id);
    return id == US_ENGLISH ? &locales[0] : id == LOCALE_INVARIANT ? &locales[1] : NULL;
}

BOOL WINAPI IsValidLocaleName(const WCHAR *name)
{
    return name && locale_find(name) && wcscmp(name, LOCALE_NAME_SYSTEM_DEFAULT);
}

LCID WINAPI LocaleNameToLCID(const WCHAR *name, DWORD flags)
{
    const struct locale *locale = locale_find(name);

    if (flags & ~(DWORD)LOCALE_ALLOW_NEUTRAL_NAMES) return fail(ERROR_INVALID_FLAGS);
    if (!locale) return fail(ERROR_INVALID_PARAMETER);
    return locale->id;
}

static INT give_string(const WCHAR *string, WCHAR *buffer, INT size)
{
    INT needed = (INT)wcslen(string) + 1;

    if (!size) return needed;
    if (needed > size) return fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, string, (SIZE_T)needed * sizeof(WCHAR));
    return needed;
}

INT WINAPI LCIDToLocaleName(LCID id, WCHAR *name, INT size, DWORD flags)
{
    const struct locale *locale = locale_find_id(id);

    if (flags & ~(DWORD)LOCALE_ALLOW_NEUTRAL_NAMES) return fail(ERROR_INVALID_FLAGS);
    if (!locale) return fail(ERROR_INVALID_PARAMETER);
    return give_string(locale->name, name, size);
}

INT WINAPI GetUserDefaultLocaleName(WCHAR *name, INT size)
{
    return give_string(locales[0].name, name, size);
}

INT WINAPI GetSystemDefaultLocaleName(WCHAR *name, INT size)
{
    return give_string(locales[0].name, name, size);
}

INT WINAPI ResolveLocaleName(const WCHAR *name, WCHAR *buffer, INT size)
{
    const struct locale *locale = locale_find(name);

    /* English of any country is nearest to the one there is; other languages resolve to nothing. */
    if (!locale && name && !_wcsnicmp(name, L"en-", 3)) locale = &locales[0];
    return give_string(locale ? locale->name : L"", buffer, size);
}

BOOL WINAPI EnumSystemLocalesEx(LOCALE_ENUMPROCEX callback, DWORD flags, LPARAM parameter, void *reserved)
{
    if (reserved) return fail(ERROR_INVALID_PARAMETER);
    (void)flags;
    for (size_t i = 0; i < ARRAY_LENGTH(locales); i++)
        if (!callback((WCHAR *)locales[i].name, LOCALE_WINDOWS | LOCALE_SPECIFICDATA, parameter)) break;
    return TRUE;
}

BOOL WINAPI EnumSystemLocalesW(LOCALE_ENUMPROCW callback, DWORD flags)
{
    WCHAR id[] = L"00000409";

    (void)flags;
    callback(id);
    return TRUE;
}

BOOL WINAPI EnumSystemLocalesA(LOCALE_ENUMPROCA callback, DWORD flags)
{
    char id[] = "00000409";

    (void)flags;
    callback(id);
    return TRUE;
}

/* ---- preferred languages ---------------------------------------------------------------------------- */
static BOOL preferred_languages(DWORD flags, ULONG *count, WCHAR *buffer, ULONG *size)
{
    const WCHAR *list = flags & MUI_LANGUAGE_ID ? L"0409\0" : L"en-US\0";
    ULONG needed = flags & MUI_LANGUAGE_ID ? 6 : 7;

    if (!size || (*size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if ((flags & MUI_LANGUAGE_ID) && (flags & MUI_LANGUAGE_NAME)) return fail(ERROR_INVALID_PARAMETER);
    if (*size && *size < needed)
    {
        *size = needed;
        return fail(ERROR_INSUFFICIENT_BUFFER);
    }
    if (*size) memcpy(buffer, list, needed * sizeof(WCHAR));
    *size = needed;
    *count = 1;
    return TRUE;
}

BOOL WINAPI GetUserPreferredUILanguages(DWORD flags, ULONG *count, WCHAR *buffer, ULONG *size)
{
    return preferred_languages(flags, count, buffer, size);
}

BOOL WINAPI GetSystemPreferredUILanguages(DWORD flags, ULONG *count, WCHAR *buffer, ULONG *size)
{
    return preferred_languages(flags, count, buffer, size);
}

BOOL WINAPI GetThreadPreferredUILanguages(DWORD flags, ULONG *count, WCHAR *buffer, ULONG *size)
{
    return preferred_languages(flags & (MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME), count, buffer, size);
}

/* ---- information ------------------------------------------------------------------------------------ */
INT WINAPI GetLocaleInfoEx(const WCHAR *name, LCTYPE type, WCHAR *buffer, INT size)
{
    const struct locale *locale = locale_find(name);
    BOOL number = (type & LOCALE_RETURN_NUMBER) != 0;
    const struct locale_value *value = NULL;
    const WCHAR *text;
    size_t low = 0, high = ARRAY_LENGTH(locale_values);

    if (size < 0 || (size && !buffer) || !locale) return fail(ERROR_INVALID_PARAMETER);
    type &= ~(LCTYPE)(LOCALE_NOUSEROVERRIDE | LOCALE_USE_CP_ACP | LOCALE_RETURN_NUMBER | LOCALE_RETURN_GENITIVE_NAMES);
    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (locale_values[middle].type < type) low = middle + 1;
        else high = middle;
    }
    if (low < ARRAY_LENGTH(locale_values) && locale_values[low].type == type) value = &locale_values[low];
    if (!value) return fail(ERROR_INVALID_FLAGS);
    text = locale->id == LOCALE_INVARIANT && value->invariant ? value->invariant : value->text;
    if (number)
    {
        DWORD result = 0;
        BOOL hex = type == LOCALE_ILANGUAGE || type == LOCALE_IDEFAULTLANGUAGE;

        if (!text[0]) return fail(ERROR_INVALID_FLAGS);
        for (; *text; text++)
        {
            if (*text >= '0' && *text <= '9') result = result * (hex ? 16 : 10) + (DWORD)(*text - '0');
            else if (hex && *text >= 'a' && *text <= 'f') result = result * 16 + (DWORD)(*text - 'a' + 10);
            else return fail(ERROR_INVALID_FLAGS);
        }
        if (!size) return sizeof(DWORD) / sizeof(WCHAR);
        if (size < (INT)(sizeof(DWORD) / sizeof(WCHAR))) return fail(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, &result, sizeof(result));
        return sizeof(DWORD) / sizeof(WCHAR);
    }
    if (type == LOCALE_FONTSIGNATURE)
    {
        LOCALESIGNATURE signature;

        if (!size) return sizeof(signature) / sizeof(WCHAR);
        if (size < (INT)(sizeof(signature) / sizeof(WCHAR))) return fail(ERROR_INSUFFICIENT_BUFFER);
        memset(&signature, 0, sizeof(signature));
        signature.lsUsb[0] = 0x0000002f;
        signature.lsCsbDefault[0] = signature.lsCsbSupported[0] = 1;
        memcpy(buffer, &signature, sizeof(signature));
        return sizeof(signature) / sizeof(WCHAR);
    }
    return give_string(text, buffer, size);
}

INT WINAPI GetLocaleInfoW(LCID id, LCTYPE type, WCHAR *buffer, INT size)
{
    const struct locale *locale = locale_find_id(id);

    if (!locale) return fail(ERROR_INVALID_PARAMETER);
    return GetLocaleInfoEx(locale->name, type, buffer, size);
}

INT WINAPI GetLocaleInfoA(LCID id, LCTYPE type, char *buffer, INT size)
{
    WCHAR wide[128];
    INT length;

    if (size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if ((length = GetLocaleInfoW(id, type, wide, ARRAY_LENGTH(wide))) <= 0) return 0;
    if ((type & LOCALE_RETURN_NUMBER) || (type & 0xffff) == LOCALE_FONTSIGNATURE)
    {
        length *= sizeof(WCHAR);
        if (!size) return length;
        if (length > size) return fail(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, wide, (SIZE_T)length);
        return length;
    }
    return WideCharToMultiByte(CP_ACP, 0, wide, length, buffer, size, NULL, NULL);
}

/* ---- geography -------------------------------------------------------------------------------------- */
GEOID WINAPI GetUserGeoID(GEOCLASS class)
{
    return class == GEOCLASS_NATION ? 244 /* United States */ : GEOID_NOT_AVAILABLE;
}

INT WINAPI GetUserDefaultGeoName(WCHAR *name, INT size)
{
    return give_string(L"US", name, size);
}

/* ---- versions of the tables ------------------------------------------------------------------------- */
BOOL WINAPI GetNLSVersionEx(NLS_FUNCTION function, const WCHAR *locale, NLSVERSIONINFOEX *info)
{
    if (function != COMPARE_STRING || !locale_find(locale)) return fail(ERROR_INVALID_PARAMETER);
    if (info->dwNLSVersionInfoSize < FIELD_OFFSET(NLSVERSIONINFOEX, dwEffectiveId)) return fail(ERROR_INSUFFICIENT_BUFFER);
    info->dwNLSVersion = 0x00060410;
    info->dwDefinedVersion = info->dwNLSVersion;
    if (info->dwNLSVersionInfoSize >= sizeof(*info))
    {
        info->dwEffectiveId = US_ENGLISH;
        memset(&info->guidCustomVersion, 0, sizeof(info->guidCustomVersion));
    }
    return TRUE;
}

BOOL WINAPI GetNLSVersion(NLS_FUNCTION function, LCID locale, NLSVERSIONINFO *info)
{
    const struct locale *found = locale_find_id(locale);

    if (!found) return fail(ERROR_INVALID_PARAMETER);
    return GetNLSVersionEx(function, found->name, (NLSVERSIONINFOEX *)info);
}

BOOL WINAPI IsNLSDefinedString(NLS_FUNCTION function, DWORD flags, NLSVERSIONINFO *version, const WCHAR *string, INT length)
{
    (void)function;
    (void)flags;
    (void)version;
    if (length < 0) length = (INT)wcslen(string);
    for (INT i = 0; i < length; i++)
    {
        WORD kind;

        GetStringTypeW(CT_CTYPE1, string + i, 1, &kind);
        if (!(kind & C1_DEFINED)) return FALSE;
    }
    return TRUE;
}
