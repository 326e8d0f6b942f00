/* Sockets on the loopback: blocking, non-blocking, overlapped, datagrams, events, addresses as text. */
#include <stdarg.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"
#include "winsock2.h"
#include "ws2tcpip.h"
#include "mswsock.h"
#include "wine/test.h"

static SOCKET listener(struct sockaddr_in *address)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    int size = sizeof(*address);

    ok(s != INVALID_SOCKET, "socket: %d\n", WSAGetLastError());
    memset(address, 0, sizeof(*address));
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ok(!bind(s, (struct sockaddr *)address, sizeof(*address)), "bind: %d\n", WSAGetLastError());
    ok(!listen(s, 5), "listen: %d\n", WSAGetLastError());
    ok(!getsockname(s, (struct sockaddr *)address, &size) && size == sizeof(*address) && address->sin_port, "getsockname: %d\n", WSAGetLastError());
    return s;
}

static void make_pair(SOCKET *client, SOCKET *server)
{
    struct sockaddr_in address, peer, local;
    SOCKET s = listener(&address);
    int size = sizeof(peer);

    *client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ok(!connect(*client, (struct sockaddr *)&address, sizeof(address)), "connect: %d\n", WSAGetLastError());
    *server = accept(s, (struct sockaddr *)&peer, &size);
    ok(*server != INVALID_SOCKET, "accept: %d\n", WSAGetLastError());
    size = sizeof(local);
    ok(!getsockname(*client, (struct sockaddr *)&local, &size), "getsockname: %d\n", WSAGetLastError());
    ok(peer.sin_port == local.sin_port && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "wrong peer\n");
    closesocket(s);
}

static void set_nonblocking(SOCKET s)
{
    u_long on = 1;

    ok(!ioctlsocket(s, FIONBIO, &on), "FIONBIO: %d\n", WSAGetLastError());
}

/* ---- streams ------------------------------------------------------------------------------------------------- */

static DWORD WINAPI echo_thread(void *arg)
{
    SOCKET s = *(SOCKET *)arg;
    char buffer[100];
    int n;

    while ((n = recv(s, buffer, sizeof(buffer), 0)) > 0) send(s, buffer, n, 0);
    ok(!n, "recv: %d, %d\n", n, WSAGetLastError());
    closesocket(s);
    return 0;
}

static void test_stream(void)
{
    char buffer[16];
    SOCKET client, server;
    HANDLE thread;
    u_long bytes;
    int n;

    make_pair(&client, &server);
    thread = CreateThread(NULL, 0, echo_thread, &server, 0, NULL);
    ok(send(client, "hello", 5, 0) == 5, "send: %d\n", WSAGetLastError());
    n = recv(client, buffer, 3, MSG_PEEK);
    ok(n >= 1 && n <= 3, "peek: %d\n", n);
    n = recv(client, buffer, sizeof(buffer), 0);
    ok(n == 5 && !memcmp(buffer, "hello", 5), "recv: %d\n", n);
    ok(!ioctlsocket(client, FIONREAD, &bytes) && !bytes, "FIONREAD: %lu\n", bytes);
    ok(send(client, "abcdef", 6, 0) == 6, "send: %d\n", WSAGetLastError());
    n = recv(client, buffer, 6, MSG_WAITALL);
    ok(n == 6 && !memcmp(buffer, "abcdef", 6), "recv all: %d\n", n);
    ok(!shutdown(client, SD_SEND), "shutdown: %d\n", WSAGetLastError());
    ok(!recv(client, buffer, sizeof(buffer), 0), "the end is not seen\n");
    ok(send(client, "x", 1, 0) == -1 && WSAGetLastError() == WSAESHUTDOWN, "send after shutdown: %d\n", WSAGetLastError());
    ok(!WaitForSingleObject(thread, 5000), "the thread hangs\n");
    CloseHandle(thread);
    ok(!closesocket(client), "closesocket: %d\n", WSAGetLastError());
    ok(closesocket(client) == -1 && WSAGetLastError() == WSAENOTSOCK, "closed twice: %d\n", WSAGetLastError());
}

