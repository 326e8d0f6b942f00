/* What is known of the user's nation, which is that of the locale: the United States. Of the others nothing is known here. */
#include "kernelbase.h"

#define GEO_UNITED_STATES 244

static const WCHAR *find(GEOTYPE type)
{
    switch (type)
    {
    case GEO_NATION: case GEO_ID: return L"244";
    case GEO_LATITUDE:          return L"39.450";
    case GEO_LONGITUDE:         return L"-98.908";
    case GEO_ISO2: case GEO_NAME: return L"US";
    case GEO_ISO3:              return L"USA";
    case GEO_FRIENDLYNAME:      return L"United States";
    case GEO_OFFICIALNAME:      return L"United States of America";
    case GEO_ISO_UN_NUMBER:     return L"840";
    case GEO_PARENT:            return L"23581";
    case GEO_DIALINGCODE:       return L"1";
    case GEO_CURRENCYCODE:      return L"USD";
    case GEO_CURRENCYSYMBOL:    return L"$";
    default:                    return NULL;
    }
}

INT WINAPI GetGeoInfoW(GEOID id, GEOTYPE type, WCHAR *buffer, INT size, LANGID language)
{
    const WCHAR *text;
    INT length;

    (void)language;         /* names are English, whatever the language */
    if (id != GEO_UNITED_STATES || size < 0 || (size && !buffer))
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!(text = find(type)))
    {
        SetLastError(ERROR_INVALID_FLAGS);
        return 0;
    }
    length = (INT)wcslen(text) + 1;
    if (!size) return length;
    memcpy(buffer, text, (length < size ? length : size) * sizeof(WCHAR));      /* what fits, as far as it goes */
    if (size >= length) return length;
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return 0;
}

INT WINAPI GetGeoInfoA(GEOID id, GEOTYPE type, char *buffer, INT size, LANGID language)
{
    WCHAR wide[64];
    INT length = GetGeoInfoW(id, type, wide, ARRAYSIZE(wide), language);

    if (!length || !size) return length;
    for (INT i = 0; i < length && i < size; i++) buffer[i] = (char)wide[i];     /* all of it is ASCII */
    if (size >= length) return length;
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return 0;
}
