/* What the files of the subject "file" share. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "winioctl.h"
#include "wine/test.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define SYNC      FILE_SYNCHRONOUS_IO_NONALERT

extern HANDLE folder_handle;            /* of the folder to test in */

void     make_attributes(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, HANDLE root, const WCHAR *name);
/* Opens or creates name below root; all handles are synchronizable. */
NTSTATUS open_name(HANDLE *handle, HANDLE root, const WCHAR *name, ACCESS_MASK access, ULONG sharing, ULONG disposition,
                   ULONG options, ULONG_PTR *result);
HANDLE   make_file(const WCHAR *name, const char *content);
NTSTATUS delete_name(const WCHAR *name);

/* file_rename.c */
bool     exists(const WCHAR *name);
NTSTATUS set_disposition(HANDLE handle, BOOLEAN delete);
NTSTATUS rename_to(HANDLE handle, const WCHAR *name, BOOLEAN replace, FILE_INFORMATION_CLASS class);
void     check_delete(void);
void     check_rename(void);

/* file_section.c */
void     check_data_sections(void);
void     check_image_sections(void);