static void test_refusals(void)
{
    struct sockaddr_in address;
    SOCKET s = listener(&address), other;
    char buffer[4];
    int size;

    other = socket(AF_INET, SOCK_STREAM, 0);
    ok(bind(other, (struct sockaddr *)&address, sizeof(address)) == -1 && WSAGetLastError() == WSAEADDRINUSE, "bind twice: %d\n", WSAGetLastError());
    ok(recv(other, buffer, 4, 0) == -1 && WSAGetLastError() == WSAENOTCONN, "recv: %d\n", WSAGetLastError());
    size = sizeof(address);
    ok(getpeername(other, (struct sockaddr *)&address, &size) == -1 && WSAGetLastError() == WSAENOTCONN, "getpeername: %d\n", WSAGetLastError());
    size = 4;
    ok(getsockname(s, (struct sockaddr *)buffer, &size) == -1 && WSAGetLastError() == WSAEFAULT, "getsockname: %d\n", WSAGetLastError());
    size = sizeof(address);
    getsockname(s, (struct sockaddr *)&address, &size);
    closesocket(s);
    ok(connect(other, (struct sockaddr *)&address, sizeof(address)) == -1 && WSAGetLastError() == WSAECONNREFUSED, "connect: %d\n", WSAGetLastError());
    closesocket(other);
    ok(socket(AF_INET, 77, 0) == INVALID_SOCKET && WSAGetLastError() == WSAESOCKTNOSUPPORT, "socket: %d\n", WSAGetLastError());
    ok(socket(77, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEAFNOSUPPORT, "socket: %d\n", WSAGetLastError());
    ok(send((SOCKET)0xdead0, "x", 1, 0) == -1 && WSAGetLastError() == WSAENOTSOCK, "send: %d\n", WSAGetLastError());
}

static void test_nonblocking(void)
{
    struct timeval second = { 5, 0 }, none = { 0, 0 };
    struct sockaddr_in address;
    SOCKET s = listener(&address), client, server;
    WSAPOLLFD polled[2];
    fd_set read, write;
    char buffer[8];
    int error = -1, size = sizeof(error);

    set_nonblocking(s);
    ok(accept(s, NULL, NULL) == INVALID_SOCKET && WSAGetLastError() == WSAEWOULDBLOCK, "accept: %d\n", WSAGetLastError());
    client = socket(AF_INET, SOCK_STREAM, 0);
    set_nonblocking(client);
    if (connect(client, (struct sockaddr *)&address, sizeof(address)))
        ok(WSAGetLastError() == WSAEWOULDBLOCK, "connect: %d\n", WSAGetLastError());
    FD_ZERO(&write);
    FD_SET(client, &write);
    ok(select(0, NULL, &write, NULL, &second) == 1 && FD_ISSET(client, &write), "select: %d\n", WSAGetLastError());
    ok(!getsockopt(client, SOL_SOCKET, SO_ERROR, (char *)&error, &size) && !error, "SO_ERROR: %d\n", error);
    FD_ZERO(&read);
    FD_SET(s, &read);
    ok(select(0, &read, NULL, NULL, &second) == 1, "select: %d\n", WSAGetLastError());
    server = accept(s, NULL, NULL);
    ok(server != INVALID_SOCKET, "accept: %d\n", WSAGetLastError());
    ok(recv(client, buffer, sizeof(buffer), 0) == -1 && WSAGetLastError() == WSAEWOULDBLOCK, "recv: %d\n", WSAGetLastError());
    FD_ZERO(&read);
    FD_SET(client, &read);
    ok(!select(0, &read, NULL, NULL, &none) && !read.fd_count, "select finds what is not there\n");
    ok(select(0, NULL, NULL, NULL, &none) == -1 && WSAGetLastError() == WSAEINVAL, "select of nothing: %d\n", WSAGetLastError());

    ok(send(server, "now", 3, 0) == 3, "send: %d\n", WSAGetLastError());
    polled[0].fd = client;
    polled[0].events = POLLRDNORM | POLLWRNORM;
    polled[1].fd = s;
    polled[1].events = POLLRDNORM;
    ok(WSAPoll(polled, 2, 5000) == 1, "WSAPoll: %d\n", WSAGetLastError());
    if (!(polled[0].revents & POLLRDNORM)) polled[0].events = POLLRDNORM, WSAPoll(polled, 1, 5000);
    ok((polled[0].revents & POLLRDNORM) && !polled[1].revents, "got %x, %x\n", polled[0].revents, polled[1].revents);
    ok(recv(client, buffer, sizeof(buffer), 0) == 3, "recv: %d\n", WSAGetLastError());
    closesocket(server);
    polled[0].events = POLLRDNORM;
    ok(WSAPoll(polled, 1, 5000) == 1, "WSAPoll: %d\n", WSAGetLastError());
    ok(!recv(client, buffer, sizeof(buffer), 0), "recv: %d\n", WSAGetLastError());
    closesocket(client);
    closesocket(s);
}

/* ---- overlapped ------------------------------------------------------------------------------------------------ */

static int routine_error = -1;
static DWORD routine_bytes;
static void CALLBACK routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)overlapped, (void)flags;
    routine_error = error;
    routine_bytes = bytes;
}

