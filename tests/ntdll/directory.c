/* Listing folders: order, classes, masks, buffers too small, restarts. */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define SYNC      FILE_SYNCHRONOUS_IO_NONALERT

/* Sorted as NTFS sorts. */
static const WCHAR *const names[] =
{
    L"a", L"A.b.c", L"b.TXT", L"longer name with spaces.txt", L"n", L"n.", L"Z", L"\u00e4.txt", L"\u4e2d\u6587",
};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

static NTSTATUS open_name(HANDLE *handle, HANDLE root, const WCHAR *name, ACCESS_MASK access, ULONG disposition, ULONG options)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    IO_STATUS_BLOCK io;

    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, root, NULL);
    return NtCreateFile(handle, access | SYNCHRONIZE, &attr, &io, NULL, FILE_ATTRIBUTE_NORMAL, SHARE_ALL, disposition,
                        options | SYNC, NULL, 0);
}

static NTSTATUS query(HANDLE handle, void *buffer, ULONG length, FILE_INFORMATION_CLASS class, bool single,
                      const WCHAR *mask, bool restart, ULONG_PTR *information)
{
    UNICODE_STRING string;
    IO_STATUS_BLOCK io = { { .Status = 0xdead }, 0xdead };
    NTSTATUS status;

    if (mask) RtlInitUnicodeString(&string, mask);
    status = NtQueryDirectoryFile(handle, NULL, NULL, NULL, &io, buffer, length, class, single, mask ? &string : NULL, restart);
    if (NT_ERROR(status)) ok(io.Status == 0xdead, "status block of a failed call has %08lx\n", io.Status);
    else ok(io.Status == status, "status block has %08lx, not %08lx\n", io.Status, status);
    if (information) *information = io.Information;
    return status;
}

static bool is_name(const FILE_NAMES_INFORMATION *info, const WCHAR *name)
{
    return info->FileNameLength == wcslen(name) * sizeof(WCHAR) && !memcmp(info->FileName, name, info->FileNameLength);
}

static void check_order(HANDLE folder)
{
    char data[4096];
    const FILE_NAMES_INFORMATION *info = (const FILE_NAMES_INFORMATION *)data;
    NTSTATUS status;

    for (unsigned int i = 0; i < NAME_COUNT + 2; i++)
    {
        const WCHAR *expected = i == 0 ? L"." : i == 1 ? L".." : names[i - 2];

        status = query(folder, data, sizeof(data), FileNamesInformation, true, NULL, false, NULL);
        ok(!status && !info->NextEntryOffset && is_name(info, expected), "%u: got %08lx\n", i, status);
    }
    status = query(folder, data, sizeof(data), FileNamesInformation, true, NULL, false, NULL);
    ok(status == STATUS_NO_MORE_FILES, "got %08lx\n", status);
    status = query(folder, data, sizeof(data), FileNamesInformation, true, NULL, true, NULL);
    ok(!status && is_name(info, L"."), "restart: got %08lx\n", status);

    /* all at once */
    status = query(folder, data, sizeof(data), FileNamesInformation, false, NULL, true, NULL);
    ok(!status, "got %08lx\n", status);
    for (unsigned int i = 0; ; i++)
    {
        const WCHAR *expected = i == 0 ? L"." : i == 1 ? L".." : i < NAME_COUNT + 2 ? names[i - 2] : L"?";

        ok(is_name(info, expected), "%u: wrong name\n", i);
        ok(!(info->NextEntryOffset & 7), "%u: offset %lu\n", i, info->NextEntryOffset);
        if (!info->NextEntryOffset)
        {
            ok(i == NAME_COUNT + 1, "%u entries\n", i + 1);
            break;
        }
        info = (const FILE_NAMES_INFORMATION *)((const char *)info + info->NextEntryOffset);
    }
}

