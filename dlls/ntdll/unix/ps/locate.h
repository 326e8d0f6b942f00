/* From the command line to files: the program, and the folder of our DLLs. */
#pragma once

#include "nt/nt.h"

/* The program that name means: a path (Linux or Z:\...), or a name looked up here and along PATH, with or without
 * ".exe". malloc'd absolute path, or NULL: says why on stderr, *status is the shell's 126 or 127. */
char *locate_program(const char *name, int *status);

/* The folder of our DLLs: x86_64-windows beside the executable, or ../lib/oriel/x86_64-windows. malloc'd; NULL: none
 * (said on stderr). */
char *locate_dlls(void);

/* A Linux path as Windows sees it: Z:\home\x. malloc'd, NUL-terminated; NULL: no memory. */
WCHAR *path_to_windows(const char *path);

/* UTF-8 text, bytes that are none as lone surrogates. malloc'd. */
WCHAR *text_to_windows(const char *text);
