/* Handles: values, access, flags, duplicates. */
#include "objects.h"

static void test_values(void)
{
    HANDLE event = new_event(NotificationEvent, TRUE), second;

    ok(!((ULONG_PTR)event & 3), "handle %p is no multiple of 4\n", event);
    ok_status(poll_handle((HANDLE)((ULONG_PTR)event | 3)), STATUS_SUCCESS);
    ok_status(NtSetEvent((HANDLE)((ULONG_PTR)event + ((ULONG_PTR)1 << 40)), NULL), STATUS_INVALID_HANDLE);
    ok_status(NtClose(event), STATUS_SUCCESS);
    ok_status(NtClose(event), STATUS_INVALID_HANDLE);
    ok_status(NtSetEvent(event, NULL), STATUS_INVALID_HANDLE);
    ok_status(NtClose(NULL), STATUS_INVALID_HANDLE);
    ok_status(NtClose((HANDLE)(ULONG_PTR)0x7ffffffc), STATUS_INVALID_HANDLE);
    ok_status(NtClose(GetCurrentProcess()), STATUS_SUCCESS);
    ok_status(NtClose(GetCurrentThread()), STATUS_SUCCESS);

    second = new_event(NotificationEvent, FALSE);
    ok(second != NULL, "no handle\n");
    ok_status(NtReleaseSemaphore(second, 1, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtReleaseSemaphore(second, 0, NULL), STATUS_INVALID_PARAMETER);
    NtClose(second);
}

static void test_many(void)
{
    enum { COUNT = 3000 };
    static HANDLE handles[COUNT];
    unsigned int i, twice = 0;

    for (i = 0; i < COUNT; i++) NtCreateEvent(&handles[i], EVENT_ALL_ACCESS, NULL, NotificationEvent, i & 1);
    for (i = 0; i < COUNT; i++)
        if (poll_handle(handles[i]) != (i & 1 ? STATUS_SUCCESS : STATUS_TIMEOUT)) twice++;
    ok(!twice, "%u handles mean something else\n", twice);
    for (i = 0; i < COUNT; i++) ok(!NtClose(handles[i]), "%u: %p cannot be closed\n", i, handles[i]);
}

static void test_access(void)
{
    LARGE_INTEGER now = { .QuadPart = 0 };
    EVENT_BASIC_INFORMATION info;
    HANDLE event, copy;

    ok_status(NtCreateEvent(&event, SYNCHRONIZE, NULL, NotificationEvent, TRUE), STATUS_SUCCESS);
    ok_status(poll_handle(event), STATUS_SUCCESS);
    ok_status(NtSetEvent(event, NULL), STATUS_ACCESS_DENIED);
    ok_status(NtQueryEvent(event, EventBasicInformation, &info, sizeof(info), NULL), STATUS_ACCESS_DENIED);

    ok_status(NtDuplicateObject(ME, event, ME, &copy, EVENT_MODIFY_STATE, 0, 0), STATUS_SUCCESS);
    ok_status(NtSetEvent(copy, NULL), STATUS_SUCCESS);
    ok_status(NtWaitForSingleObject(copy, FALSE, &now), STATUS_ACCESS_DENIED);
    NtClose(copy);

    ok_status(NtDuplicateObject(ME, event, ME, &copy, 0, 0, DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    ok_status(NtSetEvent(copy, NULL), STATUS_ACCESS_DENIED);
    NtClose(copy);

    ok_status(NtDuplicateObject(ME, event, ME, &copy, GENERIC_ALL, 0, 0), STATUS_SUCCESS);
    ok_status(NtQueryEvent(copy, EventBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok_status(NtCompareObjects(event, copy), STATUS_SUCCESS);
    ok_status(NtCompareObjects(event, GetCurrentProcess()), STATUS_NOT_SAME_OBJECT);
    NtClose(copy);
    NtClose(event);
}

static void test_flags(void)
{
    HANDLE event = new_event(NotificationEvent, FALSE), copy;
    DWORD flags = 0;

    ok(GetHandleInformation(event, &flags) && !flags, "flags %lx\n", flags);
    ok(SetHandleInformation(event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT), "error %lu\n", GetLastError());
    ok(GetHandleInformation(event, &flags) && flags == HANDLE_FLAG_INHERIT, "flags %lx\n", flags);
    ok(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE), "error %lu\n",
       GetLastError());
    ok_status(NtClose(event), STATUS_HANDLE_NOT_CLOSABLE);
    ok_status(NtSetEvent(event, NULL), STATUS_SUCCESS);

    ok_status(NtDuplicateObject(ME, event, ME, &copy, 0, 0, DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    ok(GetHandleInformation(copy, &flags) && !flags, "flags of the copy %lx\n", flags);
    ok_status(NtClose(copy), STATUS_SUCCESS);

    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    ok_status(NtDuplicateObject(ME, event, ME, &copy, 0, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES),
              STATUS_SUCCESS);
    ok(GetHandleInformation(copy, &flags) && flags == HANDLE_FLAG_INHERIT, "flags of the copy %lx\n", flags);
    ok_status(NtClose(copy), STATUS_SUCCESS);
    ok_status(NtClose(event), STATUS_SUCCESS);
}

static void test_close_source(void)
{
    HANDLE event = new_event(NotificationEvent, TRUE), copy = NULL;

    ok_status(NtDuplicateObject(ME, event, ME, &copy, 0, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE),
              STATUS_SUCCESS);
    ok_status(poll_handle(copy), STATUS_SUCCESS);
    if (copy != event) ok_status(NtClose(event), STATUS_INVALID_HANDLE);
    ok_status(NtDuplicateObject(ME, copy, NULL, NULL, 0, 0, DUPLICATE_CLOSE_SOURCE), STATUS_SUCCESS);
    ok_status(NtClose(copy), STATUS_INVALID_HANDLE);
}

static void test_pseudo(void)
{
    PROCESS_BASIC_INFORMATION info;
    HANDLE process, thread;

    ok_status(NtDuplicateObject(ME, GetCurrentProcess(), ME, &process, 0, 0, DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    ok_status(NtDuplicateObject(ME, GetCurrentThread(), ME, &thread, 0, 0, DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    ok_status(NtCompareObjects(process, GetCurrentProcess()), STATUS_SUCCESS);
    ok_status(NtCompareObjects(thread, GetCurrentThread()), STATUS_SUCCESS);
    ok_status(NtCompareObjects(thread, process), STATUS_NOT_SAME_OBJECT);
    ok_status(NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.UniqueProcessId == GetCurrentProcessId(), "process id %Iu\n", info.UniqueProcessId);
    ok_status(poll_handle(process), STATUS_TIMEOUT);
    NtClose(process);
    NtClose(thread);
}

static void test_query(void)
{
    char buffer[512];
    OBJECT_BASIC_INFORMATION basic;
    OBJECT_NAME_INFORMATION *name = (OBJECT_NAME_INFORMATION *)buffer;
    OBJECT_TYPE_INFORMATION *type = (OBJECT_TYPE_INFORMATION *)buffer;
    HANDLE event, copy;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    ULONG size = 0;

    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, named(&attr, &string, NULL, L"\\BaseNamedObjects\\handle.c", 0),
                            NotificationEvent, FALSE), STATUS_SUCCESS);
    ok_status(NtDuplicateObject(ME, event, ME, &copy, SYNCHRONIZE, 0, 0), STATUS_SUCCESS);
    ok_status(NtQueryObject(copy, ObjectBasicInformation, &basic, sizeof(basic), &size), STATUS_SUCCESS);
    ok(size == sizeof(basic), "size %lu\n", size);
    ok(basic.GrantedAccess == SYNCHRONIZE, "access %lx\n", basic.GrantedAccess);
    ok(basic.HandleCount == 2, "%lu handles\n", basic.HandleCount);
    ok(basic.PointerCount >= 2, "%lu references\n", basic.PointerCount);
    NtClose(copy);

    ok_status(NtQueryObject(event, ObjectNameInformation, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(!lstrcmpW(name->Name.Buffer, L"\\BaseNamedObjects\\handle.c"), "name %s\n", wine_dbgstr_w(name->Name.Buffer));
    ok(size == sizeof(*name) + name->Name.MaximumLength, "size %lu\n", size);
    ok_status(NtQueryObject(event, ObjectNameInformation, buffer, size - 1, &size), STATUS_INFO_LENGTH_MISMATCH);

    memset(buffer, 0, sizeof(buffer));
    ok_status(NtQueryObject(event, ObjectTypeInformation, buffer, sizeof(buffer), NULL), STATUS_SUCCESS);
    ok(!lstrcmpW(type->TypeName.Buffer, L"Event"), "type %s\n", wine_dbgstr_w(type->TypeName.Buffer));
    ok(type->ValidAccessMask == EVENT_ALL_ACCESS, "valid access %lx\n", type->ValidAccessMask);
    ok(type->TotalNumberOfHandles >= 1, "%lu handles\n", type->TotalNumberOfHandles);
    NtClose(event);
}

START_TEST(handle)
{
    test_values();
    test_many();
    test_access();
    test_flags();
    test_close_source();
    test_pseudo();
    test_query();
}
