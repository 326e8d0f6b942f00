/* What the two files on the registry share. */
#pragma once

/* The kernel's handle of a key: of a predefined one, a handle opened once and kept. */
NTSTATUS registry_handle(HKEY key, HANDLE *handle);
