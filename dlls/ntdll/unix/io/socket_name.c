/* Names of hosts and services: the system's own resolver. */
#include <errno.h>
#include <netdb.h>

#include "io/socket.h"

#define W_AI_PASSIVE     0x0001
#define W_AI_CANONNAME   0x0002
#define W_AI_NUMERICHOST 0x0004
#define W_AI_NUMERICSERV 0x0008
#define W_AI_ALL         0x0100
#define W_AI_ADDRCONFIG  0x0400
#define W_AI_V4MAPPED    0x0800

#define W_NI_NOFQDN      0x01
#define W_NI_NUMERICHOST 0x02
#define W_NI_NAMEREQD    0x04
#define W_NI_NUMERICSERV 0x08
#define W_NI_DGRAM       0x10

static int flags_to_linux(int flags)
{
    return (flags & W_AI_PASSIVE ? AI_PASSIVE : 0) | (flags & W_AI_CANONNAME ? AI_CANONNAME : 0) |
           (flags & W_AI_NUMERICHOST ? AI_NUMERICHOST : 0) | (flags & W_AI_NUMERICSERV ? AI_NUMERICSERV : 0) |
           (flags & W_AI_ALL ? AI_ALL : 0) | (flags & W_AI_ADDRCONFIG ? AI_ADDRCONFIG : 0) |
           (flags & W_AI_V4MAPPED ? AI_V4MAPPED : 0);
}

/* Statuses that ws2_32 knows as the resolver's errors. */
static NTSTATUS status_from_resolver(int error)
{
    switch (error)
    {
    case EAI_AGAIN:    return STATUS_RETRY;                     /* WSATRY_AGAIN */
    case EAI_FAIL:     return STATUS_UNSUCCESSFUL;              /* WSANO_RECOVERY */
    case EAI_FAMILY:   return STATUS_UNKNOWN_REVISION;          /* WSAEAFNOSUPPORT */
    case EAI_SOCKTYPE: return STATUS_INVALID_DEVICE_REQUEST;    /* WSAESOCKTNOSUPPORT */
    case EAI_SERVICE:  return STATUS_NOT_FOUND;                 /* WSATYPE_NOT_FOUND */
    case EAI_MEMORY:   return STATUS_NO_MEMORY;
    case EAI_BADFLAGS: return STATUS_INVALID_PARAMETER;
    case EAI_SYSTEM:   return status_from_socket_errno(errno);
    default:           return STATUS_OBJECT_NAME_NOT_FOUND;     /* WSAHOST_NOT_FOUND */
    }
}

NTSTATUS socket_resolve(struct io *io)
{
    struct oriel_socket_resolve request;
    struct addrinfo hints = { 0 }, *list, *entry;
    size_t room = io->length / sizeof(struct oriel_socket_resolved), n = 0;
    NTSTATUS status;
    int error;

    if (io->in_length < sizeof(request)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&request, io->in, sizeof(request)))) return status;
    request.node[sizeof(request.node) - 1] = request.service[sizeof(request.service) - 1] = 0;
    hints.ai_flags = flags_to_linux(request.flags);
    if ((hints.ai_family = family_to_linux(request.family)) < 0) return status_from_resolver(EAI_FAMILY);
    hints.ai_socktype = request.type;
    hints.ai_protocol = request.protocol;
    if ((error = getaddrinfo(request.node[0] ? request.node : NULL, request.service[0] ? request.service : NULL, &hints, &list)))
        return status_from_resolver(error);
    for (entry = list; entry && !status; entry = entry->ai_next)
    {
        struct oriel_socket_resolved out = { .family = family_to_windows(entry->ai_family), .type = entry->ai_socktype };

        if (entry->ai_addrlen > sizeof(out.address) || family_to_linux(out.family) < 0) continue;
        /* The same address once for each kind of socket: Windows gives it once, of no kind, if none was asked for. */
        if (!request.type && entry != list && entry->ai_socktype != list->ai_socktype) continue;
        if (!request.type) out.type = 0;
        else out.protocol = entry->ai_protocol;
        if (n == room)
        {
            status = STATUS_BUFFER_TOO_SMALL;
            break;
        }
        out.length = entry->ai_addrlen;
        memcpy(out.address, entry->ai_addr, entry->ai_addrlen);
        *(unsigned short *)out.address = out.family;
        if (entry->ai_canonname && strlen(entry->ai_canonname) < sizeof(out.canonical_name))
            strcpy(out.canonical_name, entry->ai_canonname);
        status = user_write((struct oriel_socket_resolved *)io->buffer + n++, &out, sizeof(out));
    }
    freeaddrinfo(list);
    io->information = n * sizeof(struct oriel_socket_resolved);
    return status;
}

NTSTATUS socket_reverse(struct io *io)
{
    struct { char host[1025], service[32]; } out = { "", "" };
    struct sockaddr_storage address;
    socklen_t length;
    int flags, linux_flags, error;
    NTSTATUS status;

    if (io->in_length < sizeof(flags) || io->length < sizeof(out)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&flags, io->in, sizeof(flags)))) return status;
    if ((status = address_read(&address, &length, (const char *)io->in + sizeof(flags), io->in_length - sizeof(flags)))) return status;
    linux_flags = (flags & W_NI_NOFQDN ? NI_NOFQDN : 0) | (flags & W_NI_NUMERICHOST ? NI_NUMERICHOST : 0) |
                  (flags & W_NI_NAMEREQD ? NI_NAMEREQD : 0) | (flags & W_NI_NUMERICSERV ? NI_NUMERICSERV : 0) |
                  (flags & W_NI_DGRAM ? NI_DGRAM : 0);
    if ((error = getnameinfo((struct sockaddr *)&address, length, out.host, sizeof(out.host), out.service, sizeof(out.service),
                             linux_flags))) return status_from_resolver(error);
    io->information = sizeof(out);
    return user_write(io->buffer, &out, sizeof(out));
}
