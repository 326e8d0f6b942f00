/* Names of hosts and services. */
#include "ws2_32.h"

static int resolver_error(NTSTATUS status)
{
    switch (status)
    {
    case STATUS_OBJECT_NAME_NOT_FOUND: return WSAHOST_NOT_FOUND;
    case STATUS_RETRY:                 return WSATRY_AGAIN;
    case STATUS_UNSUCCESSFUL:          return WSANO_RECOVERY;
    case STATUS_NOT_FOUND:             return WSATYPE_NOT_FOUND;
    case STATUS_INVALID_DEVICE_REQUEST: return WSAESOCKTNOSUPPORT;
    case STATUS_NO_MEMORY:             return WSA_NOT_ENOUGH_MEMORY;
    default:                           return error_from_status(status);
    }
}

/* The requests here need an open of the device, but no socket. */
static NTSTATUS ask(unsigned int code, const void *in, size_t in_size, void *out, size_t out_size, ULONG_PTR *done)
{
    SOCKET s;
    NTSTATUS status = device_open(&s, FALSE);

    if (status) return status;
    status = request(s, code, in, in_size, out, out_size, done);
    NtClose((HANDLE)s);
    return status;
}

static void *allocate(size_t size)
{
    return RtlAllocateHeap(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

static BOOL to_wide(const char *text, WCHAR *out, int size)
{
    return MultiByteToWideChar(CP_UTF8, 0, text, -1, out, size) > 0;
}

static BOOL to_bytes(const WCHAR *text, char *out, int size)
{
    return WideCharToMultiByte(CP_UTF8, 0, text, -1, out, size, NULL, NULL) > 0;
}

/* ---- getaddrinfo --------------------------------------------------------------------------------------------------- */

void WINAPI freeaddrinfo(struct addrinfo *info)
{
    while (info)
    {
        struct addrinfo *next = info->ai_next;

        RtlFreeHeap(GetProcessHeap(), 0, info->ai_canonname);
        RtlFreeHeap(GetProcessHeap(), 0, info->ai_addr);
        RtlFreeHeap(GetProcessHeap(), 0, info);
        info = next;
    }
}

/* One entry; its canonical name is characters of char_size bytes. NULL: no memory. ADDRINFOW has the same layout. */
static struct addrinfo *make_entry(const struct oriel_socket_resolved *from, BOOL wide)
{
    struct addrinfo *info = allocate(sizeof(*info));
    size_t size = strlen(from->canonical_name) + 1;

    if (!info) return NULL;
    info->ai_family = from->family;
    info->ai_socktype = from->type;
    info->ai_protocol = from->protocol;
    info->ai_addrlen = from->length;
    info->ai_addr = allocate(from->length);
    if (size > 1) info->ai_canonname = allocate(size * (wide ? sizeof(WCHAR) : 1));
    if (!info->ai_addr || (size > 1 && !info->ai_canonname))
    {
        freeaddrinfo(info);
        return NULL;
    }
    memcpy(info->ai_addr, from->address, from->length);
    if (size > 1)
    {
        if (wide) to_wide(from->canonical_name, (WCHAR *)info->ai_canonname, size);
        else memcpy(info->ai_canonname, from->canonical_name, size);
    }
    return info;
}

static int resolve(const struct oriel_socket_resolve *in, BOOL wide, struct addrinfo **out)
{
    struct oriel_socket_resolved *answers = allocate(MAX_ANSWERS * sizeof(*answers));
    struct addrinfo *first = NULL, **last = &first;
    ULONG_PTR done = 0;
    NTSTATUS status = STATUS_NO_MEMORY;

    *out = NULL;
    if (answers) status = ask(ORIEL_SOCKET_RESOLVE, in, sizeof(*in), answers, MAX_ANSWERS * sizeof(*answers), &done);
    for (size_t i = 0; !status && i < done / sizeof(*answers); i++)
    {
        if (!(*last = make_entry(&answers[i], wide))) status = STATUS_NO_MEMORY;
        else last = &(*last)->ai_next;
    }
    RtlFreeHeap(GetProcessHeap(), 0, answers);
    if (status)
    {
        int error = resolver_error(status);

        freeaddrinfo(first);
        SetLastError(error);
        return error;
    }
    *out = first;
    SetLastError(0);
    return 0;
}

/* The host's own name is "" on Windows. */
static int prepare(struct oriel_socket_resolve *in, const struct addrinfo *hints, BOOL have_node, BOOL have_service)
{
    if (!is_started()) return WSANOTINITIALISED;
    if (!have_node && !have_service) return WSAHOST_NOT_FOUND;
    if (hints)
    {
        if (hints->ai_addrlen || hints->ai_addr || hints->ai_canonname || hints->ai_next) return WSANO_RECOVERY;
        in->flags = hints->ai_flags;
        in->family = hints->ai_family;
        in->type = hints->ai_socktype;
        in->protocol = hints->ai_protocol;
        if ((in->flags & AI_CANONNAME) && !have_node) return WSAEINVAL;
    }
    if (have_node && !in->node[0]) ask(ORIEL_SOCKET_HOST_NAME, NULL, 0, in->node, sizeof(in->node), NULL);
    return 0;
}

int WINAPI getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    struct oriel_socket_resolve in = { 0 };
    int error;

    *out = NULL;
    if ((node && strlen(node) >= sizeof(in.node)) || (service && strlen(service) >= sizeof(in.service))) return WSAHOST_NOT_FOUND;
    if (node) strcpy(in.node, node);
    if (service) strcpy(in.service, service);
    if ((error = prepare(&in, hints, node != NULL, service != NULL)))
    {
        SetLastError(error);
        return error;
    }
    return resolve(&in, FALSE, out);
}

int WINAPI GetAddrInfoW(const WCHAR *node, const WCHAR *service, const ADDRINFOW *hints, ADDRINFOW **out)
{
    struct oriel_socket_resolve in = { 0 };
    int error = 0;

    *out = NULL;
    if ((node && !to_bytes(node, in.node, sizeof(in.node))) || (service && !to_bytes(service, in.service, sizeof(in.service))))
        error = WSAHOST_NOT_FOUND;
    if (!error) error = prepare(&in, (const struct addrinfo *)hints, node != NULL, service != NULL);
    if (error)
    {
        SetLastError(error);
        return error;
    }
    return resolve(&in, TRUE, (struct addrinfo **)out);
}

void WINAPI FreeAddrInfoW(ADDRINFOW *info)
{
    freeaddrinfo((struct addrinfo *)info);
}

/* ---- getnameinfo ----------------------------------------------------------------------------------------------------- */

struct reversed { char host[1025], service[32]; };

static int reverse(const struct sockaddr *address, int length, int flags, struct reversed *out)
{
    struct { int flags; char address[128]; } in = { flags, "" };
    NTSTATUS status;

    if (!address || length < 2 || length > (int)sizeof(in.address)) return WSAEFAULT;
    memcpy(in.address, address, length);
    status = ask(ORIEL_SOCKET_REVERSE, &in, sizeof(in.flags) + length, out, sizeof(*out), NULL);
    return status ? resolver_error(status) : 0;
}

int WINAPI getnameinfo(const struct sockaddr *address, socklen_t length, char *host, DWORD host_size, char *service,
                       DWORD service_size, INT flags)
{
    struct reversed out;
    int error = reverse(address, length, flags, &out);

    if (!error && host && strlen(out.host) >= host_size) error = WSAEFAULT;
    if (!error && service && strlen(out.service) >= service_size) error = WSAEFAULT;
    if (error)
    {
        SetLastError(error);
        return error;
    }
    if (host) strcpy(host, out.host);
    if (service) strcpy(service, out.service);
    return 0;
}

int WINAPI GetNameInfoW(const struct sockaddr *address, socklen_t length, WCHAR *host, DWORD host_size, WCHAR *service,
                        DWORD service_size, INT flags)
{
    struct reversed out;
    int error = reverse(address, length, flags, &out);

    if (!error && host && !to_wide(out.host, host, host_size)) error = WSAEFAULT;
    if (!error && service && !to_wide(out.service, service, service_size)) error = WSAEFAULT;
    if (error) SetLastError(error);
    return error;
}

/* ---- of old ------------------------------------------------------------------------------------------------------------ */

int WINAPI gethostname(char *name, int size)
{
    char text[256];

    if (!is_started()) return fail(WSANOTINITIALISED);
    if (!name || size <= 0 || ask(ORIEL_SOCKET_HOST_NAME, NULL, 0, text, sizeof(text), NULL) || (int)strlen(text) >= size)
        return fail(WSAEFAULT);
    strcpy(name, text);
    return 0;
}

int WINAPI GetHostNameW(WCHAR *name, int size)
{
    char text[256];

    if (!is_started()) return fail(WSANOTINITIALISED);
    if (!name || ask(ORIEL_SOCKET_HOST_NAME, NULL, 0, text, sizeof(text), NULL) || !to_wide(text, name, size)) return fail(WSAEFAULT);
    return 0;
}

struct hostent * WINAPI gethostbyname(const char *name)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_flags = AI_CANONNAME }, *list, *info;
    struct thread_data *answer = thread_data();
    int count = 0, error;

    if (!answer) return fail(WSAENOBUFS), NULL;
    if ((error = getaddrinfo(name ? name : "", NULL, &hints, &list))) return fail(error), NULL;
    memset(answer->list, 0, sizeof(answer->list));
    if (list && list->ai_canonname) lstrcpynA(answer->name, list->ai_canonname, sizeof(answer->name));
    else lstrcpynA(answer->name, name ? name : "", sizeof(answer->name));
    for (info = list; info && count < MAX_ANSWERS; info = info->ai_next)
    {
        memcpy(answer->addresses[count], &((struct sockaddr_in *)info->ai_addr)->sin_addr, 4);
        answer->list[count] = (char *)answer->addresses[count];
        count++;
    }
    freeaddrinfo(list);
    answer->host = (struct hostent){ answer->name, answer->aliases, AF_INET, 4, answer->list };
    return &answer->host;
}

