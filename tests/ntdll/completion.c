/* I/O completion ports and wait completion packets. */
#include "objects.h"

static NTSTATUS (WINAPI *pNtSetIoCompletionEx)(HANDLE, HANDLE, ULONG_PTR, ULONG_PTR, NTSTATUS, SIZE_T);
static NTSTATUS (WINAPI *pNtCreateWaitCompletionPacket)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
static NTSTATUS (WINAPI *pNtAssociateWaitCompletionPacket)(HANDLE, HANDLE, HANDLE, void *, void *, NTSTATUS, ULONG_PTR,
                                                           BOOLEAN *);
static NTSTATUS (WINAPI *pNtCancelWaitCompletionPacket)(HANDLE, BOOLEAN);

static HANDLE new_port(void)
{
    HANDLE port = NULL;

    ok_status(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0), STATUS_SUCCESS);
    return port;
}

static ULONG depth(HANDLE port)
{
    ULONG count = 77;

    ok_status(NtQueryIoCompletion(port, IoCompletionBasicInformation, &count, sizeof(count), NULL), STATUS_SUCCESS);
    return count;
}

#define ok_removed(port, ms, key_, value_, status_, info_) \
    do { \
        ULONG_PTR got_key = 0, got_value = 0; \
        IO_STATUS_BLOCK io_ = { { 0 }, 0 }; \
        LARGE_INTEGER timeout_; \
        ok_status(NtRemoveIoCompletion(port, &got_key, &got_value, &io_, milliseconds(&timeout_, ms)), STATUS_SUCCESS); \
        ok(got_key == (key_) && got_value == (value_) && io_.Status == (status_) && io_.Information == (info_), \
           "got %Ix %Ix %lx %Ix\n", got_key, got_value, (ULONG)io_.Status, io_.Information); \
    } while (0)

static void test_port(void)
{
    FILE_IO_COMPLETION_INFORMATION info[4];
    LARGE_INTEGER now = { .QuadPart = 0 };
    ULONG_PTR key, value;
    IO_STATUS_BLOCK io;
    HANDLE port = new_port(), weak;
    ULONG count = 77;

    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);
    ok_status(poll_handle(port), STATUS_TIMEOUT);
    ok_status(NtSetIoCompletion(port, 1, 2, STATUS_PENDING, 3), STATUS_SUCCESS);
    ok_status(NtSetIoCompletion(port, 4, 5, STATUS_UNSUCCESSFUL, 6), STATUS_SUCCESS);
    ok(depth(port) == 2, "depth %lu\n", depth(port));
    ok_status(poll_handle(port), STATUS_SUCCESS);
    ok(depth(port) == 2, "a wait on the port takes nothing: depth %lu\n", depth(port));
    ok_removed(port, 0, 1, 2, STATUS_PENDING, 3);
    ok_removed(port, 0, 4, 5, STATUS_UNSUCCESSFUL, 6);
    ok(!depth(port), "depth %lu\n", depth(port));
    ok_status(poll_handle(port), STATUS_TIMEOUT);

    ok_status(NtSetIoCompletion(port, 1, 1, 0, 0), STATUS_SUCCESS);
    ok_status(NtSetIoCompletion(port, 2, 2, 0, 0), STATUS_SUCCESS);
    ok_status(NtSetIoCompletion(port, 3, 3, 0, 0), STATUS_SUCCESS);
    ok_status(NtRemoveIoCompletionEx(port, info, 2, &count, NULL, FALSE), STATUS_SUCCESS);
    ok(count == 2 && info[0].CompletionKey == 1 && info[1].CompletionKey == 2, "%lu: %Ix %Ix\n", count,
       info[0].CompletionKey, info[1].CompletionKey);
    ok_status(NtRemoveIoCompletionEx(port, info, 4, &count, NULL, FALSE), STATUS_SUCCESS);
    ok(count == 1 && info[0].CompletionKey == 3, "%lu: %Ix\n", count, info[0].CompletionKey);
    ok_status(NtRemoveIoCompletionEx(port, info, 4, &count, &now, FALSE), STATUS_TIMEOUT);
    ok_status(NtRemoveIoCompletionEx(port, info, 0, &count, &now, FALSE), STATUS_INVALID_PARAMETER);

    NtDuplicateObject(ME, port, ME, &weak, IO_COMPLETION_QUERY_STATE, 0, 0);
    ok_status(NtSetIoCompletion(weak, 1, 1, 0, 0), STATUS_ACCESS_DENIED);
    ok_status(NtRemoveIoCompletion(weak, &key, &value, &io, &now), STATUS_ACCESS_DENIED);
    ok(!depth(weak), "depth %lu\n", depth(weak));
    ok_status(NtSetIoCompletion(GetCurrentProcess(), 1, 1, 0, 0), STATUS_OBJECT_TYPE_MISMATCH);
    if (pNtSetIoCompletionEx)
    {
        ok_status(pNtSetIoCompletionEx(port, NULL, 7, 8, 9, 10), STATUS_SUCCESS);
        ok_removed(port, 0, 7, 8, 9, 10);
    }
    NtClose(weak);
    NtClose(port);
}

