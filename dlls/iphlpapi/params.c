/* GetNetworkParams: the host's name and its name servers, those with IPv4 addresses as the structure has room for no other. */
#include "interface.h"

char *WINAPI RtlIpv4AddressToStringA(const IN_ADDR *address, char *text);

static void fill_server(IP_ADDR_STRING *out, const struct oriel_address *server)
{
    RtlIpv4AddressToStringA(&((const struct sockaddr_in *)server->address)->sin_addr, out->IpAddress.String);
    strcpy(out->IpMask.String, "255.255.255.255");
}

DWORD WINAPI GetNetworkParams(FIXED_INFO *info, ULONG *size)
{
    struct oriel_address servers[8];
    IP_ADDR_STRING *more = (IP_ADDR_STRING *)(info + 1), **end;
    char name[256] = "", *dot;
    size_t done = 0, count = 0;
    ULONG needed;

    if (!size) return ERROR_INVALID_PARAMETER;
    if (ask(ORIEL_SOCKET_NAME_SERVERS, NULL, 0, servers, sizeof(servers), &done)) done = 0;
    for (size_t i = 0; i < done / sizeof(servers[0]); i++)
        if (((const struct sockaddr *)servers[i].address)->sa_family == AF_INET) servers[count++] = servers[i];
    needed = (ULONG)(sizeof(*info) + (count > 1 ? count - 1 : 0) * sizeof(*more));
    if (!info || *size < needed)
    {
        *size = needed;
        return ERROR_BUFFER_OVERFLOW;
    }
    memset(info, 0, needed);
    ask(ORIEL_SOCKET_HOST_NAME, NULL, 0, name, sizeof(name), NULL);
    if ((dot = strchr(name, '.'))) *dot++ = 0;
    lstrcpynA(info->HostName, name, sizeof(info->HostName));
    if (dot) lstrcpynA(info->DomainName, dot, sizeof(info->DomainName));
    info->NodeType = BROADCAST_NODETYPE;
    end = &info->DnsServerList.Next;
    for (size_t i = 0; i < count; i++)
    {
        if (!i) fill_server(&info->DnsServerList, &servers[i]);
        else
        {
            fill_server(more, &servers[i]);
            *end = more;
            end = &more++->Next;
        }
    }
    return ERROR_SUCCESS;
}
