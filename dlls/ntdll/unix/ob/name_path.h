/* The file name that stands for an object's name, and back. */
#pragma once

#include "ob/name_file.h"

void name_path_encode(const struct name_key *key, char base[NAME_BASE_MAX]);
/* False: it is none, or its text is a hash. *text is malloc'd. */
bool name_path_decode(const char *base, bool *global, WCHAR **text, size_t *length);
bool name_path_is_hash(const char *base);
