/* GetAdaptersAddresses: each interface with its addresses and the name servers.
 *
 * The program's buffer gets the structures and everything they point to. What is asked for is laid out twice: first to
 * learn the size, then into the buffer. Anycast and multicast addresses, WINS servers, gateways and prefixes of
 * addresses that the interface does not have are not listed. */
#include "interface.h"

struct layout
{
    char  *base;        /* NULL: only the size is wanted */
    size_t used;
};

static void *take(struct layout *layout, size_t size)
{
    void *at = layout->base ? layout->base + layout->used : NULL;

    layout->used += (size + 7) & ~(size_t)7;
    return at;
}

static WCHAR *take_wide(struct layout *layout, const char *text)
{
    WCHAR wide[64], *to;
    int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, ARRAYSIZE(wide));

    if (!length) wide[0] = 0, length = 1;
    if ((to = take(layout, length * sizeof(WCHAR)))) memcpy(to, wide, length * sizeof(WCHAR));
    return to;
}

static SOCKET_ADDRESS take_address(struct layout *layout, const char *address, int length)
{
    SOCKET_ADDRESS out = { take(layout, length), length };

    if (out.lpSockaddr) memcpy(out.lpSockaddr, address, length);
    return out;
}

static BOOL is_wanted(const struct oriel_interface *entry, unsigned int index, ULONG family)
{
    return entry->family && entry->index == index && (family == AF_UNSPEC || family == (ULONG)entry->family);
}

static IP_ADAPTER_UNICAST_ADDRESS_LH *take_unicast(struct layout *layout, const struct oriel_interface *entry)
{
    IP_ADAPTER_UNICAST_ADDRESS_LH *out = take(layout, sizeof(*out));
    SOCKET_ADDRESS address = take_address(layout, entry->address, entry->length);

    if (!out) return NULL;
    memset(out, 0, sizeof(*out));
    out->Length = sizeof(*out);
    out->Flags = IP_ADAPTER_ADDRESS_DNS_ELIGIBLE;
    out->Address = address;
    out->PrefixOrigin = IpPrefixOriginOther;
    out->SuffixOrigin = IpSuffixOriginOther;
    out->DadState = IpDadStatePreferred;
    out->ValidLifetime = out->PreferredLifetime = out->LeaseLifetime = 0xffffffff;
    out->OnLinkPrefixLength = entry->prefix;
    return out;
}

static IP_ADAPTER_PREFIX *take_prefix(struct layout *layout, const struct oriel_interface *entry)
{
    IP_ADAPTER_PREFIX *out = take(layout, sizeof(*out));
    size_t start = entry->family == AF_INET ? offsetof(struct sockaddr_in, sin_addr) : offsetof(struct sockaddr_in6, sin6_addr);
    size_t bytes = entry->family == AF_INET ? 4 : 16;
    char address[sizeof(entry->address)];
    SOCKET_ADDRESS where;

    memcpy(address, entry->address, sizeof(address));
    for (size_t bit = entry->prefix; bit < bytes * 8; bit++) address[start + bit / 8] &= ~(0x80 >> bit % 8);
    where = take_address(layout, address, entry->length);
    if (!out) return NULL;
    memset(out, 0, sizeof(*out));
    out->Length = sizeof(*out);
    out->Address = where;
    out->PrefixLength = entry->prefix;
    return out;
}

static IP_ADAPTER_DNS_SERVER_ADDRESS *take_server(struct layout *layout, const struct oriel_address *server)
{
    IP_ADAPTER_DNS_SERVER_ADDRESS *out = take(layout, sizeof(*out));
    SOCKET_ADDRESS where = take_address(layout, server->address, server->length);

    if (!out) return NULL;
    memset(out, 0, sizeof(*out));
    out->Length = sizeof(*out);
    out->Address = where;
    return out;
}

struct question
{
    ULONG family, flags;
    const struct oriel_interface *list;
    size_t count;
    struct oriel_address servers[8];    /* the system has them, not an interface: each that is not the loopback tells them */
    size_t server_count;
};

