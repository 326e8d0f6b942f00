/* Files through the Nt calls: names, dispositions, share modes, positions, deletion, information, locks. */
#include "file.h"

static WCHAR folder[MAX_PATH];          /* \??\...\oriel-file-PID */
HANDLE folder_handle;

/* ---- names ----------------------------------------------------------------------------------------------------- */

void make_attributes(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, HANDLE root, const WCHAR *name)
{
    RtlInitUnicodeString(string, name);
    InitializeObjectAttributes(attr, string, OBJ_CASE_INSENSITIVE, root, NULL);
}

NTSTATUS open_name(HANDLE *handle, HANDLE root, const WCHAR *name, ACCESS_MASK access, ULONG sharing,
                   ULONG disposition, ULONG options, ULONG_PTR *result)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io = { { 0 }, 0xdead };
    NTSTATUS status;

    make_attributes(&attr, &string, root, name);
    status = NtCreateFile(handle, access | SYNCHRONIZE, &attr, &io, NULL, FILE_ATTRIBUTE_NORMAL, sharing, disposition,
                          options, NULL, 0);
    if (result) *result = io.Information;
    return status;
}

HANDLE make_file(const WCHAR *name, const char *content)
{
    HANDLE handle = NULL;
    IO_STATUS_BLOCK io;
    NTSTATUS status = open_name(&handle, folder_handle, name, GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL,
                                FILE_OVERWRITE_IF, SYNC | FILE_NON_DIRECTORY_FILE, NULL);

    ok(!status, "create %08lx\n", status);
    if (content[0])
    {
        status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)content, strlen(content), NULL, NULL);
        ok(!status && io.Information == strlen(content), "write %08lx, %u\n", status, (unsigned int)io.Information);
    }
    return handle;
}

NTSTATUS delete_name(const WCHAR *name)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;

    make_attributes(&attr, &string, folder_handle, name);
    return NtDeleteFile(&attr);
}