struct hostent * WINAPI gethostbyaddr(const char *address, int length, int family)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct thread_data *answer = thread_data();
    struct reversed out;
    int error;

    if (!answer) return fail(WSAENOBUFS), NULL;
    if (family != AF_INET || length != 4 || !address) return fail(WSAEAFNOSUPPORT), NULL;
    memcpy(&in.sin_addr, address, 4);
    if ((error = reverse((struct sockaddr *)&in, sizeof(in), NI_NAMEREQD, &out))) return fail(error), NULL;
    memset(answer->list, 0, sizeof(answer->list));
    lstrcpynA(answer->name, out.host, sizeof(answer->name));
    memcpy(answer->addresses[0], address, 4);
    answer->list[0] = (char *)answer->addresses[0];
    answer->host = (struct hostent){ answer->name, answer->aliases, AF_INET, 4, answer->list };
    return &answer->host;
}

static struct protoent *protocol_entry(const char *name, int number)
{
    static char *const none[1];
    static char tcp[] = "tcp", udp[] = "udp", icmp[] = "icmp", ip[] = "ip", v6[] = "ipv6", icmp6[] = "ipv6-icmp";
    static struct protoent known[] =
    {
        { ip, (char **)none, 0 }, { icmp, (char **)none, 1 }, { tcp, (char **)none, 6 }, { udp, (char **)none, 17 },
        { v6, (char **)none, 41 }, { icmp6, (char **)none, 58 },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (name ? !lstrcmpiA(name, known[i].p_name) : known[i].p_proto == number) return &known[i];
    return fail(WSANO_DATA), NULL;
}

struct protoent * WINAPI getprotobyname(const char *name)
{
    if (!name) return fail(WSAEFAULT), NULL;
    return protocol_entry(name, 0);
}

struct protoent * WINAPI getprotobynumber(int number)
{
    return protocol_entry(NULL, number);
}
