/* Named pipes through the Nt calls: states, modes, messages, waiting, peeking, the end of a connection. */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "winioctl.h"
#include "wine/test.h"

#define SHARE_RW (FILE_SHARE_READ | FILE_SHARE_WRITE)
#define SYNC     FILE_SYNCHRONOUS_IO_NONALERT

static WCHAR pipe_name[64] = L"\\Device\\NamedPipe\\oriel-pipe-";

static NTSTATUS create_instance(HANDLE *handle, ULONG type, ULONG sharing, ULONG disposition, ULONG options, ULONG max)
{
    LARGE_INTEGER timeout = { .QuadPart = -500000 };
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;

    RtlInitUnicodeString(&string, pipe_name);
    InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateNamedPipeFile(handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attr, &io, sharing, disposition,
                                 options, type, type, FILE_PIPE_QUEUE_OPERATION, max, 0x40000, 0x40000, &timeout);
}

static NTSTATUS connect(HANDLE *handle, ACCESS_MASK access, ULONG options)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;

    RtlInitUnicodeString(&string, pipe_name);
    InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtOpenFile(handle, access | SYNCHRONIZE, &attr, &io, SHARE_RW, options);
}

static NTSTATUS control(HANDLE handle, ULONG code)
{
    IO_STATUS_BLOCK io;

    return NtFsControlFile(handle, NULL, NULL, NULL, &io, code, NULL, 0, NULL, 0);
}

static void set_read_mode(HANDLE handle, ULONG mode)
{
    FILE_PIPE_INFORMATION info = { mode, FILE_PIPE_QUEUE_OPERATION };
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtSetInformationFile(handle, &io, &info, sizeof(info), FilePipeInformation);

    ok(!status, "got %08lx\n", status);
}

static void make_pair(HANDLE *server, HANDLE *client, ULONG type, ULONG options)
{
    NTSTATUS status = create_instance(server, type, SHARE_RW, FILE_CREATE, options, 1);

    ok(!status, "got %08lx\n", status);
    status = connect(client, GENERIC_READ | GENERIC_WRITE, options);
    ok(!status, "got %08lx\n", status);
    if (type) set_read_mode(*client, FILE_PIPE_MESSAGE_MODE);
}

static NTSTATUS put(HANDLE handle, const char *text, ULONG length)
{
    IO_STATUS_BLOCK io = { { 0 }, 0 };
    NTSTATUS status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)text, length, NULL, NULL);

    if (!status) ok(io.Information == length, "wrote %u of %lu\n", (unsigned int)io.Information, length);
    return status;
}

/* Reads up to length bytes and compares. */
static NTSTATUS get(HANDLE handle, ULONG length, const char *expected)
{
    char buffer[256];
    IO_STATUS_BLOCK io = { { 0 }, 0 };
    NTSTATUS status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, length, NULL, NULL);

    if (!NT_ERROR(status))
        ok(io.Information == strlen(expected) && !memcmp(buffer, expected, io.Information), "read %u bytes, not \"%s\"\n",
           (unsigned int)io.Information, expected);
    return status;
}

static ULONG state_of(HANDLE handle)
{
    FILE_PIPE_LOCAL_INFORMATION info = { 0 };
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtQueryInformationFile(handle, &io, &info, sizeof(info), FilePipeLocalInformation);

    ok(!status, "got %08lx\n", status);
    return info.NamedPipeState;
}

/* ---- names and states --------------------------------------------------------------------------------------------- */

