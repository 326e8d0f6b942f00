/* What the files of iphlpapi share. The Unix side is asked through an open of \Device\Afd that is no socket. */
#pragma once

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "winsock2.h"
#include "ws2ipdef.h"
#include "iphlpapi.h"
#include "netioapi.h"
#include "oriel/socket.h"

/* Win32's error, or ERROR_SUCCESS; *done may be NULL. */
DWORD ask(unsigned int code, const void *in, size_t in_size, void *out, size_t out_size, size_t *done);

/* All interfaces and their addresses, for free_memory(). */
DWORD get_interfaces(struct oriel_interface **list, size_t *count);

/* The entry that is interface INDEX itself, or the one of that name; NULL: none. */
const struct oriel_interface *find_interface(const struct oriel_interface *list, size_t count, unsigned int index, const char *name);

void *get_memory(size_t size);      /* zeroed */
void  free_memory(void *memory);

/* Wine's headers of old do not have it. */
DWORD WINAPI GetBestRoute2(NET_LUID *luid, NET_IFINDEX index, const SOCKADDR_INET *source, const SOCKADDR_INET *destination,
                           ULONG sort, MIB_IPFORWARD_ROW2 *row, SOCKADDR_INET *best_source);

NET_LUID luid_of(const struct oriel_interface *interface);
GUID     guid_of(const struct oriel_interface *interface);
