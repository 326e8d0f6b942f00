/* Makes small DLLs for the loader's tests: what a test is about is said in a struct, the rest of a PE file is
 * filled in. Their entry point and TLS callback are imported from this program, so a test sees each call. */
#pragma once

#include <stdarg.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"

struct image_import
{
    const char *dll;
    const char *name;           /* NULL: by ordinal */
    unsigned int ordinal;
};

struct image_export
{
    const char *name;           /* in alphabetical order; NULL: by ordinal only */
    const char *forwarder;      /* or a value: the export is a DWORD with it */
    unsigned int value;
};

struct image
{
    const char *name;
    struct image_import imports[6];     /* terminated by an empty one */
    struct image_export exports[6];
    unsigned int export_base;
    BOOL entry;                         /* has a DllMain: loader_test_entry of this program */
    BOOL tls;                           /* 8 bytes of template, 8 of zeros, one callback */
    DWORD base_low;                     /* low half of ImageBase; the high half is 1 */
    BOOL resources;                     /* RT_RCDATA: name "DATA" in German and English, id 5 in neutral only */
};

#define IMAGE_TLS_TEMPLATE 0x1122334455667788ull

extern const char *test_program;        /* "ntdll_test.exe", as imports name it */

/* Writes the file into the folder. Returns its size; at least a failed check is reported otherwise. */
DWORD image_write(const struct image *image, const WCHAR *folder);

/* Called by the images. */
__declspec(dllexport) BOOL WINAPI loader_test_entry(void *base, DWORD reason, void *reserved);
__declspec(dllexport) void WINAPI loader_test_tls(void *base, DWORD reason, void *reserved);