static void check_names(void)
{
    char data[256];
    FILE_NAME_INFORMATION *name = (FILE_NAME_INFORMATION *)data;
    HANDLE first, second, client;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    ok(connect(&client, GENERIC_READ, SYNC) == STATUS_OBJECT_NAME_NOT_FOUND, "connected to nobody\n");
    ok(create_instance(&first, 0, SHARE_RW, FILE_OPEN, SYNC, 2) == STATUS_OBJECT_NAME_NOT_FOUND, "opened\n");
    ok(create_instance(&first, 0, 0, FILE_CREATE, SYNC, 2) == STATUS_INVALID_PARAMETER, "no sharing\n");
    ok(create_instance(&first, 0, SHARE_RW, FILE_OVERWRITE, SYNC, 2) == STATUS_INVALID_PARAMETER, "overwrite\n");
    ok(create_instance(&first, 0, SHARE_RW, FILE_CREATE, SYNC, 0) == STATUS_INVALID_PARAMETER, "no instances\n");
    ok(!create_instance(&first, 0, SHARE_RW, FILE_CREATE, SYNC, 2), "create\n");
    ok(create_instance(&second, 0, SHARE_RW, FILE_CREATE, SYNC, 2) == STATUS_ACCESS_DENIED, "created twice\n");
    ok(create_instance(&second, 1, SHARE_RW, FILE_OPEN_IF, SYNC, 2) == STATUS_INVALID_PARAMETER, "messages of bytes\n");
    ok(create_instance(&second, 0, FILE_SHARE_READ, FILE_OPEN_IF, SYNC, 2) == STATUS_ACCESS_DENIED, "other sharing\n");
    ok(!create_instance(&second, 0, SHARE_RW, FILE_OPEN_IF, SYNC, 2), "second instance\n");
    ok(create_instance(&client, 0, SHARE_RW, FILE_OPEN_IF, SYNC, 2) == STATUS_INSTANCE_NOT_AVAILABLE, "third instance\n");

    status = NtQueryInformationFile(first, &io, data, sizeof(data), FileNameInformation);
    ok(!status && name->FileNameLength == (wcslen(pipe_name) - 17) * sizeof(WCHAR) &&
       !memcmp(name->FileName, pipe_name + 17, name->FileNameLength), "got %08lx\n", status);

    ok(!connect(&client, GENERIC_READ | GENERIC_WRITE, SYNC), "connect\n");
    NtClose(client);
    ok(!connect(&client, GENERIC_READ | GENERIC_WRITE, SYNC), "connect\n");
    NtClose(first);
    NtClose(second);
    ok(connect(&first, GENERIC_READ, SYNC) == STATUS_OBJECT_NAME_NOT_FOUND, "connected to nobody\n");
    ok(!create_instance(&first, 1, SHARE_RW, FILE_CREATE, SYNC, 1), "the name is free\n");
    NtClose(first);
    NtClose(client);

    /* what the server does not share a client cannot have */
    ok(!create_instance(&first, 0, FILE_SHARE_READ, FILE_CREATE, SYNC, 1), "create\n");
    ok(connect(&client, GENERIC_WRITE, SYNC) == STATUS_ACCESS_DENIED, "write\n");
    ok(!connect(&client, GENERIC_READ, SYNC), "read\n");
    ok(connect(&second, GENERIC_READ, SYNC) == STATUS_PIPE_NOT_AVAILABLE, "busy\n");
    NtClose(client);
    NtClose(first);
}

