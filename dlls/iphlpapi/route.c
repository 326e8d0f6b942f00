/* The way to an address, as the host's table has it. */
#include "interface.h"

DWORD WINAPI GetBestRoute2(NET_LUID *luid, NET_IFINDEX index, const SOCKADDR_INET *source, const SOCKADDR_INET *destination,
                           ULONG sort, MIB_IPFORWARD_ROW2 *row, SOCKADDR_INET *best_source)
{
    struct oriel_interface *list;
    const struct oriel_interface *interface;
    struct oriel_route route;
    size_t count, length;
    DWORD error;

    (void)sort;         /* which of several ways is the best, the host decides */
    if (!destination || !row || !best_source) return ERROR_INVALID_PARAMETER;
    if (destination->si_family != AF_INET && destination->si_family != AF_INET6) return ERROR_INVALID_PARAMETER;
    if (source && source->si_family != AF_UNSPEC && source->si_family != destination->si_family) return ERROR_INVALID_PARAMETER;
    length = destination->si_family == AF_INET ? sizeof(destination->Ipv4) : sizeof(destination->Ipv6);
    if ((error = ask(ORIEL_SOCKET_ROUTE, destination, length, &route, sizeof(route), NULL))) return error;
    if ((error = get_interfaces(&list, &count))) return error;
    /* A way over another interface than the one that was named is none. */
    if (!(interface = find_interface(list, count, route.index, NULL))) error = ERROR_NOT_FOUND;
    else if (luid && luid->Value != luid_of(interface).Value) error = ERROR_NOT_FOUND;
    else if (!luid && index && index != route.index) error = ERROR_NOT_FOUND;
    if (!error)
    {
        memset(row, 0, sizeof(*row));
        memset(best_source, 0, sizeof(*best_source));
        row->InterfaceLuid = luid_of(interface);
        row->InterfaceIndex = route.index;
        memcpy(&row->DestinationPrefix.Prefix, route.destination.address, route.destination.length);
        row->DestinationPrefix.PrefixLength = (UINT8)route.prefix;
        memcpy(&row->NextHop, route.gateway.address, route.gateway.length);
        row->ValidLifetime = row->PreferredLifetime = 0xffffffff;
        row->Metric = route.metric;
        row->Protocol = PROTO_IP_OTHER;
        row->Loopback = interface->type == IF_TYPE_SOFTWARE_LOOPBACK;
        row->Immortal = TRUE;
        row->Origin = NlroManual;
        memcpy(best_source, route.source.address, route.source.length);
    }
    free_memory(list);
    return error;
}
