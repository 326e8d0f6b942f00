/* One socket in several processes: inherited, duplicated, handed over with WSADuplicateSocket. What is the socket's own -
 * whether it blocks, what it is connected to, its timeouts, the events that were selected - is the same for all of them; what
 * waits belongs to the process that waits. */
#include "winsock2.h"
#include "ws2tcpip.h"
#include "mswsock.h"
#include "other.h"

#define works(call) do { BOOL worked_ = (call) != 0; ok(worked_, "%s failed, error %lu\n", #call, GetLastError()); } while (0)


/* ---- what the other process does ------------------------------------------------------------------------------------------ */

static WSAPROTOCOL_INFOW wide_info;
static WSAPROTOCOL_INFOA narrow_info;
static OVERLAPPED overlapped;
static char overlapped_buffer[64];
static HANDLE selected;

static ULONG64 do_send(const ULONG64 *args, const char *text)
{
    return send(args[0], text, strlen(text), 0);
}

static ULONG64 do_receive(const ULONG64 *args, const char *text)
{
    char buffer[64] = "";
    int n = recv(args[0], buffer, sizeof(buffer) - 1, 0);

    if (n > 0) SetLastError(0);
    return n > 0 && strcmp(buffer, text) ? 1000 : (ULONG64)n;
}

static ULONG64 do_accept(const ULONG64 *args, const char *text)
{
    (void)text;
    return accept(args[0], NULL, NULL);
}

static ULONG64 do_option(const ULONG64 *args, const char *text)
{
    int value = -1, length = sizeof(value);

    (void)text;
    return getsockopt(args[0], SOL_SOCKET, (int)args[1], (char *)&value, &length) ? ~0ull : (ULONG64)(unsigned int)value;
}

static ULONG64 do_set_nonblocking(const ULONG64 *args, const char *text)
{
    u_long on = (u_long)args[1];

    (void)text;
    return ioctlsocket(args[0], FIONBIO, &on);
}

static ULONG64 do_flags(const ULONG64 *args, const char *text)
{
    DWORD flags = 0;

    (void)text;
    return GetHandleInformation((HANDLE)args[0], &flags) ? flags : ~0ull;
}

static ULONG64 do_close(const ULONG64 *args, const char *text)
{
    (void)text;
    return closesocket(args[0]);
}

static ULONG64 do_peer_port(const ULONG64 *args, const char *text)
{
    struct sockaddr_in name = { 0 };
    int length = sizeof(name);

    (void)text;
    return (args[1] ? getpeername : getsockname)(args[0], (struct sockaddr *)&name, &length) ? ~0ull : ntohs(name.sin_port);
}

static ULONG64 do_begin_receive(const ULONG64 *args, const char *text)
{
    WSABUF buffer = { sizeof(overlapped_buffer), overlapped_buffer };
    DWORD flags = 0;

    (void)text;
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (WSARecv(args[0], &buffer, 1, NULL, &flags, &overlapped, NULL)) return GetLastError();
    return 0;
}

static ULONG64 do_end_receive(const ULONG64 *args, const char *text)
{
    DWORD done = 0, flags;

    if (WaitForSingleObject(overlapped.hEvent, (DWORD)args[1])) return ~0ull;
    if (!WSAGetOverlappedResult(args[0], &overlapped, &done, FALSE, &flags)) return ~1ull;
    return done && memcmp(overlapped_buffer, text, done) ? 1000 : done;
}

static ULONG64 do_info(const ULONG64 *args, const char *text)
{
    (void)text;
    return (ULONG_PTR)(args[0] ? (void *)&wide_info : (void *)&narrow_info);
}

static ULONG64 do_open(const ULONG64 *args, const char *text)
{
    (void)text;
    if (args[0]) return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &wide_info, 0, 0);
    return WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &narrow_info, 0, 0);
}

static ULONG64 do_select_event(const ULONG64 *args, const char *text)
{
    (void)text;
    selected = CreateEventA(NULL, TRUE, FALSE, NULL);
    return WSAEventSelect(args[0], selected, (LONG)args[1]);
}