enum { WORKERS = 4, PACKETS = 4000 };
static LONG removed;

static DWORD WINAPI worker(void *port)
{
    ULONG_PTR key;
    DWORD bytes;
    OVERLAPPED *overlapped;

    while (GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 20000) && key) InterlockedIncrement(&removed);
    return 0;
}

static void test_workers(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 2), threads[WORKERS];
    unsigned int i;

    ok(port != NULL, "error %lu\n", GetLastError());
    for (i = 0; i < WORKERS; i++) threads[i] = CreateThread(NULL, 0, worker, port, 0, NULL);
    for (i = 0; i < PACKETS; i++) PostQueuedCompletionStatus(port, i, 1, NULL);
    for (i = 0; i < WORKERS; i++) PostQueuedCompletionStatus(port, 0, 0, NULL);
    ok(WaitForMultipleObjects(WORKERS, threads, TRUE, 60000) == WAIT_OBJECT_0, "not all workers ended\n");
    ok(removed == PACKETS, "%ld of %u packets\n", removed, PACKETS);
    for (i = 0; i < WORKERS; i++) CloseHandle(threads[i]);
    CloseHandle(port);
}

static DWORD WINAPI remove_one(void *port)
{
    ULONG_PTR key, value;
    IO_STATUS_BLOCK io;

    return NtRemoveIoCompletion(port, &key, &value, &io, NULL);
}

static void test_abandoned(void)
{
    HANDLE port = new_port(), thread = CreateThread(NULL, 0, remove_one, port, 0, NULL);
    DWORD code = 0;

    Sleep(50);
    NtClose(port);
    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "the thread still waits\n");
    ok(GetExitCodeThread(thread, &code) && code == STATUS_ABANDONED_WAIT_0, "code %lx\n", code);
    CloseHandle(thread);
}

/* ---- packets ------------------------------------------------------------------------------------------- */

static void test_packet_event(void)
{
    HANDLE port = new_port(), event = new_event(SynchronizationEvent, FALSE), packet, mutant;
    LARGE_INTEGER now = { .QuadPart = 0 };
    ULONG_PTR key, value;
    IO_STATUS_BLOCK io;
    BOOLEAN signaled = 77;

    ok_status(pNtCreateWaitCompletionPacket(&packet, GENERIC_ALL, NULL), STATUS_SUCCESS);
    ok_status(pNtCancelWaitCompletionPacket(packet, TRUE), STATUS_CANCELLED);
    ok_status(pNtAssociateWaitCompletionPacket(packet, port, event, (void *)1, (void *)2, 3, 4, &signaled), STATUS_SUCCESS);
    ok(!signaled, "signaled %d\n", signaled);
    ok_status(pNtAssociateWaitCompletionPacket(packet, port, event, (void *)1, (void *)2, 3, 4, &signaled),
              STATUS_INVALID_PARAMETER_1);
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);
    NtSetEvent(event, NULL);
    ok_removed(port, 1000, 1, 2, 3, 4);
    ok_status(poll_handle(event), STATUS_TIMEOUT);      /* the packet took the signal */
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);

    NtSetEvent(event, NULL);
    ok_status(pNtAssociateWaitCompletionPacket(packet, port, event, (void *)5, (void *)6, 7, 8, &signaled), STATUS_SUCCESS);
    ok(signaled == TRUE, "signaled %d\n", signaled);
    ok_status(pNtCancelWaitCompletionPacket(packet, FALSE), STATUS_PENDING);
    ok_status(pNtCancelWaitCompletionPacket(packet, TRUE), STATUS_SUCCESS);
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);

    ok_status(pNtAssociateWaitCompletionPacket(packet, port, event, NULL, NULL, 0, 0, NULL), STATUS_SUCCESS);
    ok_status(pNtCancelWaitCompletionPacket(packet, FALSE), STATUS_SUCCESS);
    NtSetEvent(event, NULL);
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);
    ok_status(poll_handle(event), STATUS_SUCCESS);

    NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, FALSE);
    ok(pNtAssociateWaitCompletionPacket(packet, port, mutant, NULL, NULL, 0, 0, NULL) < 0, "a mutant was accepted\n");
    NtClose(mutant);

    ok_status(pNtAssociateWaitCompletionPacket(packet, port, event, NULL, NULL, 0, 0, NULL), STATUS_SUCCESS);
    NtClose(packet);                                    /* and with it the wait */
    NtSetEvent(event, NULL);
    ok_status(NtRemoveIoCompletion(port, &key, &value, &io, &now), STATUS_TIMEOUT);
    NtClose(event);
    NtClose(port);
}