static IP_ADAPTER_ADDRESSES_LH *take_adapter(struct layout *layout, const struct question *q, const struct oriel_interface *interface)
{
    IP_ADAPTER_ADDRESSES_LH *const taken = take(layout, sizeof(*taken)), scratch, *out = taken ? taken : &scratch;
    GUID guid = guid_of(interface);
    char *name = take(layout, 40);         /* "{GUID}" */
    UNICODE_STRING text;
    IP_ADAPTER_UNICAST_ADDRESS_LH *unicast, **unicast_end;
    IP_ADAPTER_PREFIX *prefix, **prefix_end;
    IP_ADAPTER_DNS_SERVER_ADDRESS *server, **server_end;

    memset(out, 0, sizeof(*out));
    out->Length = sizeof(*out);
    if (name && !RtlStringFromGUID(&guid, &text))
    {
        for (size_t i = 0; i <= text.Length / sizeof(WCHAR); i++) name[i] = (char)text.Buffer[i];
        RtlFreeUnicodeString(&text);
    }
    out->AdapterName = name;
    out->DnsSuffix = take_wide(layout, "");
    out->Description = take_wide(layout, interface->name);
    if (!(q->flags & GAA_FLAG_SKIP_FRIENDLY_NAME)) out->FriendlyName = take_wide(layout, interface->name);
    out->PhysicalAddressLength = min(interface->length, (int)sizeof(out->PhysicalAddress));
    if (interface->type == IF_TYPE_SOFTWARE_LOOPBACK) out->PhysicalAddressLength = 0;
    memcpy(out->PhysicalAddress, interface->address, out->PhysicalAddressLength);
    out->Mtu = interface->mtu;
    out->IfType = interface->type;
    out->OperStatus = interface->flags & ORIEL_INTERFACE_UP ? IfOperStatusUp : IfOperStatusDown;
    if (!(interface->flags & ORIEL_INTERFACE_MULTICAST)) out->Flags |= IP_ADAPTER_NO_MULTICAST;
    out->Luid = luid_of(interface);
    out->CompartmentId = 1;
    out->NetworkGuid = guid;
    out->ConnectionType = NET_IF_CONNECTION_DEDICATED;
    unicast_end = &out->FirstUnicastAddress;
    prefix_end = &out->FirstPrefix;
    server_end = &out->FirstDnsServerAddress;
    for (size_t i = 0; i < q->count; i++)
    {
        if (q->list[i].family == AF_INET && q->list[i].index == interface->index && q->family != AF_INET6)
        {
            out->IfIndex = interface->index;
            out->Flags |= IP_ADAPTER_IPV4_ENABLED;
        }
        if (q->list[i].family == AF_INET6 && q->list[i].index == interface->index && q->family != AF_INET)
        {
            out->Ipv6IfIndex = interface->index;
            out->Flags |= IP_ADAPTER_IPV6_ENABLED;
            for (int scope = 0; scope < 16; scope++) out->ZoneIndices[scope] = interface->index;
        }
        if (!is_wanted(&q->list[i], interface->index, q->family)) continue;
        if (!(q->flags & GAA_FLAG_SKIP_UNICAST) && (unicast = take_unicast(layout, &q->list[i])))
        {
            *unicast_end = unicast;
            unicast_end = &unicast->Next;
        }
        if (q->flags & GAA_FLAG_INCLUDE_PREFIX && (prefix = take_prefix(layout, &q->list[i])))
        {
            *prefix_end = prefix;
            prefix_end = &prefix->Next;
        }
    }
    if (!(q->flags & GAA_FLAG_SKIP_DNS_SERVER) && interface->type != IF_TYPE_SOFTWARE_LOOPBACK)
        for (size_t i = 0; i < q->server_count; i++)
            if ((server = take_server(layout, &q->servers[i])))
            {
                *server_end = server;
                server_end = &server->Next;
            }
    return taken;
}

/* Those that have an address of the family, or all. */
static BOOL is_listed(const struct question *q, const struct oriel_interface *interface)
{
    if (interface->family) return FALSE;
    if (q->flags & GAA_FLAG_INCLUDE_ALL_INTERFACES || q->family == AF_UNSPEC) return TRUE;
    for (size_t i = 0; i < q->count; i++)
        if (is_wanted(&q->list[i], interface->index, q->family)) return TRUE;
    return FALSE;
}

static BOOL lay_out(struct layout *layout, const struct question *q)
{
    IP_ADAPTER_ADDRESSES_LH *adapter, *last = NULL;
    BOOL any = FALSE;

    for (size_t i = 0; i < q->count; i++)
    {
        if (!is_listed(q, &q->list[i])) continue;
        any = TRUE;
        if (!(adapter = take_adapter(layout, q, &q->list[i]))) continue;
        if (last) last->Next = adapter;
        last = adapter;
    }
    return any;
}

ULONG WINAPI GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *buffer, ULONG *size)
{
    struct question q = { .family = family, .flags = flags };
    struct oriel_interface *list;
    struct layout layout = { NULL, 0 };
    size_t done;
    DWORD error;

    if (reserved || !size || (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)) return ERROR_INVALID_PARAMETER;
    if ((error = get_interfaces(&list, &q.count))) return error;
    q.list = list;
    if (!ask(ORIEL_SOCKET_NAME_SERVERS, NULL, 0, q.servers, sizeof(q.servers), &done)) q.server_count = done / sizeof(q.servers[0]);
    if (!lay_out(&layout, &q)) error = ERROR_NO_DATA;
    else if (!buffer || *size < layout.used)
    {
        *size = (ULONG)layout.used;
        error = ERROR_BUFFER_OVERFLOW;
    }
    else
    {
        *size = (ULONG)layout.used;
        layout.base = (char *)buffer;
        layout.used = 0;
        lay_out(&layout, &q);
    }
    free_memory(list);
    return error;
}
