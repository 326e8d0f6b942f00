/* Canonical decomposition, for normalization and for comparing strings. */
#pragma once

/* One step: c is first followed by second (0: first alone). FALSE if c does not decompose. Hangul does not count. */
BOOL decompose_unit(WCHAR c, WCHAR *first, WCHAR *second);
int combining_class(WCHAR c);

/* The ASCII digit of the same value (ctype.c); c itself if it is no digit. */
WCHAR ascii_digit(WCHAR c);

/* Form C or D of source as a new terminated string of *result units; free with heap_free. NULL: no memory. */
WCHAR *normalize(const WCHAR *source, size_t length, BOOL composed, size_t *result);