static void check_masks(HANDLE root, const WCHAR *name)
{
    static const struct
    {
        const WCHAR *mask;
        unsigned int found;         /* bits of names[]; dots are bits 14 and 15 */
    } tests[] =
    {
        { L"*", 0xc1ff }, { L"B.txt", 0x0004 }, { L"*.txt", 0x008c }, { L"?", 0x0051 }, { L"a*", 0x0003 },
        { L"<.txt", 0x008c }, { L"n\"", 0x0030 }, { L">", 0x4051 }, { L"*name*", 0x0008 }, { L"no such", 0 },
        { L"<.c", 0x0002 }, { L"<.b", 0 }, { L"\u00c4.TXT", 0x0080 }, { L"\u4e2d*", 0x0100 }, { L"<\"", 0xc171 },
    };
    char data[1024];
    const FILE_NAMES_INFORMATION *info = (const FILE_NAMES_INFORMATION *)data;

    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        unsigned int found = 0;
        HANDLE folder;
        NTSTATUS status = open_name(&folder, root, name, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);

        ok(!status, "got %08lx\n", status);
        while (!(status = query(folder, data, sizeof(data), FileNamesInformation, true, tests[i].mask, false, NULL)))
        {
            if (is_name(info, L".")) found |= 0x4000;
            if (is_name(info, L"..")) found |= 0x8000;
            for (unsigned int j = 0; j < NAME_COUNT; j++)
                if (is_name(info, names[j])) found |= 1 << j;
        }
        ok(status == (found ? STATUS_NO_MORE_FILES : STATUS_NO_SUCH_FILE), "%u: got %08lx\n", i, status);
        /* What '>' and '"' say of "." and ".." differs between releases. */
        ok((found & 0x1ff) == (tests[i].found & 0x1ff), "%u: found %x, expected %x\n", i, found, tests[i].found);
        status = query(folder, data, sizeof(data), FileNamesInformation, true, L"other", true, NULL);
        ok(!status == !!found, "%u: the mask of the first call was forgotten: %08lx\n", i, status);
        NtClose(folder);
    }
}

static void check_classes(HANDLE folder)
{
    static const struct
    {
        FILE_INFORMATION_CLASS class;
        size_t name, length, attributes;        /* offsets; 0: not there */
    } tests[] =
    {
#define CLASS(c, s) { c, offsetof(s, FileName), offsetof(s, FileNameLength), offsetof(s, FileAttributes) }
        CLASS(FileDirectoryInformation, FILE_DIRECTORY_INFORMATION),
        CLASS(FileFullDirectoryInformation, FILE_FULL_DIRECTORY_INFORMATION),
        CLASS(FileBothDirectoryInformation, FILE_BOTH_DIRECTORY_INFORMATION),
        CLASS(FileIdFullDirectoryInformation, FILE_ID_FULL_DIRECTORY_INFORMATION),
        CLASS(FileIdBothDirectoryInformation, FILE_ID_BOTH_DIRECTORY_INFORMATION),
        { FileNamesInformation, offsetof(FILE_NAMES_INFORMATION, FileName), offsetof(FILE_NAMES_INFORMATION, FileNameLength), 0 },
    };
    char data[1024];
    ULONG_PTR information;
    NTSTATUS status;

    for (unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        ULONG least = (tests[i].name + sizeof(WCHAR) + 7) & ~7;

        status = query(folder, data, least - 1, tests[i].class, true, NULL, true, NULL);
        ok(status == STATUS_INFO_LENGTH_MISMATCH, "%u: got %08lx\n", i, status);
        memset(data, 0x55, sizeof(data));
        status = query(folder, data, sizeof(data), tests[i].class, true, NULL, true, &information);
        ok(!status && information == tests[i].name + sizeof(WCHAR), "%u: got %08lx, %u\n", i, status, (unsigned int)information);
        ok(*(ULONG *)(data + tests[i].length) == sizeof(WCHAR) && *(WCHAR *)(data + tests[i].name) == '.', "%u: wrong\n", i);
        if (tests[i].attributes)
            ok(*(ULONG *)(data + tests[i].attributes) & FILE_ATTRIBUTE_DIRECTORY, "%u: %lx\n", i, *(ULONG *)(data + tests[i].attributes));
        /* A name that does not fit is cut in the first entry, and left for the next call in others. */
        for (unsigned int j = 0; j < 5; j++) status = query(folder, data, sizeof(data), tests[i].class, true, NULL, false, NULL);
        memset(data, 0x55, sizeof(data));
        status = query(folder, data, tests[i].name + 3 * sizeof(WCHAR) + 8, tests[i].class, true, NULL, false, &information);
        ok(!status, "%u: got %08lx\n", i, status);
        status = query(folder, data, sizeof(data), tests[i].class, false, NULL, true, &information);
        ok(!status && information < sizeof(data), "%u: got %08lx\n", i, status);
        status = query(folder, data, sizeof(data), (FILE_INFORMATION_CLASS)1000, true, NULL, true, NULL);
        ok(status == STATUS_INVALID_INFO_CLASS, "%u: got %08lx\n", i, status);
    }
}