static void test_overlapped(void)
{
    WSAOVERLAPPED overlapped;
    char buffer[16], second[16];
    WSABUF buffers[2] = { { 2, buffer }, { 14, second } };
    SOCKET client, server;
    DWORD done = 0, flags = 0, later;
    int ret;

    make_pair(&client, &server);
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.hEvent = WSACreateEvent();
    later = 0;
    ret = WSARecv(client, buffers, 2, NULL, &later, &overlapped, NULL);
    ok(ret == -1 && WSAGetLastError() == WSA_IO_PENDING, "WSARecv: %d, %d\n", ret, WSAGetLastError());
    ok(!WSAGetOverlappedResult(client, &overlapped, &done, FALSE, &flags) && WSAGetLastError() == WSA_IO_INCOMPLETE, "result: %d\n", WSAGetLastError());
    later = 0x5a5a;
    ok(send(server, "12345", 5, 0) == 5, "send: %d\n", WSAGetLastError());
    /* the flags are the caller's again once the call has returned: often a variable on a stack */
    ok(WSAGetOverlappedResult(client, &overlapped, &done, TRUE, &flags) && done == 5, "result: %d, %lu\n", WSAGetLastError(), done);
    ok(later == 0x5a5a && !flags, "flags %#lx and %#lx\n", later, flags);
    ok(!memcmp(buffer, "12", 2) && !memcmp(second, "345", 3), "wrong bytes\n");

    /* a completion routine */
    WSAResetEvent(overlapped.hEvent);
    memset(&overlapped, 0, sizeof(overlapped));
    flags = 0;
    ret = WSARecv(client, buffers, 1, NULL, &flags, &overlapped, routine);
    ok(ret == -1 && WSAGetLastError() == WSA_IO_PENDING, "WSARecv: %d, %d\n", ret, WSAGetLastError());
    ok(send(server, "x", 1, 0) == 1, "send: %d\n", WSAGetLastError());
    ok(SleepEx(5000, TRUE) == WAIT_IO_COMPLETION && !routine_error && routine_bytes == 1, "routine: %d, %lu\n", routine_error, routine_bytes);

    /* cancelled */
    flags = 0;
    memset(&overlapped, 0, sizeof(overlapped));
    ret = WSARecv(client, buffers, 1, NULL, &flags, &overlapped, NULL);
    ok(ret == -1 && WSAGetLastError() == WSA_IO_PENDING, "WSARecv: %d, %d\n", ret, WSAGetLastError());
    ok(CancelIoEx((HANDLE)client, (OVERLAPPED *)&overlapped), "CancelIoEx: %lu\n", GetLastError());
    ok(!WSAGetOverlappedResult(client, &overlapped, &done, TRUE, &flags) && WSAGetLastError() == WSA_OPERATION_ABORTED, "result: %d\n", WSAGetLastError());
    closesocket(client);
    closesocket(server);
}

