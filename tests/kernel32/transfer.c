/* Every kind of object in another process: inherited, over two generations, duplicated there, back, and between two others.
 * What cannot go is refused when it is duplicated, and its value is free in a child. */
#include "transfer_kinds.h"

/* ---- in the other process ----------------------------------------------------------------------------------------------- */

static BOOL is_of_type(HANDLE handle, const char *type)
{
    struct { OBJECT_TYPE_INFORMATION info; WCHAR room[64]; } answer;
    USHORT i;

    if (NtQueryObject(handle, ObjectTypeInformation, &answer, sizeof(answer), NULL)) return FALSE;
    for (i = 0; type[i]; i++)
        if (answer.info.TypeName.Buffer[i] != type[i]) return FALSE;
    return answer.info.TypeName.Length == i * sizeof(WCHAR);
}

static ULONG64 do_use(const ULONG64 *args, const char *text)
{
    (void)text;
    if (!is_of_type((HANDLE)args[0], kinds[args[1]].type)) return KEEPS;
    return kinds[args[1]].use((HANDLE)args[0]);
}

static ULONG64 do_basic(const ULONG64 *args, const char *text)
{
    OBJECT_BASIC_INFORMATION info;
    NTSTATUS status = NtQueryObject((HANDLE)args[0], ObjectBasicInformation, &info, sizeof(info), NULL);

    (void)text;
    return status ? (ULONG)status : (ULONG64)(info.Attributes & ~OBJ_PERMANENT) << 32 | info.GrantedAccess;
}

/* A child of its own, that inherits. */
static ULONG64 do_generation(const ULONG64 *args, const char *text)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info;
    char line[2 * MAX_PATH];
    DWORD code = 0;

    (void)text;
    sprintf(line, "\"%s\" transfer use %llx %llx", self, (long long)args[0], (long long)args[1]);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info)) return KEEPS;
    WaitForSingleObject(info.hProcess, 10000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    return code;
}

static ULONG64 do_event(const ULONG64 *args, const char *text)
{
    (void)args, (void)text;
    return (ULONG_PTR)CreateEventA(NULL, TRUE, FALSE, NULL);
}

