/* Narrow strings. */

#include "rtl.h"

#undef _strcmpi
#undef strncpy
#undef strncat
#undef strcpy
#undef strcat

#define CH char
#define FIND int
#define UNIT(c) ((unsigned char)(c))
#define LOWER(c) ((CH)tolower((unsigned char)(c)))
#define UPPER(c) ((CH)toupper((unsigned char)(c)))
#define STR(f) str##f
#define _STR(f) _str##f

int __cdecl _strcmpi(const char *a, const char *b);

#include "crt_str.h"

int __cdecl _strcmpi(const char *a, const char *b)
{
    return _strnicmp(a, b, ~(size_t)0);
}