/* As servers on completion ports do it. */
static void test_port(void)
{
    static const GUID accept_id = WSAID_ACCEPTEX, connect_id = WSAID_CONNECTEX, addresses_id = WSAID_GETACCEPTEXSOCKADDRS;
    LPFN_ACCEPTEX accept_ex = NULL;
    LPFN_CONNECTEX connect_ex = NULL;
    LPFN_GETACCEPTEXSOCKADDRS get_addresses = NULL;
    struct sockaddr_in address, any = { .sin_family = AF_INET };
    struct sockaddr *local, *peer;
    SOCKET s = listener(&address), client, server;
    OVERLAPPED accepted = { 0 }, connected = { 0 }, received = { 0 }, *packet;
    char addresses[2 * (sizeof(struct sockaddr_in) + 16)], buffer[8];
    WSABUF buffers = { sizeof(buffer), buffer };
    DWORD bytes, flags = 0, seen = 0;
    int local_size, peer_size;
    ULONG_PTR key;
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 1, 0);

    ok(port != NULL, "port: %lu\n", GetLastError());
    ok(!WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&accept_id, sizeof(GUID), &accept_ex, sizeof(accept_ex), &bytes, NULL, NULL) && accept_ex, "AcceptEx: %d\n", WSAGetLastError());
    ok(!WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&connect_id, sizeof(GUID), &connect_ex, sizeof(connect_ex), &bytes, NULL, NULL) && connect_ex, "ConnectEx: %d\n", WSAGetLastError());
    ok(!WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&addresses_id, sizeof(GUID), &get_addresses, sizeof(get_addresses), &bytes, NULL, NULL) && get_addresses, "addresses: %d\n", WSAGetLastError());
    if (!accept_ex || !connect_ex || !get_addresses) return;

    server = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    ok(!accept_ex(s, server, addresses, 0, sizeof(addresses) / 2, sizeof(addresses) / 2, &bytes, &accepted) &&
       WSAGetLastError() == WSA_IO_PENDING, "AcceptEx: %d\n", WSAGetLastError());
    client = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    CreateIoCompletionPort((HANDLE)client, port, 2, 0);
    ok(!bind(client, (struct sockaddr *)&any, sizeof(any)), "bind: %d\n", WSAGetLastError());
    if (!connect_ex(client, (struct sockaddr *)&address, sizeof(address), NULL, 0, NULL, &connected))
        ok(WSAGetLastError() == WSA_IO_PENDING, "ConnectEx: %d\n", WSAGetLastError());
    for (int i = 0; i < 2; i++)
    {
        ok(GetQueuedCompletionStatus(port, &bytes, &key, &packet, 5000), "packet: %lu\n", GetLastError());
        if (packet == &accepted && key == 1) seen |= 1;
        if (packet == &connected && key == 2) seen |= 2;
    }
    ok(seen == 3, "packets: %lx\n", seen);
    ok(!setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&s, sizeof(s)), "context: %d\n", WSAGetLastError());
    get_addresses(addresses, 0, sizeof(addresses) / 2, sizeof(addresses) / 2, &local, &local_size, &peer, &peer_size);
    ok(local_size == sizeof(address) && ((struct sockaddr_in *)local)->sin_port == address.sin_port, "local address\n");
    ok(peer_size == sizeof(address) && ((struct sockaddr_in *)peer)->sin_addr.s_addr == htonl(INADDR_LOOPBACK), "peer address\n");

    ok(WSARecv(client, &buffers, 1, NULL, &flags, (WSAOVERLAPPED *)&received, NULL) == -1 && WSAGetLastError() == WSA_IO_PENDING, "WSARecv: %d\n", WSAGetLastError());
    ok(send(server, "abc", 3, 0) == 3, "send: %d\n", WSAGetLastError());
    ok(GetQueuedCompletionStatus(port, &bytes, &key, &packet, 5000) && packet == &received && bytes == 3, "packet: %lu, %lu\n", GetLastError(), bytes);
    closesocket(server);
    closesocket(client);
    closesocket(s);
    CloseHandle(port);
}