static ULONG64 do_wait_event(const ULONG64 *args, const char *text)
{
    (void)text;
    return WaitForSingleObject(selected, (DWORD)args[1]);
}

static ULONG64 do_enumerate(const ULONG64 *args, const char *text)
{
    WSANETWORKEVENTS events = { 0 };

    (void)text;
    return WSAEnumNetworkEvents(args[0], selected, &events) ? ~0ull : (ULONG64)(unsigned int)events.lNetworkEvents;
}

static ULONG64 do_shutdown(const ULONG64 *args, const char *text)
{
    (void)text;
    return shutdown(args[0], (int)args[1]);
}

enum { SEND, RECEIVE, ACCEPT, OPTION, SET_NONBLOCKING, FLAGS, CLOSE, PORT, BEGIN_RECEIVE, END_RECEIVE, INFO, OPEN, SELECT_EVENT,
       WAIT_EVENT, ENUMERATE, SHUTDOWN };
static const other_function functions[] =
{
    do_send, do_receive, do_accept, do_option, do_set_nonblocking, do_flags, do_close, do_peer_port, do_begin_receive,
    do_end_receive, do_info, do_open, do_select_event, do_wait_event, do_enumerate, do_shutdown,
};

/* ---- sockets -------------------------------------------------------------------------------------------------------------- */

static SOCKET make_listener(struct sockaddr_in *address)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    int size = sizeof(*address);

    *address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    ok(!bind(s, (struct sockaddr *)address, sizeof(*address)) && !listen(s, 5) &&
       !getsockname(s, (struct sockaddr *)address, &size), "no listener: %d\n", WSAGetLastError());
    return s;
}

static SOCKET connect_to(const struct sockaddr_in *address)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

    ok(!connect(s, (const struct sockaddr *)address, sizeof(*address)), "connect: %d\n", WSAGetLastError());
    return s;
}

static void make_pair(SOCKET *client, SOCKET *server)
{
    struct sockaddr_in address;
    SOCKET s = make_listener(&address);

    *client = connect_to(&address);
    *server = accept(s, NULL, NULL);
    ok(*server != INVALID_SOCKET, "accept: %d\n", WSAGetLastError());
    closesocket(s);
}

static void expect_received(SOCKET s, const char *text)
{
    char buffer[64] = "";
    DWORD timeout = 5000;
    int n;

    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout));
    n = recv(s, buffer, sizeof(buffer) - 1, 0);
    ok(n == (int)strlen(text) && !strcmp(buffer, text), "received %d: '%s', error %d\n", n, buffer, WSAGetLastError());
}

static u_short port_of(SOCKET s)
{
    struct sockaddr_in name = { 0 };
    int size = sizeof(name);

    getsockname(s, (struct sockaddr *)&name, &size);
    return ntohs(name.sin_port);
}