static void check_names(void)
{
    static const struct
    {
        const WCHAR *name;
        NTSTATUS status;
    } tests[] =
    {
        { L"", STATUS_OBJECT_PATH_SYNTAX_BAD },
        { L"name", STATUS_OBJECT_PATH_SYNTAX_BAD },
        { L"\\??\\", STATUS_OBJECT_NAME_INVALID },
        { L"\\\\?\\", STATUS_OBJECT_NAME_INVALID },
        { L"\\DosDevices\\", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\Q:\\x", STATUS_OBJECT_PATH_NOT_FOUND },
        { L"\\??\\C:\\no-such-name", STATUS_OBJECT_NAME_NOT_FOUND },
        { L"\\??\\C:\\no-such-name\\x", STATUS_OBJECT_PATH_NOT_FOUND },
        { L"\\??\\C:\\windows\\system32\\no-such.dll", STATUS_OBJECT_NAME_NOT_FOUND },
        { L"\\??\\C:\\windows\\system32\\no-such\\x", STATUS_OBJECT_PATH_NOT_FOUND },
        { L"\\??\\C:\\windows\\system32\\ntdll.dll\\x", STATUS_OBJECT_PATH_NOT_FOUND },
        { L"\\??\\C:\\windows\\a?b", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\C:\\windows\\a|b\\x", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\C:\\windows\\..\\x", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\C:\\windows/system32", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\C:\\windows\\SYSTEM32\\NTDLL.DLL", STATUS_SUCCESS },
        { L"\\DosDevices\\c:\\windows\\system32\\ntdll.dll", STATUS_SUCCESS },
        { L"\\SystemRoot\\system32\\ntdll.dll", STATUS_SUCCESS },
        { L"\\??\\C:\\windows\\system32\\ntdll.dll::$DATA", STATUS_SUCCESS },
        { L"\\??\\C:\\windows\\system32\\ntdll.dll\\", STATUS_OBJECT_NAME_INVALID },
        { L"\\??\\C:\\", STATUS_SUCCESS },
        { L"\\??\\C:\\Windows", STATUS_SUCCESS },
        { L"\\??\\NUL", STATUS_SUCCESS },
        { L"\\Device\\Null", STATUS_SUCCESS },
        { L"\\Device\\NoSuchDevice", STATUS_OBJECT_NAME_NOT_FOUND },
    };
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;
    HANDLE handle, root;
    NTSTATUS status;
    WCHAR lone[] = L"lone\xd800";

    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        make_attributes(&attr, &string, NULL, tests[i].name);
        status = NtOpenFile(&handle, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, SHARE_ALL, SYNC);
        ok(status == tests[i].status, "%u: got %08lx, expected %08lx\n", i, status, tests[i].status);
        if (!status) NtClose(handle);
    }

    /* C: takes nothing but in its temporary folders. */
    status = open_name(&handle, NULL, L"\\??\\C:\\x.txt", GENERIC_WRITE, SHARE_ALL, FILE_CREATE, SYNC, NULL);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    status = open_name(&handle, NULL, L"\\??\\C:\\windows\\system32\\x.txt", GENERIC_WRITE, SHARE_ALL, FILE_CREATE, SYNC, NULL);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    status = open_name(&handle, NULL, L"\\??\\C:\\windows\\system32\\ntdll.dll", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_ACCESS_DENIED || status == STATUS_SHARING_VIOLATION, "got %08lx\n", status);

    /* relative names */
    status = open_name(&root, NULL, L"\\??\\C:\\Windows", FILE_LIST_DIRECTORY, SHARE_ALL, FILE_OPEN, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(!status, "got %08lx\n", status);
    status = open_name(&handle, root, L"SYSTEM32\\ntdll.dll", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    if (!status) NtClose(handle);
    status = open_name(&handle, root, L"\\system32", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_OBJECT_NAME_INVALID || status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    status = open_name(&handle, root, L"", FILE_LIST_DIRECTORY, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    if (!status) NtClose(handle);
    NtClose(root);
    handle = make_file(L"root", "x");
    status = open_name(&root, handle, L"name", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_OBJECT_PATH_NOT_FOUND, "got %08lx\n", status);
    status = open_name(&root, handle, L"", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(root);
    NtClose(handle);
    delete_name(L"root");

    /* a half of a pair has no bytes on disk here, and is refused rather than changed */
    status = open_name(&handle, folder_handle, lone, GENERIC_WRITE | DELETE, SHARE_ALL, FILE_CREATE, SYNC | FILE_DELETE_ON_CLOSE, NULL);
    ok(!status || status == STATUS_OBJECT_NAME_INVALID, "got %08lx\n", status);
    if (!status) NtClose(handle);
}

static void check_case(void)
{
    HANDLE handle, other;
    NTSTATUS status;
    LARGE_INTEGER id[2];
    IO_STATUS_BLOCK io;

    handle = make_file(L"Gr\u00fc\u00dfe \u0416.TXT", "a");
    status = open_name(&other, folder_handle, L"GR\u00dc\u00dfE \u0436.txt", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    if (!status)
    {
        NtQueryInformationFile(handle, &io, &id[0], sizeof(id[0]), FileInternalInformation);
        NtQueryInformationFile(other, &io, &id[1], sizeof(id[1]), FileInternalInformation);
        ok(id[0].QuadPart == id[1].QuadPart, "two files\n");
        NtClose(other);
    }
    status = open_name(&other, folder_handle, L"gr\u00fc\u00dfe \u0436.txt", FILE_READ_DATA, SHARE_ALL, FILE_CREATE, SYNC, NULL);
    ok(status == STATUS_OBJECT_NAME_COLLISION, "got %08lx\n", status);
    NtClose(handle);
    ok(!delete_name(L"GR\u00dc\u00dfe \u0416.txt"), "delete\n");

    /* what was not there a moment ago is found when it is, in any case */
    for (unsigned int i = 0; i < 3; i++)
    {
        LARGE_INTEGER pause = { .QuadPart = -800000 };

        status = open_name(&other, folder_handle, L"LATE", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
        ok(status == STATUS_OBJECT_NAME_NOT_FOUND, "got %08lx\n", status);
        NtDelayExecution(FALSE, &pause);
        status = open_name(&other, folder_handle, L"LATE", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
        ok(status == STATUS_OBJECT_NAME_NOT_FOUND, "got %08lx\n", status);
        NtClose(make_file(L"late", ""));
        status = open_name(&other, folder_handle, L"LATE", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
        ok(!status, "got %08lx\n", status);
        NtClose(other);
        ok(!delete_name(L"Late"), "delete\n");
    }
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void check_dispositions(void)
{
    static const struct
    {
        ULONG disposition;
        NTSTATUS missing, existing;
        ULONG_PTR made, found;
        bool empties;
    } tests[] =
    {
        { FILE_SUPERSEDE, STATUS_SUCCESS, STATUS_SUCCESS, 2, 0, true },
        { FILE_OPEN, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS, 0, 1, false },
        { FILE_CREATE, STATUS_SUCCESS, STATUS_OBJECT_NAME_COLLISION, 2, 0, false },
        { FILE_OPEN_IF, STATUS_SUCCESS, STATUS_SUCCESS, 2, 1, false },
        { FILE_OVERWRITE, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS, 0, 3, true },
        { FILE_OVERWRITE_IF, STATUS_SUCCESS, STATUS_SUCCESS, 2, 3, true },
    };
    FILE_BASIC_INFORMATION basic = { 0 };
    FILE_STANDARD_INFORMATION info;
    IO_STATUS_BLOCK io;
    ULONG_PTR result;
    HANDLE handle;
    NTSTATUS status;

    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        delete_name(L"disposition");
        status = open_name(&handle, folder_handle, L"disposition", GENERIC_WRITE | DELETE, SHARE_ALL, tests[i].disposition, SYNC, &result);
        ok(status == tests[i].missing, "%u: got %08lx\n", i, status);
        if (!status)
        {
            ok(result == tests[i].made, "%u: got %u\n", i, (unsigned int)result);
            NtClose(handle);
        }
        NtClose(make_file(L"disposition", "four"));
        status = open_name(&handle, folder_handle, L"disposition", GENERIC_WRITE | DELETE, SHARE_ALL, tests[i].disposition, SYNC, &result);
        ok(status == tests[i].existing, "%u: got %08lx\n", i, status);
        if (status) continue;
        ok(result == tests[i].found, "%u: got %u\n", i, (unsigned int)result);
        status = NtQueryInformationFile(handle, &io, &info, sizeof(info), FileStandardInformation);
        ok(!status && info.EndOfFile.QuadPart == (tests[i].empties ? 0 : 4), "%u: %08lx, %u\n", i, status, (unsigned int)info.EndOfFile.QuadPart);
        NtClose(handle);
    }
    ok(!delete_name(L"disposition"), "delete\n");

    /* What is read-only can be superseded, though not overwritten; also by who is not root */
    handle = make_file(L"disposition", "four");
    basic.FileAttributes = FILE_ATTRIBUTE_READONLY;
    status = NtSetInformationFile(handle, &io, &basic, sizeof(basic), FileBasicInformation);
    ok(!status, "got %08lx\n", status);
    NtClose(handle);
    status = open_name(&handle, folder_handle, L"disposition", GENERIC_READ, SHARE_ALL, FILE_OVERWRITE_IF, SYNC, &result);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    status = open_name(&handle, folder_handle, L"disposition", GENERIC_READ, SHARE_ALL, FILE_SUPERSEDE, SYNC, &result);
    ok(!status && !result, "got %08lx, %u\n", status, (unsigned int)result);
    status = NtQueryInformationFile(handle, &io, &info, sizeof(info), FileStandardInformation);
    ok(!status && !info.EndOfFile.QuadPart, "%08lx, %u\n", status, (unsigned int)info.EndOfFile.QuadPart);
    NtClose(handle);
    ok(!delete_name(L"disposition"), "it is read-only yet\n");

    /* folders */
    status = open_name(&handle, folder_handle, L"sub", FILE_LIST_DIRECTORY, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE, &result);
    ok(!status && result == 2, "got %08lx, %u\n", status, (unsigned int)result);
    NtClose(handle);
    status = open_name(&handle, folder_handle, L"sub", FILE_LIST_DIRECTORY, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(status == STATUS_OBJECT_NAME_COLLISION, "got %08lx\n", status);
    status = open_name(&handle, folder_handle, L"sub", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC | FILE_NON_DIRECTORY_FILE, NULL);
    ok(status == STATUS_FILE_IS_A_DIRECTORY, "got %08lx\n", status);
    status = open_name(&handle, folder_handle, L"sub", GENERIC_WRITE, SHARE_ALL, FILE_OVERWRITE_IF, SYNC, NULL);
    ok(status == STATUS_OBJECT_NAME_COLLISION, "got %08lx\n", status);
    status = open_name(&handle, folder_handle, L"sub\\", GENERIC_WRITE, SHARE_ALL, FILE_OPEN_IF, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(handle);
    status = open_name(&handle, folder_handle, L"file\\", GENERIC_WRITE, SHARE_ALL, FILE_OPEN_IF, SYNC, NULL);
    ok(status == STATUS_OBJECT_NAME_INVALID, "got %08lx\n", status);
    NtClose(make_file(L"file", ""));
    status = open_name(&handle, folder_handle, L"file", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(status == STATUS_NOT_A_DIRECTORY, "got %08lx\n", status);
    status = open_name(&handle, folder_handle, L"file", GENERIC_READ, SHARE_ALL, FILE_SUPERSEDE, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    ok(!delete_name(L"file"), "delete\n");
    ok(!delete_name(L"sub"), "delete\n");
}

/* Every pair of opens: what the first has and shares, what the second wants and shares. */
static void check_share_modes(void)
{
    static const ACCESS_MASK access[] = { FILE_READ_DATA, FILE_WRITE_DATA, DELETE, FILE_READ_ATTRIBUTES };
    static const ULONG bit[] = { FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_SHARE_DELETE, 0 };
    HANDLE first, second;
    NTSTATUS status, expected;

    NtClose(make_file(L"share", "x"));
    for (unsigned int i = 0; i < 4; i++)
        for (ULONG first_share = 0; first_share < 8; first_share++)
        {
            status = open_name(&first, folder_handle, L"SHARE", access[i], first_share, FILE_OPEN, SYNC, NULL);
            ok(!status, "got %08lx\n", status);
            for (unsigned int j = 0; j < 4; j++)
                for (ULONG second_share = 0; second_share < 8; second_share++)
                {
                    bool fits = i == 3 || j == 3 || ((first_share & bit[j]) && (second_share & bit[i]));

                    expected = fits ? STATUS_SUCCESS : STATUS_SHARING_VIOLATION;
                    status = open_name(&second, folder_handle, L"share", access[j], second_share, FILE_OPEN, SYNC, NULL);
                    ok(status == expected, "%u/%lu then %u/%lu: got %08lx\n", i, first_share, j, second_share, status);
                    if (!status) NtClose(second);
                }
            NtClose(first);
        }
    ok(!delete_name(L"share"), "delete\n");
}

/* ---- reading and writing --------------------------------------------------------------------------------------------- */

static LONGLONG position_of(HANDLE handle)
{
    FILE_POSITION_INFORMATION info = { { .QuadPart = -1 } };
    IO_STATUS_BLOCK io;

    NtQueryInformationFile(handle, &io, &info, sizeof(info), FilePositionInformation);
    return info.CurrentByteOffset.QuadPart;
}

static void check_read_write(void)
{
    HANDLE handle, append;
    LARGE_INTEGER offset;
    IO_STATUS_BLOCK io;
    char buffer[32];
    NTSTATUS status;

    handle = make_file(L"rw", "0123456789");
    ok(position_of(handle) == 10, "position %d\n", (int)position_of(handle));
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, 4, NULL, NULL);
    ok(status == STATUS_END_OF_FILE && io.Status == STATUS_END_OF_FILE && !io.Information, "got %08lx, %08lx\n", status, io.Status);
    offset.QuadPart = 2;
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, 4, &offset, NULL);
    ok(!status && io.Information == 4 && !memcmp(buffer, "2345", 4), "got %08lx, %u\n", status, (unsigned int)io.Information);
    ok(position_of(handle) == 6, "position %d\n", (int)position_of(handle));
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, sizeof(buffer), NULL, NULL);
    ok(!status && io.Information == 4 && !memcmp(buffer, "6789", 4), "got %08lx, %u\n", status, (unsigned int)io.Information);
    offset.QuadPart = -2;       /* FILE_USE_FILE_POINTER_POSITION */
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)"ab", 2, &offset, NULL);
    ok(!status && position_of(handle) == 12, "got %08lx, %d\n", status, (int)position_of(handle));
    offset.QuadPart = 0;
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)"X", 1, &offset, NULL);
    ok(!status && position_of(handle) == 1, "got %08lx, %d\n", status, (int)position_of(handle));
    offset.QuadPart = -1;       /* FILE_WRITE_TO_END_OF_FILE */
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)"cd", 2, &offset, NULL);
    ok(!status && position_of(handle) == 14, "got %08lx, %d\n", status, (int)position_of(handle));
    offset.QuadPart = -3;
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, (void *)"cd", 2, &offset, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, 1, &offset, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);

    /* a handle that may only append does, whatever offset it is given */
    status = open_name(&append, folder_handle, L"rw", FILE_APPEND_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    offset.QuadPart = 1;
    status = NtWriteFile(append, NULL, NULL, NULL, &io, (void *)"ef", 2, &offset, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtReadFile(append, NULL, NULL, NULL, &io, buffer, 1, NULL, NULL);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    NtClose(append);

    offset.QuadPart = 0;
    memset(buffer, 0, sizeof(buffer));
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, sizeof(buffer), &offset, NULL);
    ok(!status && io.Information == 16 && !memcmp(buffer, "X123456789abcdef", 16), "got %08lx, %u: %s\n", status, (unsigned int)io.Information, buffer);

    /* buffers */
    status = NtReadFile(handle, NULL, NULL, NULL, &io, NULL, 4, &offset, NULL);
    ok(status == STATUS_ACCESS_VIOLATION, "got %08lx\n", status);
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, NULL, 4, &offset, NULL);
    ok(status == STATUS_ACCESS_VIOLATION || status == STATUS_INVALID_USER_BUFFER, "got %08lx\n", status);
    status = NtReadFile(handle, NULL, NULL, NULL, NULL, buffer, 4, &offset, NULL);
    ok(status == STATUS_ACCESS_VIOLATION, "got %08lx\n", status);
    status = NtReadFile(handle, (HANDLE)0xdead0, NULL, NULL, &io, buffer, 4, &offset, NULL);
    ok(status == STATUS_INVALID_HANDLE, "got %08lx\n", status);
    NtClose(handle);
    ok(!delete_name(L"rw"), "delete\n");

    /* folders have no bytes */
    offset.QuadPart = 0;
    status = NtReadFile(folder_handle, NULL, NULL, NULL, &io, buffer, 4, &offset, NULL);
    ok(status == STATUS_INVALID_DEVICE_REQUEST, "got %08lx\n", status);
}

static void check_asynchronous(void)
{
    HANDLE handle, event, port;
    LARGE_INTEGER offset, timeout;
    FILE_COMPLETION_INFORMATION completion;
    IO_STATUS_BLOCK io, ignored;
    EVENT_BASIC_INFORMATION state;
    ULONG_PTR key, value;
    char buffer[8];
    NTSTATUS status;

    NtClose(make_file(L"async", "0123456789"));
    status = open_name(&handle, folder_handle, L"async", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, FILE_OPEN, 0, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    ok(!status, "got %08lx\n", status);

    status = NtReadFile(handle, event, NULL, NULL, &io, buffer, 4, NULL, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);      /* it has no position */
    offset.QuadPart = -2;
    status = NtReadFile(handle, event, NULL, NULL, &io, buffer, 4, &offset, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    NtResetEvent(event, NULL);
    offset.QuadPart = 3;
    status = NtReadFile(handle, event, NULL, NULL, &io, buffer, 4, &offset, NULL);
    ok(!status || status == STATUS_PENDING, "got %08lx\n", status);
    timeout.QuadPart = -50000000;
    status = NtWaitForSingleObject(event, FALSE, &timeout);
    ok(!status, "got %08lx\n", status);
    ok(!io.Status && io.Information == 4 && !memcmp(buffer, "3456", 4), "got %08lx, %u\n", io.Status, (unsigned int)io.Information);
    ok(position_of(handle) == 0, "position %d\n", (int)position_of(handle));
    offset.QuadPart = 10;
    status = NtReadFile(handle, event, NULL, NULL, &io, buffer, 4, &offset, NULL);
    if (status == STATUS_PENDING)
    {
        NtWaitForSingleObject(event, FALSE, &timeout);
        status = io.Status;
    }
    else
    {
        NtQueryEvent(event, EventBasicInformation, &state, sizeof(state), NULL);
        ok(!state.EventState, "the event of a failed operation is set\n");
    }
    ok(status == STATUS_END_OF_FILE, "got %08lx\n", status);

    /* a completion port */
    status = NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0);
    ok(!status, "got %08lx\n", status);
    completion.CompletionPort = port;
    completion.CompletionKey = 77;
    status = NtSetInformationFile(handle, &io, &completion, sizeof(completion), FileCompletionInformation);
    ok(!status, "got %08lx\n", status);
    status = NtSetInformationFile(handle, &io, &completion, sizeof(completion), FileCompletionInformation);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    offset.QuadPart = 0;
    status = NtReadFile(handle, NULL, NULL, (void *)0x1234, &io, buffer, 4, &offset, NULL);
    ok(!status || status == STATUS_PENDING, "got %08lx\n", status);
    status = NtRemoveIoCompletion(port, &key, &value, &ignored, &timeout);
    ok(!status && key == 77 && value == 0x1234 && !ignored.Status && ignored.Information == 4, "got %08lx\n", status);
    status = NtReadFile(handle, NULL, NULL, NULL, &io, buffer, 4, &offset, NULL);       /* no context: no packet */
    ok(!status || status == STATUS_PENDING, "got %08lx\n", status);
    timeout.QuadPart = 0;
    status = NtRemoveIoCompletion(port, &key, &value, &ignored, &timeout);
    ok(status == STATUS_TIMEOUT, "got %08lx\n", status);
    status = NtReadFile(handle, NULL, (PIO_APC_ROUTINE)1, NULL, &io, buffer, 4, &offset, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    NtClose(port);
    NtClose(event);
    NtClose(handle);
    ok(!delete_name(L"async"), "delete\n");
}

/* ---- information --------------------------------------------------------------------------------------------------------- */

static void check_information(void)
{
    char data[1024];
    FILE_NAME_INFORMATION *name = (FILE_NAME_INFORMATION *)data;
    FILE_ALL_INFORMATION *all = (FILE_ALL_INFORMATION *)data;
    FILE_STANDARD_INFORMATION standard;
    FILE_BASIC_INFORMATION basic, set;
    FILE_NETWORK_OPEN_INFORMATION full;
    FILE_END_OF_FILE_INFORMATION end;
    FILE_MODE_INFORMATION mode;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;
    HANDLE handle, other;
    NTSTATUS status;

    handle = make_file(L"information.txt", "12345");
    status = NtQueryInformationFile(handle, &io, &standard, sizeof(standard), FileStandardInformation);
    ok(!status && io.Information == sizeof(standard), "got %08lx\n", status);
    ok(standard.EndOfFile.QuadPart == 5 && standard.NumberOfLinks == 1 && !standard.Directory && !standard.DeletePending, "wrong\n");
    status = NtQueryInformationFile(handle, &io, &standard, sizeof(standard) - 1, FileStandardInformation);
    ok(status == STATUS_INFO_LENGTH_MISMATCH, "got %08lx\n", status);
    status = NtQueryInformationFile(handle, &io, &standard, sizeof(standard), (FILE_INFORMATION_CLASS)1000);
    ok(status == STATUS_INVALID_INFO_CLASS, "got %08lx\n", status);
    status = NtQueryInformationFile((HANDLE)0xdead0, &io, &standard, sizeof(standard), FileStandardInformation);
    ok(status == STATUS_INVALID_HANDLE, "got %08lx\n", status);

    /* times and attributes */
    status = NtQueryInformationFile(handle, &io, &basic, sizeof(basic), FileBasicInformation);
    ok(!status && basic.FileAttributes == FILE_ATTRIBUTE_ARCHIVE, "got %08lx, %lx\n", status, basic.FileAttributes);
    memset(&set, 0, sizeof(set));
    set.LastWriteTime.QuadPart = 0x01d0000000000000;
    set.FileAttributes = FILE_ATTRIBUTE_READONLY;
    status = NtSetInformationFile(handle, &io, &set, sizeof(set), FileBasicInformation);
    ok(!status, "got %08lx\n", status);
    status = NtQueryInformationFile(handle, &io, &basic, sizeof(basic), FileBasicInformation);
    ok(!status && (basic.FileAttributes & FILE_ATTRIBUTE_READONLY) && basic.LastWriteTime.QuadPart == 0x01d0000000000000, "got %08lx, %lx\n", status, basic.FileAttributes);
    status = open_name(&other, folder_handle, L"information.txt", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"information.txt", DELETE, SHARE_ALL, FILE_OPEN, SYNC | FILE_DELETE_ON_CLOSE, NULL);
    ok(status == STATUS_CANNOT_DELETE, "got %08lx\n", status);
    memset(&set, 0, sizeof(set));
    set.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    status = NtSetInformationFile(handle, &io, &set, sizeof(set), FileBasicInformation);
    ok(!status, "got %08lx\n", status);

    /* by name */
    make_attributes(&attr, &string, folder_handle, L"INFORMATION.TXT");
    status = NtQueryFullAttributesFile(&attr, &full);
    ok(!status && full.EndOfFile.QuadPart == 5 && !(full.FileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY)), "got %08lx\n", status);
    status = NtQueryAttributesFile(&attr, &basic);
    ok(!status && basic.LastWriteTime.QuadPart == full.LastWriteTime.QuadPart, "got %08lx\n", status);
    make_attributes(&attr, &string, folder_handle, L"missing.txt");
    ok(NtQueryAttributesFile(&attr, &basic) == STATUS_OBJECT_NAME_NOT_FOUND, "missing\n");
    make_attributes(&attr, &string, folder_handle, L"missing\\missing.txt");
    ok(NtQueryAttributesFile(&attr, &basic) == STATUS_OBJECT_PATH_NOT_FOUND, "missing\n");

    /* names */
    memset(data, 0xcc, sizeof(data));
    status = NtQueryInformationFile(handle, &io, data, sizeof(data), FileNameInformation);
    ok(!status && name->FileNameLength > 30 && !memcmp((char *)name->FileName + name->FileNameLength - 30, L"information.txt", 30), "got %08lx\n", status);
    ok(io.Information == offsetof(FILE_NAME_INFORMATION, FileName) + name->FileNameLength, "got %u\n", (unsigned int)io.Information);
    ok(name->FileName[0] == '\\' && name->FileName[1] != '?', "got %x\n", name->FileName[1]);
    memset(data, 0xcc, sizeof(data));
    status = NtQueryInformationFile(handle, &io, data, sizeof(FILE_NAME_INFORMATION), FileNameInformation);
    ok(status == STATUS_BUFFER_OVERFLOW && io.Status == status && io.Information == sizeof(FILE_NAME_INFORMATION), "got %08lx\n", status);
    ok(name->FileName[2] == 0xcccc, "wrote too much\n");
    status = NtQueryInformationFile(handle, &io, data, sizeof(data), FileAllInformation);
    ok(!status && all->StandardInformation.EndOfFile.QuadPart == 5 && all->PositionInformation.CurrentByteOffset.QuadPart == 5, "got %08lx\n", status);
    ok(all->ModeInformation.Mode == SYNC, "got %lx\n", all->ModeInformation.Mode);
    ok(all->AccessInformation.AccessFlags == (FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE), "got %lx\n", all->AccessInformation.AccessFlags);
    status = NtQueryInformationFile(handle, &io, &mode, sizeof(mode), FileModeInformation);
    ok(!status && mode.Mode == SYNC, "got %08lx, %lx\n", status, mode.Mode);

    /* size */
    end.EndOfFile.QuadPart = 100000;
    status = NtSetInformationFile(handle, &io, &end, sizeof(end), FileEndOfFileInformation);
    ok(!status, "got %08lx\n", status);
    end.EndOfFile.QuadPart = 3;
    status = NtSetInformationFile(handle, &io, &end, sizeof(end), FileEndOfFileInformation);
    ok(!status, "got %08lx\n", status);
    end.EndOfFile.QuadPart = -1;
    status = NtSetInformationFile(handle, &io, &end, sizeof(end), FileEndOfFileInformation);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    NtQueryInformationFile(handle, &io, &standard, sizeof(standard), FileStandardInformation);
    ok(standard.EndOfFile.QuadPart == 3, "got %u\n", (unsigned int)standard.EndOfFile.QuadPart);
    NtClose(handle);

    status = open_name(&handle, folder_handle, L"information.txt", FILE_READ_DATA, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtSetInformationFile(handle, &io, &end, sizeof(end), FileEndOfFileInformation);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    status = NtQueryInformationFile(handle, &io, &basic, sizeof(basic), FileBasicInformation);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    NtClose(handle);
    ok(!delete_name(L"information.txt"), "delete\n");
}

static void check_volume(void)
{
    char data[256];
    FILE_FS_DEVICE_INFORMATION device;
    FILE_FS_FULL_SIZE_INFORMATION size;
    FILE_FS_ATTRIBUTE_INFORMATION *attribute = (FILE_FS_ATTRIBUTE_INFORMATION *)data;
    IO_STATUS_BLOCK io;
    HANDLE handle;
    NTSTATUS status;

    status = NtQueryVolumeInformationFile(folder_handle, &io, &device, sizeof(device), FileFsDeviceInformation);
    ok(!status && device.DeviceType == FILE_DEVICE_DISK, "got %08lx, %lx\n", status, device.DeviceType);
    status = NtQueryVolumeInformationFile(folder_handle, &io, &size, sizeof(size), FileFsFullSizeInformation);
    ok(!status && size.TotalAllocationUnits.QuadPart > 0 && size.BytesPerSector == 512, "got %08lx\n", status);
    status = NtQueryVolumeInformationFile(folder_handle, &io, data, sizeof(data), FileFsAttributeInformation);
    ok(!status && attribute->FileSystemNameLength == 8 && !memcmp(attribute->FileSystemName, L"NTFS", 8), "got %08lx\n", status);
    status = NtQueryVolumeInformationFile(folder_handle, &io, data, sizeof(*attribute), FileFsAttributeInformation);
    ok(status == STATUS_BUFFER_OVERFLOW, "got %08lx\n", status);
    status = open_name(&handle, NULL, L"\\??\\NUL", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtQueryVolumeInformationFile(handle, &io, &device, sizeof(device), FileFsDeviceInformation);
    ok(!status && device.DeviceType == FILE_DEVICE_NULL, "got %08lx, %lx\n", status, device.DeviceType);
    status = NtReadFile(handle, NULL, NULL, NULL, &io, data, 4, NULL, NULL);
    ok(status == STATUS_END_OF_FILE, "got %08lx\n", status);
    status = NtWriteFile(handle, NULL, NULL, NULL, &io, data, 4, NULL, NULL);
    ok(!status && io.Information == 4, "got %08lx\n", status);
    NtClose(handle);
}

/* ---- locks -------------------------------------------------------------------------------------------------------------------- */

static NTSTATUS lock(HANDLE handle, LONGLONG start, LONGLONG length, bool exclusive)
{
    LARGE_INTEGER s = { .QuadPart = start }, l = { .QuadPart = length };
    IO_STATUS_BLOCK io;

    return NtLockFile(handle, NULL, NULL, NULL, &io, &s, &l, NULL, TRUE, exclusive);
}

static NTSTATUS unlock(HANDLE handle, LONGLONG start, LONGLONG length)
{
    LARGE_INTEGER s = { .QuadPart = start }, l = { .QuadPart = length };
    IO_STATUS_BLOCK io;

    return NtUnlockFile(handle, &io, &s, &l, NULL);
}

static void check_locks(void)
{
    HANDLE a = make_file(L"lock", "0123456789"), b;
    LARGE_INTEGER offset = { .QuadPart = 0 };
    IO_STATUS_BLOCK io;
    char buffer[16];
    NTSTATUS status;

    status = open_name(&b, folder_handle, L"lock", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    ok(!lock(a, 2, 4, true), "lock\n");
    ok(lock(a, 2, 4, true) == STATUS_LOCK_NOT_GRANTED, "twice\n");
    ok(lock(b, 5, 10, false) == STATUS_LOCK_NOT_GRANTED, "shared over exclusive\n");
    ok(!lock(b, 6, 4, true), "beside\n");
    ok(!lock(a, 0x7fffffffffff0000, 0x100, true), "far away\n");

    status = NtReadFile(b, NULL, NULL, NULL, &io, buffer, 10, &offset, NULL);
    ok(status == STATUS_FILE_LOCK_CONFLICT, "got %08lx\n", status);
    status = NtReadFile(b, NULL, NULL, NULL, &io, buffer, 2, &offset, NULL);
    ok(!status, "got %08lx\n", status);
    offset.QuadPart = 3;
    status = NtWriteFile(b, NULL, NULL, NULL, &io, buffer, 1, &offset, NULL);
    ok(status == STATUS_FILE_LOCK_CONFLICT, "got %08lx\n", status);
    status = NtWriteFile(a, NULL, NULL, NULL, &io, buffer, 1, &offset, NULL);
    ok(!status, "got %08lx\n", status);

    ok(unlock(a, 2, 3) == STATUS_RANGE_NOT_LOCKED, "part of a lock\n");
    ok(unlock(b, 2, 4) == STATUS_RANGE_NOT_LOCKED, "somebody else's lock\n");
    ok(!unlock(a, 2, 4), "unlock\n");
    ok(unlock(a, 2, 4) == STATUS_RANGE_NOT_LOCKED, "not locked\n");
    ok(!unlock(b, 6, 4), "unlock\n");

    ok(!lock(a, 0, 10, false) && !lock(b, 0, 10, false) && !lock(a, 2, 2, false), "shared\n");
    offset.QuadPart = 3;
    status = NtReadFile(b, NULL, NULL, NULL, &io, buffer, 1, &offset, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtWriteFile(a, NULL, NULL, NULL, &io, buffer, 1, &offset, NULL);
    ok(status == STATUS_FILE_LOCK_CONFLICT, "got %08lx\n", status);
    ok(!unlock(a, 0, 10), "unlock\n");
    ok(lock(b, 2, 1, true) == STATUS_LOCK_NOT_GRANTED, "the smaller lock stays\n");

    /* one that waits */
    {
        LARGE_INTEGER start = { .QuadPart = 2 }, length = { .QuadPart = 1 }, timeout = { .QuadPart = -50000000 };
        HANDLE waiting, event;

        NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
        ok(!lock(b, 20, 5, true), "lock\n");
        start.QuadPart = 22;
        status = open_name(&waiting, folder_handle, L"lock", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, FILE_OPEN, 0, NULL);
        ok(!status, "got %08lx\n", status);
        status = NtLockFile(waiting, event, NULL, NULL, &io, &start, &length, NULL, FALSE, TRUE);
        ok(status == STATUS_PENDING, "got %08lx\n", status);
        ok(!unlock(b, 20, 5), "unlock\n");
        status = NtWaitForSingleObject(event, FALSE, &timeout);
        ok(!status && !io.Status, "got %08lx, %08lx\n", status, io.Status);
        ok(lock(b, 22, 1, true) == STATUS_LOCK_NOT_GRANTED, "nobody has it\n");
        NtClose(waiting);
        NtClose(event);
    }
    NtClose(a);                 /* and what it had locked */
    ok(!unlock(b, 0, 10) && !lock(b, 2, 1, true), "after close\n");
    NtClose(b);
    ok(!delete_name(L"lock"), "delete\n");
}

START_TEST(file)
{
    static const WCHAR prefix[] = L"\\??\\C:\\windows\\temp\\oriel-file-";
    ULONG pid = (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess;
    unsigned int n = sizeof(prefix) / sizeof(WCHAR) - 1;
    NTSTATUS status;

    memcpy(folder, prefix, sizeof(prefix));
    for (int shift = 28; shift >= 0; shift -= 4) folder[n++] = L"0123456789abcdef"[pid >> shift & 15];
    status = open_name(&folder_handle, NULL, folder, FILE_LIST_DIRECTORY | DELETE, SHARE_ALL, FILE_OPEN_IF, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(!status, "no folder to test in: %08lx\n", status);
    if (status) return;
    check_names();
    check_case();
    check_dispositions();
    check_share_modes();
    check_read_write();
    check_asynchronous();
    check_information();
    check_volume();
    check_delete();
    check_rename();
    check_locks();
    check_data_sections();
    check_image_sections();
    ok(!set_disposition(folder_handle, TRUE), "the test left something behind\n");
    NtClose(folder_handle);
}
