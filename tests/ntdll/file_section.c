/* What sections forbid to their files: they hold no share modes, but the file itself. Called by file.c. */
#include "file.h"

static NTSTATUS set_end(HANDLE handle, LONGLONG size)
{
    FILE_END_OF_FILE_INFORMATION end = { { .QuadPart = size } };
    IO_STATUS_BLOCK io;

    return NtSetInformationFile(handle, &io, &end, sizeof(end), FileEndOfFileInformation);
}

/* §10-1 */
void check_data_sections(void)
{
    HANDLE handle = make_file(L"mapped", "0123456789"), section, other;
    LARGE_INTEGER offset = { .QuadPart = 0 };
    FILE_ALLOCATION_INFORMATION allocation = { { .QuadPart = 0 } };
    SIZE_T size = 0;
    char *view = NULL;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    status = NtCreateSection(&section, SECTION_MAP_READ, NULL, NULL, PAGE_READONLY, SEC_COMMIT, handle);
    ok(!status, "got %08lx\n", status);
    ok(set_end(handle, 5) == STATUS_USER_MAPPED_FILE, "shrunk\n");                                      /* §10-1 */
    status = NtSetInformationFile(handle, &io, &allocation, sizeof(allocation), FileAllocationInformation);
    ok(status == STATUS_USER_MAPPED_FILE, "got %08lx\n", status);
    ok(!set_end(handle, 10) && !set_end(handle, 11), "same size, more\n");
    ok(set_disposition(handle, TRUE) == STATUS_CANNOT_DELETE && !set_disposition(handle, FALSE), "deleted\n");   /* §10-6 */
    status = open_name(&other, folder_handle, L"mapped", GENERIC_WRITE, SHARE_ALL, FILE_OVERWRITE_IF, SYNC, NULL);   /* §10-2 */
    ok(status == STATUS_USER_MAPPED_FILE, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"mapped", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(other);
    status = open_name(&other, folder_handle, L"mapped", DELETE, SHARE_ALL, FILE_OPEN, SYNC | FILE_DELETE_ON_CLOSE, NULL);   /* §10-7 */
    ok(!status, "got %08lx\n", status);

    /* a view alone holds the section */
    status = NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, &offset, &size, ViewShare, 0, PAGE_READONLY);
    ok(!status, "got %08lx\n", status);
    NtClose(section);
    ok(set_end(handle, 5) == STATUS_USER_MAPPED_FILE, "shrunk\n");
    ok(!memcmp(view, "0123456789", 10), "wrong bytes\n");
    NtUnmapViewOfSection(NtCurrentProcess(), view);
    ok(!set_end(handle, 5), "not shrunk\n");
    NtClose(other);             /* which was to delete it */
    NtClose(handle);
    ok(!exists(L"mapped"), "still there\n");

    /* what lies behind the end does not come back when the file grows */
    handle = make_file(L"mapped", "0123456789");
    status = NtCreateSection(&section, SECTION_MAP_READ | SECTION_MAP_WRITE, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, handle);
    ok(!status, "got %08lx\n", status);
    view = NULL;
    size = 0;
    status = NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, &offset, &size, ViewShare, 0, PAGE_READWRITE);
    ok(!status, "got %08lx\n", status);
    view[20] = 'x';
    ok(!set_end(handle, 100) && !view[20], "bytes behind the end came back\n");                         /* §8.5-1 */

    /* a writable section wants others to share writing, also when the handle that made it is gone */
    NtClose(handle);
    status = open_name(&other, folder_handle, L"mapped", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, SYNC, NULL);   /* §10-4 */
    ok(status == STATUS_SHARING_VIOLATION, "got %08lx\n", status);
    NtUnmapViewOfSection(NtCurrentProcess(), view);
    NtClose(section);
    status = open_name(&other, folder_handle, L"mapped", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(other);
    ok(!delete_name(L"mapped"), "delete\n");
}

static HANDLE copy_image(void)
{
    static char buffer[0x10000];
    HANDLE from, to = make_file(L"image.dll", "");
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    status = open_name(&from, NULL, L"\\SystemRoot\\system32\\ntdll.dll", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    while (!NtReadFile(from, NULL, NULL, NULL, &io, buffer, sizeof(buffer), NULL, NULL))
        if (NtWriteFile(to, NULL, NULL, NULL, &io, buffer, io.Information, NULL, NULL)) break;
    NtClose(from);
    NtClose(to);
    status = open_name(&to, folder_handle, L"image.dll", GENERIC_READ | FILE_EXECUTE | DELETE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    return to;
}

/* §10-3 */
void check_image_sections(void)
{
    HANDLE handle = copy_image(), section, other;
    NTSTATUS status;

    status = NtCreateSection(&section, SECTION_MAP_READ, NULL, NULL, PAGE_READONLY, SEC_IMAGE, handle);
    ok(!status, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"image.dll", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(status == STATUS_SHARING_VIOLATION, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"image.dll", GENERIC_WRITE, SHARE_ALL, FILE_OVERWRITE_IF, SYNC, NULL);
    ok(status == STATUS_SHARING_VIOLATION, "got %08lx\n", status);
    status = open_name(&other, folder_handle, L"image.dll", DELETE, SHARE_ALL, FILE_OPEN, SYNC | FILE_DELETE_ON_CLOSE, NULL);
    ok(status == STATUS_CANNOT_DELETE, "got %08lx\n", status);
    ok(set_disposition(handle, TRUE) == STATUS_CANNOT_DELETE, "deleted\n");
    ok(!rename_to(handle, L"renamed.dll", FALSE, FileRenameInformation), "an image can be renamed\n");
    NtClose(section);
    status = open_name(&other, folder_handle, L"renamed.dll", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC, NULL);
    ok(!status, "got %08lx\n", status);
    NtClose(other);
    ok(!set_disposition(handle, TRUE), "delete\n");
    NtClose(handle);
}