static void test_transmit(void)
{
    static const GUID transmit_id = WSAID_TRANSMITFILE;
    TRANSMIT_FILE_BUFFERS around = { (void *)"<<", 2, (void *)">", 1 };
    LPFN_TRANSMITFILE transmit = NULL;
    char path[MAX_PATH], name[MAX_PATH], buffer[32];
    SOCKET client, server;
    OVERLAPPED overlapped = { 0 };
    DWORD bytes, flags;
    HANDLE file;
    int n;

    make_pair(&client, &server);
    GetTempPathA(sizeof(path), path);
    GetTempFileNameA(path, "ws2", 0, name);
    file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    ok(file != INVALID_HANDLE_VALUE && WriteFile(file, "0123456789", 10, &bytes, NULL), "file: %lu\n", GetLastError());
    ok(!WSAIoctl(server, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&transmit_id, sizeof(GUID), &transmit, sizeof(transmit), &bytes, NULL, NULL) && transmit, "TransmitFile: %d\n", WSAGetLastError());
    if (!transmit) return;
    overlapped.hEvent = WSACreateEvent();
    overlapped.Offset = 4;
    if (!transmit(server, file, 5, 0, &overlapped, &around, TF_DISCONNECT))
        ok(WSAGetLastError() == WSA_IO_PENDING, "TransmitFile: %d\n", WSAGetLastError());
    ok(WSAGetOverlappedResult(server, (WSAOVERLAPPED *)&overlapped, &bytes, TRUE, &flags) && bytes == 8, "result: %d, %lu\n", WSAGetLastError(), bytes);
    n = recv(client, buffer, sizeof(buffer), MSG_WAITALL);
    ok(n == 8 && !memcmp(buffer, "<<45678>", 8), "recv: %d\n", n);
    WSACloseEvent(overlapped.hEvent);
    CloseHandle(file);
    closesocket(client);
    closesocket(server);
}

/* ---- datagrams ------------------------------------------------------------------------------------------------------- */

static void test_datagrams(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET }, from;
    SOCKET a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    int size = sizeof(address), timeout = 50, n;
    char buffer[16];
    DWORD start;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ok(!bind(a, (struct sockaddr *)&address, sizeof(address)), "bind: %d\n", WSAGetLastError());
    getsockname(a, (struct sockaddr *)&address, &size);
    ok(sendto(b, "datagram", 8, 0, (struct sockaddr *)&address, sizeof(address)) == 8, "sendto: %d\n", WSAGetLastError());
    ok(sendto(b, "", 0, 0, (struct sockaddr *)&address, sizeof(address)) == 0, "sendto: %d\n", WSAGetLastError());
    size = sizeof(from);
    n = recvfrom(a, buffer, 4, 0, (struct sockaddr *)&from, &size);
    ok(n == -1 && WSAGetLastError() == WSAEMSGSIZE && !memcmp(buffer, "data", 4), "cut: %d, %d\n", n, WSAGetLastError());
    ok(from.sin_family == AF_INET && from.sin_port, "no sender\n");
    n = recvfrom(a, buffer, sizeof(buffer), 0, NULL, NULL);
    ok(!n, "empty: %d\n", n);

    ok(!setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout)), "timeout: %d\n", WSAGetLastError());
    start = GetTickCount();
    n = recv(a, buffer, sizeof(buffer), 0);
    ok(n == -1 && WSAGetLastError() == WSAETIMEDOUT, "recv: %d, %d\n", n, WSAGetLastError());
    ok(GetTickCount() - start >= 45, "too soon: %lu ms\n", GetTickCount() - start);
    closesocket(a);
    closesocket(b);
}

