/* Names: UTF-16 as Windows has them, bytes as Linux has them.
 *
 * Bytes of a Linux name that are not UTF-8 become lone surrogates U+DC80-U+DCFF, one a byte, and go
 * back unchanged, so that every file can be listed and opened. A backslash in a Linux name, which
 * Windows would take for a separator, is U+DC5C. Any other lone surrogate has no counterpart on disk:
 * such a name is refused.
 */
#pragma once

#include "nt/nt.h"

/* out needs room for 3 * count bytes; returns how many were written, or -1 if a unit has no bytes. */
ssize_t text_to_bytes(char *out, const WCHAR *in, size_t count);

/* out needs room for count units; returns how many were written. */
size_t text_to_units(WCHAR *out, const char *in, size_t count);

/* The same for one name of a path. out needs room for count + 1 units and is terminated. */
size_t text_from_file_name(WCHAR *out, const char *in, size_t count);

/* Do two names differ in case alone? */
bool text_units_equal(const WCHAR *a, size_t a_count, const WCHAR *b, size_t b_count);

/* Does this ASCII word match, letters of either case alike? */
bool text_is(const WCHAR *name, size_t count, const char *word);

size_t text_length(const WCHAR *name);