static void check_states(void)
{
    HANDLE server, client;

    ok(!create_instance(&server, 0, SHARE_RW, FILE_CREATE, SYNC, 1), "create\n");
    ok(state_of(server) == FILE_PIPE_LISTENING_STATE, "state %lu\n", state_of(server));
    ok(get(server, 1, "") == STATUS_PIPE_LISTENING, "read\n");
    ok(put(server, "x", 1) == STATUS_PIPE_LISTENING, "write\n");
    ok(!connect(&client, GENERIC_READ | GENERIC_WRITE, SYNC), "connect\n");
    ok(state_of(server) == FILE_PIPE_CONNECTED_STATE && state_of(client) == FILE_PIPE_CONNECTED_STATE, "state\n");
    ok(control(server, FSCTL_PIPE_LISTEN) == STATUS_PIPE_CONNECTED, "listen\n");
    ok(control(client, FSCTL_PIPE_LISTEN) == STATUS_ILLEGAL_FUNCTION, "a client listens\n");
    ok(!put(client, "data", 4), "write\n");
    NtClose(client);
    ok(state_of(server) == FILE_PIPE_CLOSING_STATE, "state %lu\n", state_of(server));
    ok(control(server, FSCTL_PIPE_LISTEN) == STATUS_PIPE_CLOSING, "listen\n");
    ok(put(server, "x", 1) == STATUS_PIPE_CLOSING, "write\n");
    ok(!get(server, 16, "data"), "what was sent before is still there\n");
    ok(get(server, 16, "") == STATUS_PIPE_BROKEN, "read\n");
    ok(!control(server, FSCTL_PIPE_DISCONNECT), "disconnect\n");
    ok(state_of(server) == FILE_PIPE_DISCONNECTED_STATE, "state %lu\n", state_of(server));
    ok(get(server, 16, "") == STATUS_PIPE_DISCONNECTED, "read\n");
    ok(control(server, FSCTL_PIPE_DISCONNECT) == STATUS_PIPE_DISCONNECTED, "disconnect\n");
    ok(connect(&client, GENERIC_READ, SYNC) == STATUS_PIPE_NOT_AVAILABLE, "connect\n");
    NtClose(server);

    /* a client that is cut off loses what it did not read */
    make_pair(&server, &client, 0, SYNC);
    ok(!put(server, "lost", 4), "write\n");
    ok(!control(server, FSCTL_PIPE_DISCONNECT), "disconnect\n");
    ok(get(client, 16, "") == STATUS_PIPE_DISCONNECTED, "read\n");
    ok(put(client, "x", 1) == STATUS_PIPE_DISCONNECTED, "write\n");
    NtClose(client);
    NtClose(server);

    /* the server goes: what it sent is still there */
    make_pair(&server, &client, 0, SYNC);
    ok(!put(server, "kept", 4), "write\n");
    NtClose(server);
    ok(state_of(client) == FILE_PIPE_CLOSING_STATE, "state %lu\n", state_of(client));
    ok(!get(client, 16, "kept"), "read\n");
    ok(get(client, 16, "") == STATUS_PIPE_BROKEN, "read\n");
    ok(put(client, "x", 1) == STATUS_PIPE_CLOSING, "write\n");
    NtClose(client);
}

/* ---- data -------------------------------------------------------------------------------------------------------------- */

struct peek
{
    FILE_PIPE_PEEK_BUFFER buffer;
    char more[64];
};

static NTSTATUS peek(HANDLE handle, ULONG room, struct peek *out, ULONG *count)
{
    IO_STATUS_BLOCK io = { { 0 }, 0 };
    NTSTATUS status = NtFsControlFile(handle, NULL, NULL, NULL, &io, FSCTL_PIPE_PEEK, NULL, 0, out,
                                      offsetof(FILE_PIPE_PEEK_BUFFER, Data) + room);

    *count = io.Information - offsetof(FILE_PIPE_PEEK_BUFFER, Data);
    return status;
}

static void check_bytes(void)
{
    HANDLE server, client;
    struct peek seen;
    NTSTATUS status;
    ULONG count;

    make_pair(&server, &client, 0, SYNC);
    ok(!put(client, "abc", 3) && !put(client, "def", 3), "write\n");
    status = peek(server, 4, &seen, &count);
    ok(!status && count == 4 && seen.buffer.ReadDataAvailable == 6 && !memcmp(seen.buffer.Data, "abcd", 4), "got %08lx\n", status);
    ok(!get(server, 4, "abcd"), "read\n");
    ok(!get(server, 16, "ef"), "read\n");
    status = peek(server, 4, &seen, &count);
    ok(!status && !count && !seen.buffer.ReadDataAvailable, "got %08lx\n", status);
    ok(!put(server, "", 0), "write nothing\n");
    ok(!put(server, "xyz", 3), "write\n");
    ok(!get(client, 16, "xyz"), "read\n");
    NtClose(client);
    NtClose(server);
}