static ULONG64 do_own_privilege(const ULONG64 *args, const char *text)
{
    HANDLE token;
    ULONG attributes;

    (void)args, (void)text;
    if (NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return KEEPS;
    attributes = privilege(token);
    NtClose(token);
    return attributes;
}

enum { USE, BASIC, GENERATION, EVENT, OWN_PRIVILEGE };
static const other_function functions[] = { do_use, do_basic, do_generation, do_event, do_own_privilege };

/* ---- the table -------------------------------------------------------------------------------------------------------------- */

static ULONG64 basic_here(HANDLE handle)
{
    return do_basic((const ULONG64[6]){ (ULONG_PTR)handle }, NULL);
}

static void expect_use(struct other *other, size_t kind, HANDLE there, HANDLE here, const char *how)
{
    ULONG64 basic = other_call(other, BASIC, NULL, (ULONG_PTR)there), ret;

    ok((ULONG)basic == (ULONG)basic_here(here), "%s, %s: access %#lx, not %#lx\n", kinds[kind].name, how, (ULONG)basic,
       (ULONG)basic_here(here));
    ret = other_call(other, USE, NULL, (ULONG_PTR)there, kind);
    ok(ret == 1, "%s, %s: %#llx\n", kinds[kind].name, how, (long long)ret);
    if (kinds[kind].check) ok(kinds[kind].check(here), "%s, %s: it is another\n", kinds[kind].name, how);
}

static void close_ends(void)
{
    CloseHandle(pipe_read);
    CloseHandle(pipe_write);
    CloseHandle(server_end);
    CloseHandle(client_end);
    CloseHandle(slot);
    pipe_read = pipe_write = server_end = client_end = slot = NULL;
}

static void test_table(void)
{
    HANDLE handles[KINDS], there, between, back, me = GetCurrentProcess();
    struct other first, second;
    ULONG64 ret;
    DWORD flags;
    size_t i;

    for (i = 0; i < KINDS; i++)
    {
        handles[i] = kinds[i].make();
        ok(handles[i] && handles[i] != INVALID_HANDLE_VALUE && is_of_type(handles[i], kinds[i].type), "%s: error %lu\n", kinds[i].name,
           GetLastError());
        ok(GetHandleInformation(handles[i], &flags) && flags == HANDLE_FLAG_INHERIT, "%s: flags %lx\n", kinds[i].name, flags);
    }
    if (!other_start(&first, "transfer") || !other_start(&second, "transfer"))
    {
        ok(0, "no children: error %lu\n", GetLastError());
        return;
    }
    for (i = 0; i < KINDS; i++)
    {
        const char *name = kinds[i].name;

        ret = other_call(&first, BASIC, NULL, (ULONG_PTR)handles[i]);
        if (!kinds[i].use)
        {
            ok((ULONG)ret == (ULONG)STATUS_INVALID_HANDLE, "%s, inherited: there is %#llx\n", name, (long long)ret);
            there = (HANDLE)0xdead;
            fails(DuplicateHandle(me, handles[i], first.info.hProcess, &there, 0, TRUE, DUPLICATE_SAME_ACCESS), ERROR_NOT_SUPPORTED);
            continue;
        }
        ok(ret >> 32 == OBJ_INHERIT, "%s, inherited: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&first, i, handles[i], handles[i], "inherited");
        ret = other_call(&first, GENERATION, NULL, i, (ULONG_PTR)handles[i]);
        ok(ret == 1, "%s, two generations: %#llx\n", name, (long long)ret);
        if (kinds[i].check) ok(kinds[i].check(handles[i]), "%s, two generations: it is another\n", name);

        works(DuplicateHandle(me, handles[i], first.info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
        ret = other_call(&first, BASIC, NULL, (ULONG_PTR)there);
        ok(!(ret >> 32), "%s, duplicated: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&first, i, there, handles[i], "duplicated");

        works(DuplicateHandle(first.info.hProcess, there, second.info.hProcess, &between, 0, TRUE, DUPLICATE_SAME_ACCESS));
        ret = other_call(&second, BASIC, NULL, (ULONG_PTR)between);
        ok(ret >> 32 == OBJ_INHERIT, "%s, passed on: attributes %#lx\n", name, (ULONG)(ret >> 32));
        expect_use(&second, i, between, handles[i], "passed on");

        works(DuplicateHandle(second.info.hProcess, between, me, &back, 0, TRUE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
        ret = other_call(&second, BASIC, NULL, (ULONG_PTR)between);
        ok((ULONG)ret == (ULONG)STATUS_INVALID_HANDLE, "%s: the source is open: %#llx\n", name, (long long)ret);
        ok(basic_here(back) == basic_here(handles[i]), "%s, come back: %#llx, not %#llx\n", name, (long long)basic_here(back),
           (long long)basic_here(handles[i]));
        expect_use(&first, i, there, back, "come back");
        CloseHandle(back);

        works(DuplicateHandle(first.info.hProcess, there, first.info.hProcess, &between, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
        expect_use(&first, i, between, handles[i], "within the other");
    }
    other_end(&first);
    other_end(&second);
    for (i = 0; i < KINDS; i++) CloseHandle(handles[i]);
    close_ends();
}

/* What a child does with the handle, if it inherits listed alone. */
static DWORD run_with_list(size_t kind, HANDLE handle, HANDLE listed)
{
    struct { STARTUPINFOA info; void *attributes; } startup = { .info.cb = sizeof(startup) };
    char line[2 * MAX_PATH], room[512];
    SIZE_T size = sizeof(room);
    PROCESS_INFORMATION info;
    DWORD code = 0;

    sprintf(line, "\"%s\" transfer use %llx %llx", self, (long long)kind, (long long)(ULONG_PTR)handle);
    startup.attributes = room;
    works(InitializeProcThreadAttributeList(startup.attributes, 1, 0, &size));
    works(UpdateProcThreadAttribute(startup.attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &listed, sizeof(listed), NULL, NULL));
    works(CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &startup.info, &info));
    DeleteProcThreadAttributeList(startup.attributes);
    WaitForSingleObject(info.hProcess, 10000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
    return code;
}

static void test_list(void)
{
    HANDLE event = CreateEventA(&inherited, TRUE, FALSE, NULL), handle;
    DWORD code;
    size_t i;

    for (i = 0; i < KINDS; i++)
    {
        handle = kinds[i].make();
        code = run_with_list(i, handle, handle);
        ok(code == (kinds[i].use ? 1 : (UINT)KEEPS + 100), "%s, listed: %lu\n", kinds[i].name, code);
        if (kinds[i].check) ok(kinds[i].check(handle), "%s, listed: it is another\n", kinds[i].name);
        if (i)                          /* a child may have an event of its own there */
        {
            code = run_with_list(i, handle, event);
            ok(code != 1, "%s, not listed, and there\n", kinds[i].name);
        }
        CloseHandle(handle);
        close_ends();
    }
    CloseHandle(event);
}

/* ---- the rules ---------------------------------------------------------------------------------------------------------------- */

static BOOL is_open(struct other *other, HANDLE there)
{
    return (ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)there) != (ULONG)STATUS_INVALID_HANDLE;
}

static ULONG access_of(HANDLE handle)
{
    return (ULONG)basic_here(handle);
}

static void test_access(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event, file, there, back;
    SECURITY_ATTRIBUTES plain = { sizeof(plain), NULL, FALSE };

    /* what was created may be given more rights than the handle has, a file and a key may not */
    event = OpenEventA(SYNCHRONIZE, FALSE, "none");
    ok(!event, "an event out of nothing\n");
    event = CreateEventA(&plain, TRUE, FALSE, NULL);
    works(DuplicateHandle(me, event, process, &there, SYNCHRONIZE, FALSE, 0));
    ok((ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)there) == SYNCHRONIZE, "rights there\n");
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(access_of(back) == SYNCHRONIZE, "rights %#lx\n", access_of(back));
    fails(SetEvent(back), ERROR_ACCESS_DENIED);
    CloseHandle(back);
    works(DuplicateHandle(process, there, me, &back, EVENT_MODIFY_STATE, FALSE, 0));
    works(SetEvent(back));
    CloseHandle(back);
    fails(DuplicateHandle(me, event, process, &back, 0x00800000, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(me, event, process, &back, GENERIC_READ, FALSE, 0));
    ok((ULONG)other_call(other, BASIC, NULL, (ULONG_PTR)back) == (STANDARD_RIGHTS_READ | EVENT_QUERY_STATE), "rights there\n");
    CloseHandle(event);

    file = CreateFileA(scratch_file, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, NULL);
    fails(DuplicateHandle(me, file, process, &there, GENERIC_WRITE, FALSE, 0), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(me, file, process, &there, DELETE, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(me, file, process, &there, FILE_READ_DATA, FALSE, 0));
    fails(DuplicateHandle(process, there, me, &back, FILE_READ_DATA | FILE_READ_ATTRIBUTES, FALSE, 0), ERROR_ACCESS_DENIED);
    works(DuplicateHandle(process, there, me, &back, MAXIMUM_ALLOWED, FALSE, 0));
    ok(access_of(back) == FILE_READ_DATA, "rights %#lx\n", access_of(back));
    CloseHandle(back);
    CloseHandle(file);
}

static void test_closing(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event, weak, there, back = NULL;

    /* the source goes, whatever becomes of the rest */
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    fails(DuplicateHandle(process, there, me, &back, 0x00800000, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(!is_open(other, there), "it is still open\n");
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    fails(DuplicateHandle(process, there, (HANDLE)0xdead0, &back, 0, FALSE, DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS), ERROR_INVALID_HANDLE);
    ok(!is_open(other, there), "it is still open\n");
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    works(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE));
    ok(!is_open(other, there), "it is still open\n");
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_INVALID_HANDLE);
    event = make_debug();
    fails(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_NOT_SUPPORTED);
    fails(CloseHandle(event), ERROR_INVALID_HANDLE);

    /* but for one that is protected: then there are two */
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT);
    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(is_open(other, there), "it did not come\n");
    works(SetEvent(event));
    ok(!(other_call(other, BASIC, NULL, (ULONG_PTR)there) >> 32), "the flags came along\n");
    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES));
    ok(other_call(other, BASIC, NULL, (ULONG_PTR)there) >> 32 == (OBJ_INHERIT | OBJ_PROTECT_CLOSE), "the flags did not come along\n");
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_INVALID_HANDLE);
    ok(is_open(other, there), "it is closed\n");
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    CloseHandle(event);

    /* the right to take handles out and put them in */
    there = (HANDLE)other_call(other, EVENT, NULL, 0);
    works(DuplicateHandle(me, process, me, &weak, PROCESS_ALL_ACCESS & ~PROCESS_DUP_HANDLE, FALSE, 0));
    fails(DuplicateHandle(weak, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(is_open(other, there), "it is closed\n");
    fails(DuplicateHandle(process, there, weak, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    ok(!is_open(other, there), "it is still open\n");
    CloseHandle(weak);
}

static void test_pseudo(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), there, back;

    works(DuplicateHandle(me, GetCurrentProcess(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetProcessId(back) == GetCurrentProcessId(), "process %lx\n", GetProcessId(back));
    ok(!NtCompareObjects(back, GetCurrentProcess()), "another object\n");
    CloseHandle(back);
    works(DuplicateHandle(me, GetCurrentThread(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);

    /* "current" is the process that the handle is of, and the thread that asks */
    works(DuplicateHandle(process, GetCurrentProcess(), me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetProcessId(back) == other->info.dwProcessId, "process %lx\n", GetProcessId(back));
    CloseHandle(back);
    works(DuplicateHandle(process, GetCurrentThread(), me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);
    works(DuplicateHandle(process, GetCurrentThread(), process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    ok(GetThreadId(back) == GetCurrentThreadId(), "thread %lx\n", GetThreadId(back));
    CloseHandle(back);
}

/* The privileges of a process are those of its creator, as they are at that time; and its token can be opened. */
static void test_own_token(struct other *other)
{
    struct other child;
    HANDLE own, theirs;
    ULONG64 ret;

    ok(!NtOpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &own), "no token\n");
    ok(!adjust(own, SE_PRIVILEGE_ENABLED), "NtAdjustPrivilegesToken\n");
    works(other_start(&child, "transfer"));
    ok(!adjust(own, 0), "NtAdjustPrivilegesToken\n");
    ret = other_call(&child, OWN_PRIVILEGE, NULL, 0);
    ok(ret == SE_PRIVILEGE_ENABLED, "privilege %#llx\n", (long long)ret);
    ok(!privilege(own), "privilege %#lx\n", privilege(own));

    ok(!NtOpenProcessToken(child.info.hProcess, TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &theirs), "its token cannot be opened\n");
    ok(privilege(theirs) == SE_PRIVILEGE_ENABLED, "privilege %#lx\n", privilege(theirs));
    ok(!adjust(theirs, SE_PRIVILEGE_REMOVED), "NtAdjustPrivilegesToken\n");
    ret = other_call(&child, OWN_PRIVILEGE, NULL, 0);
    ok(ret == ~0u, "privilege %#llx\n", (long long)ret);
    ok(!privilege(own), "privilege %#lx\n", privilege(own));
    NtClose(theirs);
    other_end(&child);

    ret = other_call(other, OWN_PRIVILEGE, NULL, 0);
    ok(!ret, "privilege %#llx\n", (long long)ret);
    NtClose(own);
}

static void test_dead(struct other *other)
{
    HANDLE process = other->info.hProcess, me = GetCurrentProcess(), event = CreateEventA(NULL, TRUE, FALSE, NULL), there, back;

    works(DuplicateHandle(me, event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    TerminateProcess(process, 3);
    WaitForSingleObject(process, 10000);
    fails(DuplicateHandle(me, event, process, &back, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(process, there, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(process, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    fails(DuplicateHandle(me, event, process, &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE), ERROR_ACCESS_DENIED);
    fails(CloseHandle(event), ERROR_INVALID_HANDLE);

    /* a handle on it is a handle as any other */
    works(DuplicateHandle(me, process, me, &back, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CloseHandle(back);
    other_end(other);
}

START_TEST(transfer)
{
    struct other other;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 5 && !strcmp(argv[2], "use"))
    {
        size_t kind = strtoull(argv[3], NULL, 16);
        ULONG64 ret = do_use((const ULONG64[6]){ strtoull(argv[4], NULL, 16), kind }, NULL);

        ExitProcess(ret == 1 ? 1 : (UINT)ret + 100);
    }
    if (argc == 3 && !strcmp(argv[2], "end")) ExitProcess(4321);
    if (other_serve(functions)) return;

    GetTempPathA(sizeof(scratch), scratch);
    sprintf(scratch + strlen(scratch), "transfer%lu", GetCurrentProcessId());
    works(CreateDirectoryA(scratch, NULL));
    sprintf(scratch_file, "%s\\file", scratch);
    test_table();
    test_list();
    works(other_start(&other, "transfer"));
    test_access(&other);
    test_closing(&other);
    test_pseudo(&other);
    test_own_token(&other);
    test_dead(&other);
    works(DeleteFileA(scratch_file));
    works(RemoveDirectoryA(scratch));
}