static SOCKET give(struct other *other, SOCKET s)
{
    HANDLE there = NULL;

    works(DuplicateHandle(GetCurrentProcess(), (HANDLE)s, other->info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    return (SOCKET)there;
}

/* ---- inherited -------------------------------------------------------------------------------------------------------------- */

static void test_inherited(void)
{
    SOCKET client, server, listening, private_, plain;
    struct sockaddr_in address;
    struct other other;
    ULONG64 ret;

    make_pair(&client, &server);
    listening = make_listener(&address);
    private_ = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    plain = socket(AF_INET, SOCK_STREAM, 0);
    SetHandleInformation((HANDLE)plain, HANDLE_FLAG_INHERIT, 0);
    works(other_start(&other, "share"));

    ok(other_call(&other, FLAGS, NULL, server) == HANDLE_FLAG_INHERIT, "flags of what accept() made\n");
    ok(other_call(&other, FLAGS, NULL, listening) == HANDLE_FLAG_INHERIT, "flags of what socket() made\n");
    ok(other_call(&other, FLAGS, NULL, private_) == ~0ull, "WSA_FLAG_NO_HANDLE_INHERIT is inherited\n");
    ok(other_call(&other, FLAGS, NULL, plain) == ~0ull, "not inheritable, and inherited\n");

    ret = other_call(&other, SEND, "from the child", server);

    ok(ret == 14, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "from the child");
    send(client, "to the child", 12, 0);
    ret = other_call(&other, RECEIVE, "to the child", server);
    ok(ret == 12, "received %d: %lu\n", (int)ret, GetLastError());
    ok(other_call(&other, PORT, NULL, server, 1) == port_of(client), "who is the other end?\n");

    /* it stays a socket when its maker closes it, and ends when the last one does */
    closesocket(server);
    ret = other_call(&other, SEND, "still there", server);
    ok(ret == 11, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "still there");
    ok(!other_call(&other, CLOSE, NULL, server), "closesocket: %lu\n", GetLastError());
    ok(!recv(client, (char *)&ret, 1, 0), "not at the end: %d\n", WSAGetLastError());
    closesocket(client);

    /* the listener: whoever asks gets the next */
    client = connect_to(&address);
    server = (SOCKET)other_call(&other, ACCEPT, NULL, listening);
    ok(server != INVALID_SOCKET, "accept there: %lu\n", GetLastError());
    ret = other_call(&other, SEND, "accepted", server);
    ok(ret == 8, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "accepted");
    ok(!other_call(&other, CLOSE, NULL, server), "closesocket: %lu\n", GetLastError());
    closesocket(client);
    client = connect_to(&address);
    server = accept(listening, NULL, NULL);
    ok(server != INVALID_SOCKET, "accept here: %d\n", WSAGetLastError());
    closesocket(server);
    closesocket(client);

    closesocket(listening);
    closesocket(private_);
    closesocket(plain);
    other_end(&other);
}

/* ---- handed over ---------------------------------------------------------------------------------------------------------------- */

static void test_duplicated(struct other *other)
{
    SOCKET client, server, there, back;
    HANDLE handle = NULL;
    ULONG64 ret;

    make_pair(&client, &server);
    there = give(other, server);
    ok(!other_call(other, FLAGS, NULL, there), "flags of a duplicate\n");
    closesocket(server);                /* handed to a worker */
    ret = other_call(other, SEND, "worker", there);
    ok(ret == 6, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "worker");

    /* and back */
    works(DuplicateHandle(other->info.hProcess, (HANDLE)there, GetCurrentProcess(), &handle, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    back = (SOCKET)handle;
    ok(other_call(other, FLAGS, NULL, there) == ~0ull, "the source is still open\n");
    ok(send(back, "back", 4, 0) == 4, "send: %d\n", WSAGetLastError());
    expect_received(client, "back");
    closesocket(back);
    ok(!recv(client, (char *)&ret, 1, 0), "not at the end: %d\n", WSAGetLastError());
    closesocket(client);
}

static void test_protocol_info(struct other *other)
{
    WSAPROTOCOL_INFOA narrow;
    WSAPROTOCOL_INFOW wide;
    SOCKET client, server, there, twin;
    DWORD id = other->info.dwProcessId;
    ULONG64 ret;

    make_pair(&client, &server);
    ok(WSADuplicateSocketA(0, 0, NULL) && WSAGetLastError() == WSAENOTSOCK, "error %d\n", WSAGetLastError());
    ok(WSADuplicateSocketA(server, 0, NULL) && WSAGetLastError() == WSAEINVAL, "error %d\n", WSAGetLastError());
    ok(WSADuplicateSocketW(server, ~0u, &wide) && WSAGetLastError() == WSAEINVAL, "error %d\n", WSAGetLastError());
    ok(WSADuplicateSocketW(server, id, NULL) && WSAGetLastError() == WSAEFAULT, "error %d\n", WSAGetLastError());
    ok(WSADuplicateSocketW(0, id, &wide) && WSAGetLastError() == WSAENOTSOCK, "error %d\n", WSAGetLastError());

    memset(&wide, 0xcc, sizeof(wide));
    works(!WSADuplicateSocketW(server, id, &wide));
    ok(wide.iAddressFamily == AF_INET && wide.iSocketType == SOCK_STREAM && wide.iProtocol == IPPROTO_TCP, "%d %d %d\n",
       wide.iAddressFamily, wide.iSocketType, wide.iProtocol);
    works(WriteProcessMemory(other->info.hProcess, (void *)other_call(other, INFO, NULL, TRUE), &wide, sizeof(wide), NULL));
    there = (SOCKET)other_call(other, OPEN, NULL, TRUE);
    ok(there != INVALID_SOCKET, "WSASocketW: %lu\n", GetLastError());
    closesocket(server);
    ret = other_call(other, SEND, "wide", there);
    ok(ret == 4, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "wide");
    other_call(other, CLOSE, NULL, there);
    closesocket(client);

    make_pair(&client, &server);
    works(!WSADuplicateSocketA(server, id, &narrow));
    ok(narrow.iAddressFamily == AF_INET && !strcmp(narrow.szProtocol, "MSAFD Tcpip [TCP/IP]"), "%s\n", narrow.szProtocol);
    works(WriteProcessMemory(other->info.hProcess, (void *)other_call(other, INFO, NULL, FALSE), &narrow, sizeof(narrow), NULL));
    there = (SOCKET)other_call(other, OPEN, NULL, FALSE);
    ok(there != INVALID_SOCKET, "WSASocketA: %lu\n", GetLastError());
    ret = other_call(other, SEND, "narrow", there);
    ok(ret == 6, "sent %d: %lu\n", (int)ret, GetLastError());
    expect_received(client, "narrow");
    other_call(other, CLOSE, NULL, there);

    /* for the process itself */
    works(!WSADuplicateSocketW(server, GetCurrentProcessId(), &wide));
    twin = WSASocketW(0, 0, 0, &wide, 0, 0);
    ok(twin != INVALID_SOCKET && twin != server, "WSASocketW: %d\n", WSAGetLastError());
    closesocket(server);
    ok(send(twin, "twin", 4, 0) == 4, "send: %d\n", WSAGetLastError());
    expect_received(client, "twin");
    closesocket(twin);
    closesocket(client);

    /* what comes from WSAEnumProtocols is no socket of anybody's */
    memset(&wide, 0, sizeof(wide));
    wide.iAddressFamily = AF_INET;
    wide.iSocketType = SOCK_DGRAM;
    wide.iProtocol = IPPROTO_UDP;
    twin = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &wide, 0, 0);
    ok(twin != INVALID_SOCKET, "WSASocketW: %d\n", WSAGetLastError());
    closesocket(twin);
    wide.dwProviderReserved = 0x7ffc;
    twin = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &wide, 0, 0);
    ok(twin == INVALID_SOCKET && WSAGetLastError() == WSAEINVAL, "made of nothing: error %d\n", WSAGetLastError());
}

/* ---- what they share -------------------------------------------------------------------------------------------------------------- */

static void test_state(struct other *other)
{
    SOCKET client, server, there, listening;
    struct sockaddr_in address;
    DWORD timeout = 1234;
    u_long on = 1;
    ULONG64 ret;
    int size = sizeof(timeout), n;

    make_pair(&client, &server);
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout));
    ioctlsocket(server, FIONBIO, &on);
    there = give(other, server);

    /* non-blocking before and after, whoever says so */
    ok(other_call(other, RECEIVE, "", there) == (ULONG64)-1 && GetLastError() == WSAEWOULDBLOCK, "error %lu\n", GetLastError());
    ok(other_call(other, OPTION, NULL, there, SO_RCVTIMEO) == 1234, "timeout\n");
    ok(!other_call(other, SET_NONBLOCKING, NULL, there, 0), "FIONBIO: %lu\n", GetLastError());
    timeout = 50;
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout));
    ok(other_call(other, RECEIVE, "", there) == (ULONG64)-1 && GetLastError() == WSAETIMEDOUT, "error %lu\n", GetLastError());
    n = recv(server, (char *)&ret, 1, 0);
    ok(n < 0 && WSAGetLastError() == WSAETIMEDOUT, "received %d, error %d\n", n, WSAGetLastError());
    ok(!other_call(other, SET_NONBLOCKING, NULL, there, 1), "FIONBIO: %lu\n", GetLastError());
    n = recv(server, (char *)&ret, 1, 0);
    ok(n < 0 && WSAGetLastError() == WSAEWOULDBLOCK, "received %d, error %d\n", n, WSAGetLastError());
    ok(!getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, &size) && timeout == 50, "timeout %lu\n", timeout);

    /* one closes its way of sending: both have */
    ok(!other_call(other, SHUTDOWN, NULL, there, SD_SEND), "shutdown: %lu\n", GetLastError());
    ok(!recv(client, (char *)&ret, 1, 0), "not at the end\n");
    n = send(server, "x", 1, 0);
    ok(n < 0 && WSAGetLastError() == WSAESHUTDOWN, "sent %d, error %d\n", n, WSAGetLastError());
    other_call(other, CLOSE, NULL, there);
    closesocket(server);
    closesocket(client);

    /* one binds and listens: both do */
    listening = socket(AF_INET, SOCK_STREAM, 0);
    there = give(other, listening);
    address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    size = sizeof(address);
    ok(!bind(listening, (struct sockaddr *)&address, sizeof(address)) && !listen(listening, 5) &&
       !getsockname(listening, (struct sockaddr *)&address, &size), "no listener: %d\n", WSAGetLastError());
    ok(other_call(other, PORT, NULL, there, 0) == ntohs(address.sin_port), "its port\n");
    ok(other_call(other, OPTION, NULL, there, SO_ACCEPTCONN) == 1, "it listens\n");
    client = connect_to(&address);
    server = (SOCKET)other_call(other, ACCEPT, NULL, there);
    ok(server != INVALID_SOCKET, "accept there: %lu\n", GetLastError());
    other_call(other, CLOSE, NULL, server);
    other_call(other, CLOSE, NULL, there);
    closesocket(client);
    closesocket(listening);
}