static void check_messages(void)
{
    HANDLE server, client;
    struct peek seen;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    ULONG count;
    SIZE_T size = 300000;
    char *big = NULL;

    make_pair(&server, &client, 1, SYNC);
    ok(!put(client, "first", 5) && !put(client, "second", 6), "write\n");
    status = peek(server, 2, &seen, &count);
    ok(status == STATUS_BUFFER_OVERFLOW && count == 2 && seen.buffer.ReadDataAvailable == 11 && seen.buffer.MessageLength == 5,
       "got %08lx, %lu, %lu\n", status, seen.buffer.ReadDataAvailable, seen.buffer.MessageLength);
    ok(get(server, 2, "fi") == STATUS_BUFFER_OVERFLOW, "part\n");
    status = peek(server, 64, &seen, &count);
    ok(!status && count == 3 && seen.buffer.ReadDataAvailable == 9 && seen.buffer.MessageLength == 3,
       "got %08lx, %lu, %lu\n", status, seen.buffer.ReadDataAvailable, seen.buffer.MessageLength);
    ok(!get(server, 16, "rst"), "the rest of the first\n");
    ok(!get(server, 6, "second"), "exactly\n");
    ok(!put(client, "", 0) && !put(client, "x", 1), "write nothing\n");
    ok(!get(server, 16, ""), "a message of no bytes\n");
    ok(!get(server, 16, "x"), "and the one after it\n");

    /* as bytes */
    set_read_mode(server, FILE_PIPE_BYTE_STREAM_MODE);
    ok(!put(client, "one", 3) && !put(client, "two", 3), "write\n");
    ok(!get(server, 2, "on"), "read\n");
    ok(!get(server, 16, "etwo"), "read\n");
    set_read_mode(server, FILE_PIPE_MESSAGE_MODE);

    /* a transaction */
    ok(!put(server, "reply", 5), "write\n");
    status = NtFsControlFile(client, NULL, NULL, NULL, &io, FSCTL_PIPE_TRANSCEIVE, (void *)"ask", 3, seen.more, 16);
    ok(status == STATUS_PIPE_BUSY, "got %08lx\n", status);
    ok(!get(client, 16, "reply"), "read\n");

    /* longer than any packet of the host */
    status = NtAllocateVirtualMemory(NtCurrentProcess(), (void **)&big, 0, &size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    ok(!status, "got %08lx\n", status);
    for (unsigned int i = 0; i < 150000; i++) big[i] = i * 7;
    status = NtWriteFile(client, NULL, NULL, NULL, &io, big, 150000, NULL, NULL);
    ok(!status && io.Information == 150000, "got %08lx, %u\n", status, (unsigned int)io.Information);
    status = NtReadFile(server, NULL, NULL, NULL, &io, big + 150000, 100000, NULL, NULL);
    ok(status == STATUS_BUFFER_OVERFLOW && io.Information == 100000, "got %08lx, %u\n", status, (unsigned int)io.Information);
    status = NtReadFile(server, NULL, NULL, NULL, &io, big + 250000, 50000, NULL, NULL);
    ok(!status && io.Information == 50000, "got %08lx, %u\n", status, (unsigned int)io.Information);
    ok(!memcmp(big, big + 150000, 150000), "wrong bytes\n");
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), (void **)&big, &size, MEM_RELEASE);
    NtClose(client);
    NtClose(server);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------- */

static bool is_set(HANDLE event)
{
    LARGE_INTEGER timeout = { .QuadPart = 0 };

    return !NtWaitForSingleObject(event, FALSE, &timeout);
}