/* ---- events --------------------------------------------------------------------------------------------------------------- */

static LONG next_events(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS events;

    if (WSAWaitForMultipleEvents(1, &event, FALSE, 5000, FALSE) != WSA_WAIT_EVENT_0) return 0;
    ok(!WSAEnumNetworkEvents(s, event, &events), "WSAEnumNetworkEvents: %d\n", WSAGetLastError());
    return events.lNetworkEvents;
}

static void test_events(void)
{
    struct sockaddr_in address;
    SOCKET s = listener(&address), client, server;
    WSAEVENT event = WSACreateEvent(), other = WSACreateEvent();
    char buffer[8];
    LONG seen;
    u_long off = 0;

    ok(!WSAEventSelect(s, event, FD_ACCEPT), "WSAEventSelect: %d\n", WSAGetLastError());
    ok(ioctlsocket(s, FIONBIO, &off) == -1 && WSAGetLastError() == WSAEINVAL, "blocking with events: %d\n", WSAGetLastError());
    client = socket(AF_INET, SOCK_STREAM, 0);
    ok(!WSAEventSelect(client, other, FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE), "WSAEventSelect: %d\n", WSAGetLastError());
    if (connect(client, (struct sockaddr *)&address, sizeof(address)))
        ok(WSAGetLastError() == WSAEWOULDBLOCK, "connect: %d\n", WSAGetLastError());
    ok(next_events(s, event) == FD_ACCEPT, "no FD_ACCEPT\n");
    server = accept(s, NULL, NULL);
    ok(server != INVALID_SOCKET, "accept: %d\n", WSAGetLastError());
    for (seen = 0; (seen & (FD_CONNECT | FD_WRITE)) != (FD_CONNECT | FD_WRITE); )
    {
        LONG more = next_events(client, other);

        if (!more) break;
        seen |= more;
    }
    ok(seen == (FD_CONNECT | FD_WRITE), "events %lx\n", seen);
    ok(send(server, "12", 2, 0) == 2, "send: %d\n", WSAGetLastError());
    ok(next_events(client, other) == FD_READ, "no FD_READ\n");
    ok(WSAWaitForMultipleEvents(1, &other, FALSE, 50, FALSE) == WSA_WAIT_TIMEOUT, "told twice\n");
    ok(recv(client, buffer, 1, 0) == 1, "recv: %d\n", WSAGetLastError());
    ok(next_events(client, other) == FD_READ, "no FD_READ for the rest\n");
    ok(recv(client, buffer, 1, 0) == 1, "recv: %d\n", WSAGetLastError());
    closesocket(server);
    ok(next_events(client, other) == FD_CLOSE, "no FD_CLOSE\n");
    closesocket(client);
    closesocket(s);
    WSACloseEvent(event);
    WSACloseEvent(other);
}

/* ---- names ------------------------------------------------------------------------------------------------------------------ */

