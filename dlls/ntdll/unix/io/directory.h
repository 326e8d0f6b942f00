/* Listing a folder: its names, sorted as NTFS sorts them, and NtQueryDirectoryFile's place among them. */
#pragma once

#include "io/file.h"

struct enumeration
{
    WCHAR  *mask;               /* NULL: everything; fixed by the first call */
    size_t  mask_length;
    struct entry_name
    {
        WCHAR  *units;          /* malloc'd */
        size_t  length;
        char   *bytes;          /* malloc'd */
    } *names;
    size_t  count, next;
    bool    found_any;          /* a call returned an entry, or said that there is none */
};

/* Reads the folder anew into the names that match mask, and begins with the first. */
NTSTATUS enumeration_read(struct file *file, struct enumeration *enumeration);
void     enumeration_free(struct enumeration *enumeration);

/* Does name match the expression? '*' and '?', and the DOS kinds '<' (star that ends with the last dot), '>' (question mark that
 * may match nothing before a dot and at the end) and '"' (dot, or nothing at the end). */
bool name_matches(const WCHAR *expression, size_t expression_length, const WCHAR *name, size_t length);
