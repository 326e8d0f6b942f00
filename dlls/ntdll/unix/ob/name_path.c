/* Object names as file names: doc/oriel-names.7, NAMES. */
#include <stdio.h>

#include "ob/name_path.h"

static const char *const prefixes[] = { "local.", "global." };

static bool stands_for_itself(WCHAR c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* FNV-1a of the UTF-16LE bytes, from two starting points. */
static uint64_t hash_text(const WCHAR *text, size_t length, uint64_t hash)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t i;

    for (i = 0; i < length * sizeof(WCHAR); i++) hash = (hash ^ bytes[i]) * 0x100000001b3ull;
    return hash;
}

void name_path_encode(const struct name_key *key, char base[NAME_BASE_MAX])
{
    const char *prefix = prefixes[key->global];
    size_t i, start = strlen(prefix), at = start;

    memcpy(base, prefix, start);
    for (i = 0; i < key->length; i++)
    {
        bool plain = stands_for_itself(key->text[i]);

        if (at + (plain ? 1 : 5) >= NAME_BASE_MAX) break;
        if (plain) base[at++] = (char)key->text[i];
        else at += (size_t)sprintf(base + at, "%%%04X", key->text[i]);
    }
    base[at] = 0;
    if (i < key->length)
        sprintf(base + start, "%%%%%016llx%016llx",
                (unsigned long long)hash_text(key->text, key->length, 0xcbf29ce484222325ull),
                (unsigned long long)hash_text(key->text, key->length, 0x84222325cbf29ce4ull));
}

bool name_path_is_hash(const char *base)
{
    const char *dot = strchr(base, '.');

    return dot && dot[1] == '%' && dot[2] == '%';
}

bool name_path_decode(const char *base, bool *global, WCHAR **out, size_t *length)
{
    size_t i, count = 0;
    WCHAR *text;

    for (i = 0; strncmp(base, prefixes[i], strlen(prefixes[i])); )
        if (++i == 2) return false;
    *global = i;
    base += strlen(prefixes[i]);
    if (!*base || !(text = malloc((strlen(base) + 1) * sizeof(WCHAR)))) return false;
    while (*base)
    {
        if (stands_for_itself((unsigned char)*base)) text[count++] = (unsigned char)*base++;
        else
        {
            unsigned int unit = 0;

            if (*base++ != '%') break;
            for (i = 0; i < 4; i++, base++)
            {
                if (*base >= '0' && *base <= '9') unit = unit * 16 + (unsigned int)(*base - '0');
                else if (*base >= 'A' && *base <= 'F') unit = unit * 16 + (unsigned int)(*base - 'A' + 10);
                else break;
            }
            if (i < 4) break;
            text[count++] = (WCHAR)unit;
            continue;
        }
    }
    text[count] = 0;
    if (*base || !count)
    {
        free(text);
        return false;
    }
    *out = text;
    *length = count;
    return true;
}
