/* Names of objects: where they are, how long they live, who may have them. */
#include "objects.h"

static NTSTATUS open_event(const WCHAR *name, HANDLE root, ULONG flags)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle;
    NTSTATUS status = NtOpenEvent(&handle, SYNCHRONIZE, named(&attr, &string, root, name, flags));

    if (!status) NtClose(handle);
    return status;
}

static void test_life(void)
{
    static const WCHAR path[] = L"\\BaseNamedObjects\\name.c-life";
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE event, second, mutant;

    ok_status(open_event(path, NULL, 0), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, named(&attr, &string, NULL, path, 0), NotificationEvent, FALSE),
              STATUS_SUCCESS);
    ok_status(open_event(path, NULL, 0), STATUS_SUCCESS);
    ok_status(NtCreateEvent(&second, EVENT_ALL_ACCESS, &attr, NotificationEvent, FALSE), STATUS_OBJECT_NAME_COLLISION);
    ok(!second, "handle %p\n", second);
    attr.Attributes = OBJ_OPENIF;
    ok_status(NtCreateEvent(&second, EVENT_ALL_ACCESS, &attr, SynchronizationEvent, TRUE), STATUS_OBJECT_NAME_EXISTS);
    ok_status(NtCompareObjects(event, second), STATUS_SUCCESS);
    ok_status(poll_handle(second), STATUS_TIMEOUT);     /* it is the first one, which is not signalled */
    ok_status(NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, &attr, FALSE), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtOpenEvent(&mutant, 0, &attr), STATUS_ACCESS_DENIED);
    ok_status(NtOpenEvent(&mutant, 4, &attr), STATUS_ACCESS_DENIED);
    NtClose(event);
    ok_status(open_event(path, NULL, 0), STATUS_SUCCESS);
    NtClose(second);
    ok_status(open_event(path, NULL, 0), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_permanent(void)
{
    static const WCHAR path[] = L"\\BaseNamedObjects\\name.c-permanent";
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE event;

    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, named(&attr, &string, NULL, path, OBJ_PERMANENT),
                            NotificationEvent, FALSE), STATUS_SUCCESS);
    NtClose(event);
    ok_status(NtOpenEvent(&event, DELETE, named(&attr, &string, NULL, path, 0)), STATUS_SUCCESS);
    ok_status(NtMakeTemporaryObject(event), STATUS_SUCCESS);
    ok_status(open_event(path, NULL, 0), STATUS_SUCCESS);
    NtClose(event);
    ok_status(open_event(path, NULL, 0), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_case(void)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE event;

    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS,
                            named(&attr, &string, NULL, L"\\BaseNamedObjects\\name.c-C\xe4se\x430", 0),
                            NotificationEvent, FALSE), STATUS_SUCCESS);
    ok_status(open_event(L"\\BaseNamedObjects\\NAME.C-C\xc4SE\x410", NULL, 0), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(open_event(L"\\BaseNamedObjects\\NAME.C-C\xc4SE\x410", NULL, OBJ_CASE_INSENSITIVE), STATUS_SUCCESS);
    NtClose(event);
}

/* CreateEvent("Local\\x"), "x" and "Session\\N\\x" are one object; "Global\\x" is another. */
static void test_session(void)
{
    WCHAR session[64];
    HANDLE local, plain, global, numbered;

    local = CreateEventW(NULL, TRUE, TRUE, L"Local\\name.c-session");
    ok(local != NULL, "error %lu\n", GetLastError());
    plain = OpenEventW(SYNCHRONIZE, FALSE, L"name.c-session");
    ok(plain != NULL, "error %lu\n", GetLastError());
    ok_status(NtCompareObjects(local, plain), STATUS_SUCCESS);
    lstrcpyW(session, L"Session\\0\\name.c-session");
    session[8] = '0' + NtCurrentTeb()->Peb->SessionId;
    numbered = OpenEventW(SYNCHRONIZE, FALSE, session);
    ok(numbered != NULL, "error %lu\n", GetLastError());
    if (numbered) ok_status(NtCompareObjects(local, numbered), STATUS_SUCCESS);
    global = CreateEventW(NULL, TRUE, FALSE, L"Global\\name.c-session");
    ok(global != NULL, "error %lu\n", GetLastError());
    ok_status(NtCompareObjects(local, global), NtCurrentTeb()->Peb->SessionId ? STATUS_NOT_SAME_OBJECT : STATUS_SUCCESS);
    NtClose(local);
    NtClose(plain);
    NtClose(global);
    NtClose(numbered);
}

static void test_links(void)
{
    OBJECT_ATTRIBUTES attr, target_attr;
    UNICODE_STRING string, target, target_string;
    HANDLE directory, link, event, loop;

    ok_status(NtCreateDirectoryObject(&directory, 0x000f, named(&attr, &string, NULL, L"\\BaseNamedObjects\\name.c-dir", 0)),
              STATUS_SUCCESS);
    RtlInitUnicodeString(&target, L"\\BaseNamedObjects\\name.c-dir");
    ok_status(NtCreateSymbolicLinkObject(&link, 1, named(&attr, &string, NULL, L"\\BaseNamedObjects\\name.c-link", 0),
                                         &target), STATUS_SUCCESS);
    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS,
                            named(&target_attr, &target_string, NULL, L"\\BaseNamedObjects\\name.c-link\\event", 0),
                            NotificationEvent, FALSE), STATUS_SUCCESS);
    ok_status(open_event(L"event", directory, 0), STATUS_SUCCESS);
    ok_status(open_event(L"\\event", directory, 0), STATUS_OBJECT_PATH_SYNTAX_BAD);
    ok_status(open_event(L"event\\more", directory, 0), STATUS_OBJECT_TYPE_MISMATCH);

    RtlInitUnicodeString(&target, L"\\BaseNamedObjects\\name.c-loop");
    ok_status(NtCreateSymbolicLinkObject(&loop, 1, named(&attr, &string, NULL, L"\\BaseNamedObjects\\name.c-loop", 0),
                                         &target), STATUS_SUCCESS);
    ok(open_event(L"\\BaseNamedObjects\\name.c-loop\\x", NULL, 0) != STATUS_SUCCESS, "a loop leads somewhere\n");
    NtClose(loop);
    NtClose(event);
    NtClose(link);
    NtClose(directory);
}

START_TEST(name)
{
    test_life();
    test_permanent();
    test_case();
    test_session();
    test_links();
}
