/* Waiting for several sockets: select, WSAPoll, network events. */
#include "ws2_32.h"

/* Requests that belong to no socket go to a device of their own. */
static SOCKET poll_device(void)
{
    static SOCKET device;
    SOCKET s = __atomic_load_n(&device, __ATOMIC_ACQUIRE), expected = 0;

    if (s) return s;
    if (device_open(&s, FALSE)) return 0;
    if (__atomic_compare_exchange_n(&device, &expected, s, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return s;
    NtClose((HANDLE)s);
    return expected;
}

static struct oriel_socket_poll *poll_alloc(unsigned int count, size_t *size)
{
    *size = offsetof(struct oriel_socket_poll, entries) + count * sizeof(struct oriel_socket_poll_entry);
    return RtlAllocateHeap(GetProcessHeap(), HEAP_ZERO_MEMORY, *size);
}

int WINAPI WSAPoll(WSAPOLLFD *fds, ULONG count, int timeout)
{
    struct oriel_socket_poll *poll;
    size_t size;
    NTSTATUS status;
    int ready = 0;

    if (!count) return fail(WSAEINVAL);
    if (!fds) return fail(WSAEFAULT);
    for (ULONG i = 0; i < count; i++)
        if (fds[i].events & ~(POLLRDNORM | POLLRDBAND | POLLPRI | POLLWRNORM)) return fail(WSAEINVAL);
    if (!(poll = poll_alloc(count, &size))) return fail(WSAENOBUFS);
    poll->timeout = timeout;
    poll->count = count;
    for (ULONG i = 0; i < count; i++)
    {
        poll->entries[i].handle = fds[i].fd;
        poll->entries[i].events = fds[i].events;
    }
    if (!(status = request(poll_device(), ORIEL_SOCKET_POLL, poll, size, poll, size, NULL)))
    {
        ready = poll->count;
        for (ULONG i = 0; i < count; i++) fds[i].revents = poll->entries[i].returned;
    }
    RtlFreeHeap(GetProcessHeap(), 0, poll);
    return status ? result(status) : ready;
}

static void add_set(struct oriel_socket_poll *poll, const struct fd_set *set, short events)
{
    for (u_int i = 0; set && i < set->fd_count; i++)
    {
        poll->entries[poll->count].handle = set->fd_array[i];
        poll->entries[poll->count++].events = events;
    }
}

/* Leaves in set what is ready; at says which entry is its first. */
static int keep_ready(const struct oriel_socket_poll *poll, struct fd_set *set, unsigned int *at, short ready)
{
    u_int kept = 0, count = set ? set->fd_count : 0;

    for (u_int i = 0; i < count; i++)
    {
        const struct oriel_socket_poll_entry *entry = &poll->entries[(*at)++];

        if (entry->returned & ready) set->fd_array[kept++] = (SOCKET)entry->handle;
    }
    if (set) set->fd_count = kept;
    return kept;
}

int WINAPI select(int ignored, fd_set *read, fd_set *write, fd_set *except, const struct timeval *timeout)
{
    unsigned int total = (read ? read->fd_count : 0) + (write ? write->fd_count : 0) + (except ? except->fd_count : 0), at = 0;
    struct oriel_socket_poll *poll;
    size_t size;
    NTSTATUS status;
    int ready = 0;

    (void)ignored;
    if (!total) return fail(WSAEINVAL);
    if (!(poll = poll_alloc(total, &size))) return fail(WSAENOBUFS);
    add_set(poll, read, POLLRDNORM);
    add_set(poll, write, POLLWRNORM);
    add_set(poll, except, POLLPRI);
    poll->timeout = timeout ? timeout->tv_sec * 1000 + (timeout->tv_usec + 999) / 1000 : -1;
    status = request(poll_device(), ORIEL_SOCKET_POLL, poll, size, poll, size, NULL);
    for (unsigned int i = 0; !status && i < total; i++)
        if (poll->entries[i].returned & POLLNVAL) status = STATUS_OBJECT_TYPE_MISMATCH;
    if (!status)
    {
        /* A connection that failed is an exception; its end can be read. */
        ready = keep_ready(poll, read, &at, POLLRDNORM | POLLHUP);
        ready += keep_ready(poll, write, &at, POLLWRNORM);
        ready += keep_ready(poll, except, &at, POLLPRI | POLLERR);
    }
    RtlFreeHeap(GetProcessHeap(), 0, poll);
    return status ? result(status) : ready;
}

int WINAPI __WSAFDIsSet(SOCKET s, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] == s) return 1;
    return 0;
}

/* ---- network events --------------------------------------------------------------------------------------------------- */

int WINAPI WSAEventSelect(SOCKET s, WSAEVENT event, LONG mask)
{
    struct oriel_socket_select in = { .event = (ULONG_PTR)event, .mask = (unsigned int)mask };

    if (mask && !event) return fail(WSAEINVAL);
    if (!mask) in.event = 0;
    return result(request(s, ORIEL_SOCKET_SELECT, &in, sizeof(in), NULL, 0, NULL));
}

int WINAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events)
{
    unsigned long long handle = (ULONG_PTR)event;
    struct oriel_socket_events out;
    NTSTATUS status;

    if (!events) return fail(WSAEFAULT);
    if ((status = request(s, ORIEL_SOCKET_EVENTS, &handle, sizeof(handle), &out, sizeof(out), NULL))) return result(status);
    events->lNetworkEvents = out.mask;
    memcpy(events->iErrorCode, out.errors, sizeof(out.errors));
    return 0;
}

WSAEVENT WINAPI WSACreateEvent(void)
{
    return CreateEventW(NULL, TRUE, FALSE, NULL);
}

BOOL WINAPI WSACloseEvent(WSAEVENT event)
{
    return CloseHandle(event) || (fail(WSA_INVALID_HANDLE), FALSE);
}

BOOL WINAPI WSASetEvent(WSAEVENT event)
{
    return SetEvent(event) || (fail(WSA_INVALID_HANDLE), FALSE);
}

BOOL WINAPI WSAResetEvent(WSAEVENT event)
{
    return ResetEvent(event) || (fail(WSA_INVALID_HANDLE), FALSE);
}

DWORD WINAPI WSAWaitForMultipleEvents(DWORD count, const WSAEVENT *events, BOOL all, DWORD timeout, BOOL alertable)
{
    return WaitForMultipleObjectsEx(count, events, all, timeout, alertable);
}