static void test_names(void)
{
    static const struct { const char *text; int family; const char *back; } texts[] =
    {
        { "127.0.0.1", AF_INET, "127.0.0.1" }, { "1.2.3", AF_INET, NULL }, { "1.2.3.256", AF_INET, NULL },
        { "::", AF_INET6, "::" }, { "::1", AF_INET6, "::1" }, { "1::", AF_INET6, "1::" },
        { "2001:db8:0:0:1:0:0:1", AF_INET6, "2001:db8::1:0:0:1" }, { "FE80::A:b", AF_INET6, "fe80::a:b" },
        { "::ffff:1.2.3.4", AF_INET6, "::ffff:1.2.3.4" }, { "1:2:3:4:5:6:7:8", AF_INET6, "1:2:3:4:5:6:7:8" },
        { "1:2:3:4:5:6:7", AF_INET6, NULL }, { "1::2::3", AF_INET6, NULL }, { ":1", AF_INET6, NULL }, { "12345::", AF_INET6, NULL },
    };
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *info;
    unsigned char bytes[16];
    struct sockaddr_in address;
    WSAPROTOCOL_INFOW protocols[16];
    DWORD size = sizeof(protocols);
    char text[64];
    int length = sizeof(address), n;

    for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        n = inet_pton(texts[i].family, texts[i].text, bytes);
        ok(n == (texts[i].back != NULL), "%s: %d\n", texts[i].text, n);
        if (n == 1) ok(inet_ntop(texts[i].family, bytes, text, sizeof(text)) && !strcmp(text, texts[i].back), "%s: %s\n", texts[i].text, text);
    }
    ok(!WSAStringToAddressA((char *)"10.0.0.1:8080", AF_INET, NULL, (struct sockaddr *)&address, &length) && address.sin_port == htons(8080), "string: %d\n", WSAGetLastError());
    size = sizeof(text);
    ok(!WSAAddressToStringA((struct sockaddr *)&address, sizeof(address), NULL, text, &size) && !strcmp(text, "10.0.0.1:8080"), "%s\n", text);

    n = getaddrinfo("127.0.0.1", "80", &hints, &info);
    ok(!n, "getaddrinfo: %d\n", n);
    if (!n)
    {
        ok(info->ai_family == AF_INET && info->ai_socktype == SOCK_STREAM && ((struct sockaddr_in *)info->ai_addr)->sin_port == htons(80), "wrong answer\n");
        freeaddrinfo(info);
    }
    n = getaddrinfo("no such host", NULL, &hints, &info);
    ok(n == WSAHOST_NOT_FOUND, "getaddrinfo: %d\n", n);
    size = sizeof(protocols);
    n = WSAEnumProtocolsW(NULL, protocols, &size);
    ok(n >= 2, "protocols: %d\n", n);
    for (int i = 0; i < n; i++)
        if (protocols[i].iAddressFamily == AF_INET)
            ok(protocols[i].dwServiceFlags1 & XP1_IFS_HANDLES, "handles of %d are no files\n", i);
    ok(!gethostname(text, sizeof(text)) && text[0], "gethostname: %d\n", WSAGetLastError());
}

static void test_options(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    struct linger linger = { 1, 7 };
    int value, size = sizeof(value);
    BOOL on = TRUE;
    char byte = 1;

    ok(!setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof(on)), "NODELAY: %d\n", WSAGetLastError());
    value = 0;
    ok(!getsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&value, &size) && value == 1, "NODELAY: %d\n", value);
    ok(!setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &byte, 1), "KEEPALIVE: %d\n", WSAGetLastError());
    ok(!getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, &size) && value == 1, "KEEPALIVE: %d\n", value);
    ok(!setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof(linger)), "LINGER: %d\n", WSAGetLastError());
    memset(&linger, 0, sizeof(linger));
    size = sizeof(linger);
    ok(!getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &size) && linger.l_onoff == 1 && linger.l_linger == 7, "LINGER: %d\n", WSAGetLastError());
    size = sizeof(value);
    ok(!getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &size) && value == SOCK_STREAM, "TYPE: %d\n", value);
    ok(setsockopt(s, SOL_SOCKET, 0x7777, (char *)&value, sizeof(value)) == -1 && WSAGetLastError() == WSAENOPROTOOPT, "unknown: %d\n", WSAGetLastError());
    closesocket(s);
}

START_TEST(socket)
{
    WSADATA data;

    ok(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSANOTINITIALISED, "before WSAStartup: %d\n", WSAGetLastError());
    ok(!WSAStartup(MAKEWORD(2, 2), &data) && data.wVersion == MAKEWORD(2, 2), "WSAStartup\n");
    test_stream();
    test_refusals();
    test_nonblocking();
    test_overlapped();
    test_port();
    test_transmit();
    test_datagrams();
    test_events();
    test_names();
    test_options();
    ok(!WSACleanup(), "WSACleanup: %d\n", WSAGetLastError());
    ok(WSACleanup() == -1 && WSAGetLastError() == WSANOTINITIALISED, "WSACleanup: %d\n", WSAGetLastError());
}
