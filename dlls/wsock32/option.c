/* Winsock 1.1: the sockets of ws2_32. What differs are the numbers of the options at the level of IP. */
#include <stdarg.h>

#define WINSOCK_API_LINKAGE
#include "windef.h"
#include "winbase.h"
#include "winsock2.h"

int WINAPI old_getsockopt(SOCKET s, int level, int name, char *value, int *length);
int WINAPI old_setsockopt(SOCKET s, int level, int name, const char *value, int length);

/* From 2 on: IP_MULTICAST_IF, _TTL, _LOOP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_TTL, IP_TOS, IP_DONTFRAGMENT */
static int option_of(int level, int name)
{
    static const unsigned char names[] = { 9, 10, 11, 12, 13, 4, 3, 14 };

    return level == IPPROTO_IP && name >= 2 && name < 2 + (int)sizeof(names) ? names[name - 2] : name;
}

int WINAPI old_getsockopt(SOCKET s, int level, int name, char *value, int *length)
{
    return getsockopt(s, level, option_of(level, name), value, length);
}

int WINAPI old_setsockopt(SOCKET s, int level, int name, const char *value, int length)
{
    return setsockopt(s, level, option_of(level, name), value, length);
}