static void check_small_buffer(HANDLE root, const WCHAR *name)
{
    char data[256];
    FILE_NAMES_INFORMATION *info = (FILE_NAMES_INFORMATION *)data;
    ULONG_PTR information;
    HANDLE folder;
    NTSTATUS status = open_name(&folder, root, name, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);

    ok(!status, "got %08lx\n", status);
    memset(data, 0x55, sizeof(data));
    status = query(folder, data, 24, FileNamesInformation, true, L"longer*", true, &information);
    ok(status == STATUS_BUFFER_OVERFLOW && information == 24, "got %08lx, %u\n", status, (unsigned int)information);
    ok(info->FileNameLength == wcslen(names[3]) * sizeof(WCHAR) && data[24] == 0x55, "wrong length, or too much written\n");
    ok(!memcmp(info->FileName, names[3], 24 - offsetof(FILE_NAMES_INFORMATION, FileName)), "wrong start of name\n");
    status = query(folder, data, sizeof(data), FileNamesInformation, true, NULL, true, NULL);
    ok(!status && is_name(info, names[3]), "got %08lx\n", status);
    NtClose(folder);
}

/* ---- changes ------------------------------------------------------------------------------------------------------ */

static bool next_change(HANDLE folder, HANDLE event, ULONG action, const WCHAR *name, bool tree)
{
    static char data[1024] __attribute__((aligned(8)));
    static const FILE_NOTIFY_INFORMATION *info;
    static bool pending;
    static IO_STATUS_BLOCK io;
    LARGE_INTEGER timeout = { .QuadPart = -50000000 };

    if (!info)
    {
        NTSTATUS status = STATUS_PENDING;

        if (!pending)
            status = NtNotifyChangeDirectoryFile(folder, event, NULL, NULL, &io, data, sizeof(data),
                                                 FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME | FILE_NOTIFY_CHANGE_LAST_WRITE, tree);
        pending = !name;
        if (!name) return status == STATUS_PENDING;     /* only asked for */
        if (status == STATUS_PENDING) status = NtWaitForSingleObject(event, FALSE, &timeout);
        if (!status) status = io.Status;
        if (status || !io.Information) return false;
        info = (const FILE_NOTIFY_INFORMATION *)data;
    }
    while (info)
    {
        const FILE_NOTIFY_INFORMATION *this = info;

        info = this->NextEntryOffset ? (const FILE_NOTIFY_INFORMATION *)((const char *)this + this->NextEntryOffset) : NULL;
        if (this->Action == FILE_ACTION_MODIFIED && action != FILE_ACTION_MODIFIED) continue;
        return this->Action == action && this->FileNameLength == wcslen(name) * sizeof(WCHAR) &&
               !memcmp(this->FileName, name, this->FileNameLength);
    }
    return next_change(folder, event, action, name, tree);
}