static void check_overlapped(void)
{
    LARGE_INTEGER timeout = { .QuadPart = -50000000 };
    HANDLE server, client, event;
    IO_STATUS_BLOCK io, cancel, listen;
    char buffer[16];
    NTSTATUS status;

    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    ok(!create_instance(&server, 0, SHARE_RW, FILE_CREATE, 0, 1), "create\n");
    listen.Status = 0x55;
    status = NtFsControlFile(server, event, NULL, NULL, &listen, FSCTL_PIPE_LISTEN, NULL, 0, NULL, 0);
    ok(status == STATUS_PENDING && listen.Status == 0x55 && !is_set(event), "got %08lx\n", status);
    ok(!connect(&client, GENERIC_READ | GENERIC_WRITE, 0), "connect\n");
    ok(!listen.Status && is_set(event), "got %08lx\n", listen.Status);

    /* the reader is told when the write returns */
    io.Status = 0x55;
    status = NtReadFile(server, event, NULL, NULL, &io, buffer, sizeof(buffer), NULL, NULL);
    ok(status == STATUS_PENDING && io.Status == 0x55 && !is_set(event), "got %08lx\n", status);
    ok(!put(client, "now", 3), "write\n");
    ok(!io.Status && io.Information == 3 && is_set(event) && !memcmp(buffer, "now", 3), "got %08lx\n", io.Status);

    /* two at once, in order */
    status = NtReadFile(server, event, NULL, NULL, &io, buffer, 2, NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    status = NtReadFile(server, event, NULL, NULL, &listen, buffer + 2, 2, NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    ok(!put(client, "abcd", 4), "write\n");
    ok(!io.Status && !listen.Status && !memcmp(buffer, "abcd", 4), "got %08lx, %08lx\n", io.Status, listen.Status);

    /* cancelled */
    io.Status = 0x55;
    status = NtReadFile(server, event, NULL, NULL, &io, buffer, 2, NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    status = NtCancelIoFile(server, &cancel);
    ok(!status, "got %08lx\n", status);
    ok(io.Status == STATUS_CANCELLED && !io.Information && is_set(event), "got %08lx\n", io.Status);
    status = NtCancelIoFileEx(server, NULL, &cancel);
    ok(status == STATUS_NOT_FOUND, "got %08lx\n", status);

    /* the other end goes */
    status = NtReadFile(server, event, NULL, NULL, &io, buffer, 2, NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    NtClose(client);
    status = NtWaitForSingleObject(event, FALSE, &timeout);
    ok(!status && io.Status == STATUS_PIPE_BROKEN, "got %08lx, %08lx\n", status, io.Status);

    /* disconnected while listening */
    ok(!control(server, FSCTL_PIPE_DISCONNECT), "disconnect\n");
    status = NtFsControlFile(server, event, NULL, NULL, &listen, FSCTL_PIPE_LISTEN, NULL, 0, NULL, 0);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    ok(!control(server, FSCTL_PIPE_DISCONNECT), "disconnect\n");
    ok(listen.Status == STATUS_PIPE_DISCONNECTED && is_set(event), "got %08lx\n", listen.Status);
    NtClose(server);
    NtClose(event);
}

static void check_port(void)
{
    FILE_COMPLETION_INFORMATION completion = { NULL, 5 };
    LARGE_INTEGER timeout = { .QuadPart = -50000000 };
    HANDLE server, client;
    IO_STATUS_BLOCK io, packet;
    ULONG_PTR key, value;
    char buffer[16];
    NTSTATUS status;

    make_pair(&server, &client, 0, 0);
    NtCreateIoCompletion(&completion.CompletionPort, IO_COMPLETION_ALL_ACCESS, NULL, 0);
    status = NtSetInformationFile(server, &io, &completion, sizeof(completion), FileCompletionInformation);
    ok(!status, "got %08lx\n", status);
    status = NtReadFile(server, NULL, NULL, &io, &io, buffer, sizeof(buffer), NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    ok(!put(client, "x", 1), "write\n");
    status = NtRemoveIoCompletion(completion.CompletionPort, &key, &value, &packet, &timeout);
    ok(!status && key == 5 && value == (ULONG_PTR)&io && !packet.Status && packet.Information == 1, "got %08lx\n", status);
    status = NtReadFile(server, NULL, NULL, &io, &io, buffer, sizeof(buffer), NULL, NULL);
    ok(status == STATUS_PENDING, "got %08lx\n", status);
    NtClose(client);
    status = NtRemoveIoCompletion(completion.CompletionPort, &key, &value, &packet, &timeout);
    ok(!status && packet.Status == STATUS_PIPE_BROKEN, "got %08lx, %08lx\n", status, packet.Status);
    NtClose(server);
    NtClose(completion.CompletionPort);
}

static void check_unnamed(void)
{
    LARGE_INTEGER timeout = { .QuadPart = -500000 };
    UNICODE_STRING empty = { 0, 0, NULL }, string;
    OBJECT_ATTRIBUTES attr;
    HANDLE root, reader, writer;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    RtlInitUnicodeString(&string, L"\\Device\\NamedPipe\\");
    InitializeObjectAttributes(&attr, &string, 0, NULL, NULL);
    status = NtOpenFile(&root, GENERIC_READ | SYNCHRONIZE, &attr, &io, SHARE_RW, SYNC);
    ok(!status, "got %08lx\n", status);
    InitializeObjectAttributes(&attr, &empty, 0, root, NULL);
    status = NtCreateNamedPipeFile(&reader, GENERIC_READ | SYNCHRONIZE | FILE_WRITE_ATTRIBUTES, &attr, &io, SHARE_RW, FILE_CREATE, SYNC,
                                   0, 0, 0, 1, 4096, 4096, &timeout);
    ok(!status, "got %08lx\n", status);
    InitializeObjectAttributes(&attr, &empty, 0, reader, NULL);
    status = NtOpenFile(&writer, GENERIC_WRITE | SYNCHRONIZE, &attr, &io, SHARE_RW, SYNC);
    ok(!status, "got %08lx\n", status);
    ok(!put(writer, "hello", 5), "write\n");
    ok(!get(reader, 16, "hello"), "read\n");
    NtClose(writer);
    ok(get(reader, 16, "") == STATUS_PIPE_BROKEN, "read\n");
    NtClose(reader);
    NtClose(root);
}

static void check_wait(void)
{
    struct
    {
        FILE_PIPE_WAIT_FOR_BUFFER wait;
        WCHAR name[64];
    } in;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE root, server, client;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    ULONG size;

    RtlInitUnicodeString(&string, L"\\??\\PIPE\\");
    InitializeObjectAttributes(&attr, &string, 0, NULL, NULL);
    status = NtOpenFile(&root, GENERIC_READ | SYNCHRONIZE, &attr, &io, SHARE_RW, SYNC);
    ok(!status, "got %08lx\n", status);
    in.wait.Timeout.QuadPart = -100000;
    in.wait.TimeoutSpecified = TRUE;
    in.wait.NameLength = wcslen(pipe_name + 18) * sizeof(WCHAR);
    memcpy(in.wait.Name, pipe_name + 18, in.wait.NameLength);
    size = offsetof(FILE_PIPE_WAIT_FOR_BUFFER, Name) + in.wait.NameLength;
    status = NtFsControlFile(root, NULL, NULL, NULL, &io, FSCTL_PIPE_WAIT, &in, size, NULL, 0);
    ok(status == STATUS_OBJECT_NAME_NOT_FOUND, "got %08lx\n", status);
    ok(!create_instance(&server, 0, SHARE_RW, FILE_CREATE, SYNC, 1), "create\n");
    status = NtFsControlFile(root, NULL, NULL, NULL, &io, FSCTL_PIPE_WAIT, &in, size, NULL, 0);
    ok(!status, "got %08lx\n", status);
    ok(!connect(&client, GENERIC_READ, SYNC), "connect\n");
    status = NtFsControlFile(root, NULL, NULL, NULL, &io, FSCTL_PIPE_WAIT, &in, size, NULL, 0);
    ok(status == STATUS_IO_TIMEOUT, "got %08lx\n", status);
    NtClose(client);
    NtClose(server);
    NtClose(root);
}

START_TEST(pipe)
{
    ULONG pid = (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess;
    unsigned int n = wcslen(pipe_name);

    for (int shift = 28; shift >= 0; shift -= 4) pipe_name[n++] = L"0123456789abcdef"[pid >> shift & 15];
    check_names();
    check_states();
    check_bytes();
    check_messages();
    check_overlapped();
    check_port();
    check_unnamed();
    check_wait();
}
