/* RtlCreateUserStack, RtlFreeUserStack; SetThreadStackGuarantee (specification 22.3); SEC_BASED, SEC_NO_CHANGE (5.3). */
#include "memory.h"

WINBASEAPI BOOL WINAPI SetThreadStackGuarantee(ULONG *);
NTSYSAPI IMAGE_NT_HEADERS * WINAPI RtlImageNtHeader(HMODULE);
static NTSTATUS (WINAPI *pRtlCreateUserStack)(SIZE_T, SIZE_T, ULONG_PTR, SIZE_T, SIZE_T, INITIAL_TEB *);
static void (WINAPI *pRtlFreeUserStack)(void *);

/* §22.3-5 */
static void test_user_stack(void)
{
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(GetModuleHandleA(NULL));
    SIZE_T commit = nt->OptionalHeader.SizeOfStackCommit, reserve = nt->OptionalHeader.SizeOfStackReserve;
    const struct { SIZE_T commit, reserve, commit_align, reserve_align, committed, reserved; } tests[] =
    {
        { 0, 0, 1, 1, commit, reserve },
        { 0x2000, 0, 1, 1, 0x2000, reserve },
        { 0x1800, 0x200000, 1, 1, 0x2000, 0x200000 },
        { 0x100000, 0x100000, 1, 1, 0x100000, 0x100000 },
        { 0x20000, 0x20000, 1, 1, 0x20000, 0x100000 },
        { 0, 0x110000, 1, 0x40000, commit, 0x140000 },
        { 0x11000, 0x140000, 0x4000, 0x40000, 0x14000, 0x140000 },
    };
    MEMORY_BASIC_INFORMATION info;
    INITIAL_TEB stack;
    unsigned int i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        memset(&stack, 0xcc, sizeof(stack));
        ok_status(pRtlCreateUserStack(tests[i].commit, tests[i].reserve, 0, tests[i].commit_align, tests[i].reserve_align, &stack), STATUS_SUCCESS);
        ok(!stack.OldStackBase && !stack.OldStackLimit, "%u: an old stack\n", i);
        ok((char *)stack.StackBase - (char *)stack.DeallocationStack == (SSIZE_T)tests[i].reserved, "%u: %p to %p\n", i, stack.DeallocationStack, stack.StackBase);
        ok((char *)stack.StackBase - (char *)stack.StackLimit == (SSIZE_T)tests[i].committed, "%u: %p to %p\n", i, stack.StackLimit, stack.StackBase);
        VirtualQuery(stack.StackLimit, &info, sizeof(info));
        ok(info.State == MEM_COMMIT && info.Protect == PAGE_READWRITE && info.RegionSize == tests[i].committed, "%u: state %#lx\n", i, info.State);
        if (tests[i].committed < tests[i].reserved)
        {
            VirtualQuery((char *)stack.StackLimit - K, &info, sizeof(info));
            ok(info.State == MEM_COMMIT && info.Protect == (PAGE_READWRITE | PAGE_GUARD), "%u: protect %#lx\n", i, info.Protect);
        }
        pRtlFreeUserStack(stack.DeallocationStack);
        VirtualQuery(stack.DeallocationStack, &info, sizeof(info));
        ok(info.State == MEM_FREE, "%u: state %#lx\n", i, info.State);
    }
    ok_status(pRtlCreateUserStack(0x11000, 0x110000, 0, 1, 0, &stack), STATUS_INVALID_PARAMETER);
    ok_status(pRtlCreateUserStack(0x11000, 0x110000, 0, 0, 1, &stack), STATUS_INVALID_PARAMETER);
    ok_status(pRtlCreateUserStack(0x2000, 0x100000, 1, 0x1000, 0x1000, &stack), STATUS_SUCCESS);
    ok((ULONG_PTR)stack.StackBase <= 0x80000000, "base %p\n", stack.StackBase);
    pRtlFreeUserStack(stack.DeallocationStack);
}

/* §22.3-3 */
static DWORD WINAPI guarantee(void *arg)
{
    ULONG size = 0;

    (void)arg;
    ok(SetThreadStackGuarantee(&size) && size == 0, "guarantee %lu\n", size);
    size = 0x2001;
    ok(SetThreadStackGuarantee(&size) && size == 0, "guarantee %lu\n", size);
    size = 0x1000;                                              /* never less than before */
    ok(SetThreadStackGuarantee(&size) && size == 0x3000, "guarantee %lu\n", size);
    size = 0;
    ok(SetThreadStackGuarantee(&size) && size == 0x3000, "guarantee %lu\n", size);
    size = 0x7fffffff;
    ok(!SetThreadStackGuarantee(&size), "more than the stack\n");
    return 0;
}

/* §5.3-5 */
static void test_section_attributes(void)
{
    LARGE_INTEGER size = { .QuadPart = 0x20000 };
    SECTION_BASIC_INFORMATION info;
    void *view = NULL, *other = NULL;
    SIZE_T bytes = 0;
    ULONG old;
    HANDLE section;

    ok_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT | SEC_BASED, NULL), STATUS_SUCCESS);
    ok_status(NtQuerySection(section, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.BaseAddress && (info.Attributes & SEC_BASED), "base %p\n", info.BaseAddress);
    ok_status(NtMapViewOfSection(section, ME, &view, 0, 0, NULL, &bytes, ViewUnmap, 0, PAGE_READWRITE), STATUS_SUCCESS);
    ok(view == info.BaseAddress && bytes == 0x20000, "view %p, base %p\n", view, info.BaseAddress);
    *(char *)view = 'x';
    bytes = 0;
    ok_status(NtMapViewOfSection(section, ME, &other, 0, 0, NULL, &bytes, ViewUnmap, 0, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    ok_status(NtUnmapViewOfSection(ME, view), STATUS_SUCCESS);
    other = NULL;
    size.QuadPart = G;
    bytes = 0;
    ok_status(NtMapViewOfSection(section, ME, &other, 0, 0, &size, &bytes, ViewUnmap, 0, PAGE_READONLY), STATUS_SUCCESS);
    ok(other == (char *)info.BaseAddress + G && bytes == G, "view %p\n", other);
    ok_status(NtUnmapViewOfSection(ME, other), STATUS_SUCCESS);
    NtClose(section);

    ok_status(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT | SEC_NO_CHANGE, NULL), STATUS_SUCCESS);   /* §5.3-4 */
    view = NULL;
    bytes = 0;
    ok_status(NtMapViewOfSection(section, ME, &view, 0, 0, NULL, &bytes, ViewUnmap, 0, PAGE_READWRITE), STATUS_SUCCESS);
    other = view;
    ok_status(NtProtectVirtualMemory(ME, &other, &bytes, PAGE_READONLY, &old), STATUS_INVALID_PAGE_PROTECTION);
    ok_status(NtUnmapViewOfSection(ME, view), STATUS_INVALID_PAGE_PROTECTION);
    *(char *)view = 'x';
    NtClose(section);
}

START_TEST(stack)
{
    HANDLE thread = CreateThread(NULL, 0, guarantee, NULL, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    test_section_attributes();
    pRtlCreateUserStack = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlCreateUserStack");
    pRtlFreeUserStack = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlFreeUserStack");
    if (pRtlCreateUserStack && pRtlFreeUserStack) test_user_stack();
    else win_skip("RtlCreateUserStack is missing\n");
}