static void check_changes(const WCHAR *path)
{
    HANDLE folder, event, file, sub;
    FILE_DISPOSITION_INFORMATION disposition = { TRUE };
    struct { BOOLEAN replace; HANDLE root; ULONG length; WCHAR name[8]; } rename = { FALSE, NULL, 10, L"fresh" };
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, path);
    InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(&folder, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attr, &io, SHARE_ALL, FILE_DIRECTORY_FILE);
    ok(!status, "got %08lx\n", status);
    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    ok(next_change(folder, event, 0, NULL, true), "nothing is pending\n");
    ok(!open_name(&file, folder, L"new", GENERIC_WRITE | DELETE, FILE_CREATE, 0), "create\n");
    ok(next_change(folder, event, FILE_ACTION_ADDED, L"new", true), "no word of a new file\n");
    rename.root = folder;
    status = NtSetInformationFile(file, &io, &rename, sizeof(rename), FileRenameInformation);
    ok(!status, "got %08lx\n", status);
    ok(next_change(folder, event, FILE_ACTION_RENAMED_OLD_NAME, L"new", true), "no word of the old name\n");
    ok(next_change(folder, event, FILE_ACTION_RENAMED_NEW_NAME, L"fresh", true), "no word of the new name\n");
    NtSetInformationFile(file, &io, &disposition, sizeof(disposition), FileDispositionInformation);
    NtClose(file);
    ok(next_change(folder, event, FILE_ACTION_REMOVED, L"fresh", true), "no word of the end\n");

    /* a folder that is new is watched too */
    ok(!open_name(&sub, folder, L"sub", FILE_LIST_DIRECTORY | DELETE, FILE_CREATE, FILE_DIRECTORY_FILE), "create\n");
    ok(next_change(folder, event, FILE_ACTION_ADDED, L"sub", true), "no word of a new folder\n");
    ok(!open_name(&file, sub, L"deep", GENERIC_WRITE | DELETE, FILE_CREATE, FILE_DELETE_ON_CLOSE), "create\n");
    ok(next_change(folder, event, FILE_ACTION_ADDED, L"sub\\deep", true), "no word from below\n");
    NtClose(file);
    ok(next_change(folder, event, FILE_ACTION_REMOVED, L"sub\\deep", true), "no word from below\n");
    NtSetInformationFile(sub, &io, &disposition, sizeof(disposition), FileDispositionInformation);
    NtClose(sub);
    NtClose(folder);
    NtClose(event);
}

START_TEST(directory)
{
    static const WCHAR prefix[] = L"\\??\\C:\\windows\\temp\\oriel-directory-";
    WCHAR path[MAX_PATH];
    ULONG pid = (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess;
    unsigned int n = sizeof(prefix) / sizeof(WCHAR) - 1;
    FILE_DISPOSITION_INFORMATION disposition = { TRUE };
    char data[1024];
    HANDLE folder, file, drive;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    memcpy(path, prefix, sizeof(prefix));
    for (int shift = 28; shift >= 0; shift -= 4) path[n++] = L"0123456789abcdef"[pid >> shift & 15];
    path[n] = 0;
    status = open_name(&folder, NULL, path, FILE_LIST_DIRECTORY | DELETE, FILE_CREATE, FILE_DIRECTORY_FILE);
    ok(!status, "no folder to test in: %08lx\n", status);
    if (status) return;
    for (unsigned int i = 0; i < NAME_COUNT; i++)
    {
        unsigned int other = (i * 7) % NAME_COUNT;      /* not in the order in which they are to be listed */

        status = open_name(&file, folder, names[other], GENERIC_WRITE, FILE_CREATE, 0);
        ok(!status, "%u: got %08lx\n", other, status);
        NtClose(file);
    }

    check_order(folder);
    check_masks(NULL, path);
    check_classes(folder);
    check_small_buffer(NULL, path);
    check_changes(path);

    status = open_name(&file, folder, L"a", GENERIC_READ, FILE_OPEN, 0);
    ok(!status, "got %08lx\n", status);
    status = query(file, data, sizeof(data), FileNamesInformation, true, NULL, true, NULL);
    ok(status == STATUS_INVALID_PARAMETER, "got %08lx\n", status);
    NtClose(file);
    status = open_name(&file, NULL, path, FILE_TRAVERSE, FILE_OPEN, FILE_DIRECTORY_FILE);
    ok(!status, "got %08lx\n", status);
    status = query(file, data, sizeof(data), FileNamesInformation, true, NULL, true, NULL);
    ok(status == STATUS_ACCESS_DENIED, "got %08lx\n", status);
    NtClose(file);

    /* the root of a drive has no dots */
    status = open_name(&drive, NULL, L"\\??\\C:\\", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
    ok(!status, "got %08lx\n", status);
    status = query(drive, data, sizeof(data), FileNamesInformation, true, NULL, true, NULL);
    ok(!status && ((FILE_NAMES_INFORMATION *)data)->FileName[0] != '.', "got %08lx\n", status);
    NtClose(drive);

    for (unsigned int i = 0; i < NAME_COUNT; i++)
    {
        status = open_name(&file, folder, names[i], DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE);
        ok(!status, "%u: got %08lx\n", i, status);
        if (!status) NtClose(file);
    }
    status = NtSetInformationFile(folder, &io, &disposition, sizeof(disposition), FileDispositionInformation);
    ok(!status, "the test left something behind: %08lx\n", status);
    NtClose(folder);
}