static DWORD WINAPI associate_later(void *arg)
{
    HANDLE *handles = arg;
    LARGE_INTEGER due;

    Sleep(30);
    ok_status(pNtAssociateWaitCompletionPacket(handles[0], handles[1], handles[2], (void *)9, NULL, 0, 0, NULL),
              STATUS_SUCCESS);
    ok_status(NtSetTimer(handles[2], milliseconds(&due, 20), NULL, NULL, FALSE, 0, NULL), STATUS_SUCCESS);
    return 0;
}

/* As Go's scheduler does: a timer that wakes who sleeps in the port; also when both are told only while it sleeps. */
static void test_packet_timer(void)
{
    HANDLE port = new_port(), timer, packet, thread, handles[3];
    LARGE_INTEGER due, before, after;
    int i;

    ok_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer), STATUS_SUCCESS);
    ok_status(pNtCreateWaitCompletionPacket(&packet, GENERIC_ALL, NULL), STATUS_SUCCESS);
    for (i = 0; i < 3; i++)
    {
        pNtCancelWaitCompletionPacket(packet, TRUE);
        NtQuerySystemTime(&before);
        ok_status(NtSetTimer(timer, milliseconds(&due, 10), NULL, NULL, FALSE, 0, NULL), STATUS_SUCCESS);
        ok_status(pNtAssociateWaitCompletionPacket(packet, port, timer, (void *)8, NULL, 0, 0, NULL), STATUS_SUCCESS);
        ok_removed(port, 10000, 8, 0, 0, 0);
        NtQuerySystemTime(&after);
        ok(after.QuadPart - before.QuadPart >= 90000, "after %I64d\n", after.QuadPart - before.QuadPart);
    }
    handles[0] = packet;
    handles[1] = port;
    handles[2] = timer;
    thread = CreateThread(NULL, 0, associate_later, handles, 0, NULL);
    ok_removed(port, 10000, 9, 0, 0, 0);
    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "the thread did not end\n");
    CloseHandle(thread);
    NtClose(packet);
    NtClose(timer);
    NtClose(port);
}

START_TEST(completion)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    pNtSetIoCompletionEx = (void *)GetProcAddress(ntdll, "NtSetIoCompletionEx");
    pNtCreateWaitCompletionPacket = (void *)GetProcAddress(ntdll, "NtCreateWaitCompletionPacket");
    pNtAssociateWaitCompletionPacket = (void *)GetProcAddress(ntdll, "NtAssociateWaitCompletionPacket");
    pNtCancelWaitCompletionPacket = (void *)GetProcAddress(ntdll, "NtCancelWaitCompletionPacket");
    test_port();
    test_workers();
    test_abandoned();
    if (!pNtCreateWaitCompletionPacket)
    {
        win_skip("no wait completion packets\n");
        return;
    }
    test_packet_event();
    test_packet_timer();
}