static void test_overlapped(struct other *other)
{
    SOCKET client, server, there;
    OVERLAPPED mine = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    char bytes[1];
    WSABUF buffer = { 1, bytes };
    DWORD flags = 0, done, wait;
    ULONG64 ret;

    make_pair(&client, &server);
    there = give(other, server);

    /* both wait: each gets what the other leaves */
    ok(WSARecv(server, &buffer, 1, NULL, &flags, &mine, NULL) && WSAGetLastError() == WSA_IO_PENDING, "error %d\n", WSAGetLastError());
    ret = other_call(other, BEGIN_RECEIVE, NULL, there);
    ok(ret == WSA_IO_PENDING, "error %d\n", (int)ret);
    send(client, "a", 1, 0);
    wait = WaitForSingleObject(mine.hEvent, 200);
    if (wait)                           /* the other was faster */
    {
        ret = other_call(other, END_RECEIVE, "a", there, 5000);
        ok(ret == 1, "received %d\n", (int)ret);
        send(client, "b", 1, 0);
        ok(!WaitForSingleObject(mine.hEvent, 5000), "nothing came\n");
    }
    else
    {
        ret = other_call(other, END_RECEIVE, "", there, 100);
        ok(ret == ~0ull, "one byte came twice: %d\n", (int)ret);
        send(client, "b", 1, 0);
        ret = other_call(other, END_RECEIVE, "b", there, 5000);
        ok(ret == 1, "received %d\n", (int)ret);
    }
    ok(WSAGetOverlappedResult(server, &mine, &done, FALSE, &flags) && done == 1, "received %lu\n", done);

    /* what waits here ends with this process's handle, not what waits there */
    memset(&mine.Internal, 0, sizeof(mine.Internal));
    ok(WSARecv(server, &buffer, 1, NULL, &flags, &mine, NULL) && WSAGetLastError() == WSA_IO_PENDING, "error %d\n", WSAGetLastError());
    ret = other_call(other, BEGIN_RECEIVE, NULL, there);
    ok(ret == WSA_IO_PENDING, "error %d\n", (int)ret);
    closesocket(server);
    ok(!WaitForSingleObject(mine.hEvent, 5000), "it still waits\n");
    send(client, "there", 5, 0);
    ret = other_call(other, END_RECEIVE, "there", there, 5000);
    ok(ret == 5, "received %d\n", (int)ret);
    other_call(other, CLOSE, NULL, there);
    closesocket(client);
    CloseHandle(mine.hEvent);
}

