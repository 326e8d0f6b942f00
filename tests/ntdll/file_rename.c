/* Names that go and change: deletion, renaming, links. Called by file.c. */
#include "file.h"

/* Not in Wine's headers. */
#define FileDispositionInformationEx_ ((FILE_INFORMATION_CLASS)64)
struct disposition_ex { ULONG Flags; };
struct link_information { BOOLEAN replace; HANDLE root; ULONG length; WCHAR name[64]; };

bool exists(const WCHAR *name)
{
    FILE_BASIC_INFORMATION basic;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;

    make_attributes(&attr, &string, folder_handle, name);
    return NtQueryAttributesFile(&attr, &basic) != STATUS_OBJECT_NAME_NOT_FOUND;
}

NTSTATUS set_disposition(HANDLE handle, BOOLEAN delete)
{
    FILE_DISPOSITION_INFORMATION info = { delete };
    IO_STATUS_BLOCK io;

    return NtSetInformationFile(handle, &io, &info, sizeof(info), FileDispositionInformation);
}

void check_delete(void)
{
    struct disposition_ex posix = { 3 };        /* FILE_DISPOSITION_DELETE | FILE_DISPOSITION_POSIX_SEMANTICS */
    FILE_STANDARD_INFORMATION standard;
    IO_STATUS_BLOCK io;
    HANDLE handle, other, third;
    NTSTATUS status;

    /* the name stays until the last handle goes */
    handle = make_file(L"delete", "x");
    status = open_name(&other, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    ok(set_disposition(other, TRUE) == STATUS_ACCESS_DENIED, "no DELETE access\n");
    ok(!set_disposition(handle, TRUE), "delete\n");
    NtQueryInformationFile(other, &io, &standard, sizeof(standard), FileStandardInformation);
    ok(standard.DeletePending, "not pending\n");
    status = open_name(&third, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_DELETE_PENDING, "got %08lx\n", status);
    status = open_name(&third, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_CREATE, SYNC, NULL);
    ok(status == STATUS_DELETE_PENDING || status == STATUS_OBJECT_NAME_COLLISION, "got %08lx\n", status);
    NtClose(handle);
    ok(exists(L"delete"), "gone too soon\n");
    NtClose(other);
    ok(!exists(L"delete"), "still there\n");

    /* changed one's mind */
    handle = make_file(L"delete", "x");
    ok(!set_disposition(handle, TRUE) && !set_disposition(handle, FALSE), "disposition\n");
    NtClose(handle);
    ok(exists(L"delete"), "gone\n");

    /* on close, and the name is a name until then */
    status = open_name(&handle, folder_handle, L"delete", DELETE, SHARE_ALL, FILE_OPEN, SYNC | FILE_DELETE_ON_CLOSE, NULL);
    ok(!status, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(handle);
    status = open_name(&handle, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_DELETE_PENDING, "got %08lx\n", status);
    NtClose(other);
    ok(!exists(L"delete"), "still there\n");

    /* POSIX semantics: the name goes with the handle, others keep the file */
    handle = make_file(L"delete", "x");
    status = open_name(&other, folder_handle, L"delete", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    status = NtSetInformationFile(handle, &io, &posix, sizeof(posix), FileDispositionInformationEx_);
    ok(!status, "got %08lx\n", status);
    NtClose(handle);
    ok(!exists(L"delete"), "still there\n");
    handle = make_file(L"delete", "y");
    NtClose(handle);
    NtClose(other);
    ok(exists(L"delete"), "the new file went with the old\n");
    ok(!delete_name(L"delete"), "delete\n");

    /* folders */
    status = open_name(&handle, folder_handle, L"sub", DELETE | FILE_LIST_DIRECTORY, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(make_file(L"sub\\file", ""));
    ok(set_disposition(handle, TRUE) == STATUS_DIRECTORY_NOT_EMPTY, "not empty\n");
    ok(!delete_name(L"sub\\file"), "delete\n");
    ok(!set_disposition(handle, TRUE), "delete\n");
    NtClose(handle);
    ok(!exists(L"sub"), "still there\n");
}

NTSTATUS rename_to(HANDLE handle, const WCHAR *name, BOOLEAN replace, FILE_INFORMATION_CLASS class)
{
    struct link_information info = { replace, folder_handle, 0, { 0 } };
    IO_STATUS_BLOCK io;

    info.length = wcslen(name) * sizeof(WCHAR);
    memcpy(info.name, name, info.length);
    return NtSetInformationFile(handle, &io, &info, offsetof(struct link_information, name) + info.length + 2, class);
}

void check_rename(void)
{
    HANDLE handle, other;
    NTSTATUS status;
    FILE_STANDARD_INFORMATION standard;
    IO_STATUS_BLOCK io;

    handle = make_file(L"old", "x");
    ok(!rename_to(handle, L"new", FALSE, FileRenameInformation), "rename\n");
    ok(!exists(L"old") && exists(L"new"), "not renamed\n");
    ok(!rename_to(handle, L"NEW", FALSE, FileRenameInformation), "change of case\n");
    NtClose(make_file(L"other", "y"));
    ok(rename_to(handle, L"other", FALSE, FileRenameInformation) == STATUS_OBJECT_NAME_COLLISION, "collision\n");
    status = open_name(&other, folder_handle, L"other", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    ok(rename_to(handle, L"other", TRUE, FileRenameInformation) == STATUS_ACCESS_DENIED, "replaced an open file\n");
    NtClose(other);
    ok(!rename_to(handle, L"Other", TRUE, FileRenameInformation), "replace\n");
    ok(!exists(L"new") && exists(L"other"), "not renamed\n");
    ok(rename_to(handle, L"a*b", TRUE, FileRenameInformation) == STATUS_OBJECT_NAME_INVALID, "invalid\n");
    ok(rename_to(handle, L"missing\\x", TRUE, FileRenameInformation) == STATUS_OBJECT_PATH_NOT_FOUND, "missing\n");

    status = open_name(&other, folder_handle, L"sub", DELETE | FILE_LIST_DIRECTORY, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE, NULL);
    ok(!status, "got %08lx\n", status);
    ok(rename_to(handle, L"sub", TRUE, FileRenameInformation) == STATUS_ACCESS_DENIED, "replaced a folder\n");
    ok(!rename_to(handle, L"sub\\file", FALSE, FileRenameInformation), "into a folder\n");
    ok(rename_to(other, L"sub2", FALSE, FileRenameInformation) == STATUS_ACCESS_DENIED, "with an open child\n");

    ok(!rename_to(handle, L"link", FALSE, FileLinkInformation), "link\n");
    NtQueryInformationFile(handle, &io, &standard, sizeof(standard), FileStandardInformation);
    ok(standard.NumberOfLinks == 2 && exists(L"link") && exists(L"sub\\file"), "got %lu links\n", standard.NumberOfLinks);
    ok(rename_to(handle, L"link", FALSE, FileLinkInformation) == STATUS_OBJECT_NAME_COLLISION, "link twice\n");
    ok(!set_disposition(handle, TRUE), "delete\n");
    NtClose(handle);
    ok(!exists(L"sub\\file") && exists(L"link"), "wrong name deleted\n");
    ok(!delete_name(L"link"), "delete\n");
    ok(!rename_to(other, L"sub2", FALSE, FileRenameInformation), "rename a folder\n");
    ok(!set_disposition(other, TRUE), "delete\n");
    NtClose(other);
}
