/* What the three files on the registry share. */
#pragma once

/* The kernel's handle of a key: of a predefined one, a handle opened once and kept. */
NTSTATUS registry_handle(HKEY key, HANDLE *handle);

struct small_value
{
    KEY_VALUE_PARTIAL_INFORMATION info;
    BYTE data[512];
};

/* A value's whole information, on the heap unless it fits into own. */
LSTATUS registry_query(HKEY key, const WCHAR *name, KEY_VALUE_PARTIAL_INFORMATION **info, void *own, ULONG own_size);
BOOL    registry_is_string(DWORD type);