/* One selection a socket, whoever made it. */
static void test_events(struct other *other)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    WSANETWORKEVENTS events;
    SOCKET client, server, there;
    u_long off = 0;
    char byte;
    ULONG64 ret;
    int n;

    make_pair(&client, &server);
    works(!WSAEventSelect(server, event, FD_READ | FD_CLOSE));
    there = give(other, server);
    ok(other_call(other, SET_NONBLOCKING, NULL, there, 0) && GetLastError() == WSAEINVAL, "blocking again: %lu\n", GetLastError());
    send(client, "a", 1, 0);
    ok(!WaitForSingleObject(event, 5000), "FD_READ is not told\n");
    ok(!WSAEnumNetworkEvents(server, event, &events) && events.lNetworkEvents == FD_READ, "events %lx\n", events.lNetworkEvents);

    /* who reads enables FD_READ again, for the one who wants it */
    ok(other_call(other, RECEIVE, "a", there) == 1, "received nothing: %lu\n", GetLastError());
    send(client, "b", 1, 0);
    ok(!WaitForSingleObject(event, 5000), "FD_READ is not told again\n");
    ok(!WSAEnumNetworkEvents(server, event, &events) && events.lNetworkEvents == FD_READ, "events %lx\n", events.lNetworkEvents);
    n = recv(server, &byte, 1, 0);
    ok(n == 1 && byte == 'b', "received %d\n", n);

    /* the other's selection ends ours */
    ret = other_call(other, SELECT_EVENT, NULL, there, FD_READ | FD_CLOSE);
    ok(!ret, "WSAEventSelect: %lu\n", GetLastError());
    send(client, "c", 1, 0);
    ok(!other_call(other, WAIT_EVENT, NULL, there, 5000), "FD_READ is not told there\n");
    ok(WaitForSingleObject(event, 50) == WAIT_TIMEOUT, "a selection that has ended still tells\n");
    ret = other_call(other, ENUMERATE, NULL, there);
    ok(ret == FD_READ, "events %x\n", (int)ret);
    n = recv(server, &byte, 1, 0);
    ok(n == 1 && byte == 'c', "received %d\n", n);
    closesocket(client);
    ok(!other_call(other, WAIT_EVENT, NULL, there, 5000), "FD_CLOSE is not told there\n");
    ret = other_call(other, ENUMERATE, NULL, there);
    ok(ret == FD_CLOSE, "events %x\n", (int)ret);

    /* and without one it can block again */
    works(!WSAEventSelect(server, NULL, 0));
    works(!ioctlsocket(server, FIONBIO, &off));
    other_call(other, CLOSE, NULL, there);
    closesocket(server);
    CloseHandle(event);
}

/* A socket that becomes a connection by AcceptEx is a new one: who had the old one keeps that. */
static void test_accept_ex(struct other *other)
{
    GUID guid = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX accept_ex = NULL;
    OVERLAPPED mine = { .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
    SOCKET listening, fresh, there, client;
    struct sockaddr_in address;
    char addresses[128];
    ULONG64 ret;
    DWORD done;

    listening = make_listener(&address);
    works(!WSAIoctl(listening, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof(guid), &accept_ex, sizeof(accept_ex), &done, NULL, NULL));
    fresh = socket(AF_INET, SOCK_STREAM, 0);
    there = give(other, fresh);
    ok(!accept_ex(listening, fresh, addresses, 0, 64, 64, &done, &mine) && WSAGetLastError() == WSA_IO_PENDING, "error %d\n", WSAGetLastError());
    client = connect_to(&address);
    ok(!WaitForSingleObject(mine.hEvent, 5000), "nobody came\n");
    ok(send(fresh, "new", 3, 0) == 3, "send: %d\n", WSAGetLastError());
    expect_received(client, "new");
    ret = other_call(other, SEND, "old", there);
    ok(ret == (ULONG64)-1 && GetLastError() == WSAENOTCONN, "sent %d, error %lu\n", (int)ret, GetLastError());
    other_call(other, CLOSE, NULL, there);

    /* handed to a worker, as any connection */
    there = give(other, fresh);
    closesocket(fresh);
    ret = other_call(other, SEND, "worker", there);
    ok(ret == 6, "sent %d, error %lu\n", (int)ret, GetLastError());
    expect_received(client, "worker");
    other_call(other, CLOSE, NULL, there);
    closesocket(client);
    closesocket(listening);
    CloseHandle(mine.hEvent);
}

/* The host's files that a process has open, where there is a host (Oriel: the id is four times the host's); else 0. */
static unsigned int count_files(DWORD id)
{
    char folder[64];
    WIN32_FIND_DATAA data;
    unsigned int count = 0;
    HANDLE find;

    sprintf(folder, "Z:\\proc\\%lu\\fd\\*", id / 4);
    if ((find = FindFirstFileA(folder, &data)) == INVALID_HANDLE_VALUE) return 0;
    do count++;
    while (FindNextFileA(find, &data));
    FindClose(find);
    return count;
}

/* Nothing stays behind of a socket that everybody has closed. */
static void test_files(struct other *other)
{
    unsigned int here = 0, there = 0, i;
    SOCKET client, server, given;
    HANDLE back;

    for (i = 0; i < 40; i++)
    {
        make_pair(&client, &server);
        given = give(other, server);
        works(DuplicateHandle(other->info.hProcess, (HANDLE)given, GetCurrentProcess(), &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
        other_call(other, SELECT_EVENT, NULL, given, FD_READ);
        other_call(other, CLOSE, NULL, given);
        closesocket((SOCKET)back);
        closesocket(server);
        closesocket(client);
        if (i == 20)                    /* by now everything is there that is made once */
        {
            here = count_files(GetCurrentProcessId());
            there = count_files(other->info.dwProcessId);
        }
    }
    ok(count_files(GetCurrentProcessId()) == here, "%u files, not %u\n", count_files(GetCurrentProcessId()), here);
    ok(count_files(other->info.dwProcessId) == there, "%u files there, not %u\n", count_files(other->info.dwProcessId), there);
}

/* Three standard handles, and overlapped: what ReadFile and WriteFile without OVERLAPPED wait for is the socket. */
static void test_std(void)
{
    STARTUPINFOA startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
    char line[2 * MAX_PATH], self[MAX_PATH];
    PROCESS_INFORMATION info;
    SOCKET client, server;

    make_pair(&client, &server);
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" share std", self);
    startup.hStdInput = startup.hStdOutput = startup.hStdError = (HANDLE)server;
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info));
    closesocket(server);
    send(client, "ping\r\n", 6, 0);
    expect_received(client, "got ping\r\n");
    send(client, "end\r\n", 5, 0);
    expect_received(client, "got end\r\n");
    ok(!recv(client, line, 1, 0), "not at the end\n");
    ok(!WaitForSingleObject(info.hProcess, 10000), "it is still there\n");
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    closesocket(client);
}

/* Answers each line, with the C runtime and without. */
static void serve_std(void)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    char buffer[64], answer[80];
    DWORD n, done;

    while (ReadFile(in, buffer, sizeof(buffer), &n, NULL) && n)
    {
        int length = snprintf(answer, sizeof(answer), "got %.*s", (int)n, buffer);

        if (!strncmp(buffer, "end", 3))
        {
            fputs("got end\n", stdout);         /* text mode: \r\n */
            fflush(stdout);
            break;
        }
        WriteFile(out, answer, length, &done, NULL);
    }
    ExitProcess(0);
}

START_TEST(share)
{
    struct other other;
    WSADATA data;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (argc == 3 && !strcmp(argv[2], "std")) serve_std();
    WSAStartup(MAKEWORD(2, 2), &data);
    if (other_serve(functions)) return;

    test_inherited();
    works(other_start(&other, "share"));
    test_duplicated(&other);
    test_protocol_info(&other);
    test_state(&other);
    test_overlapped(&other);
    test_events(&other);
    test_accept_ex(&other);
    test_files(&other);
    other_end(&other);
    test_std();
}
