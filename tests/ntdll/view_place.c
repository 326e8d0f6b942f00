/* Places: zero bits, alignment, the ends of the address space, for views and for private memory (§3.3, §7.1); what is committed
 * in views, with which protection (§8.3); classes of queries that do not exist (§13.4). */
#include "memory.h"

static HANDLE section;          /* 2 granules of the page file */

static NTSTATUS map_at(void *base, ULONG_PTR zero_bits, SIZE_T size, ULONG inherit, void **where)
{
    void *p = base;
    SIZE_T s = size;
    NTSTATUS status = NtMapViewOfSection(section, ME, &p, zero_bits, 0, NULL, &s, inherit, 0, PAGE_READWRITE);

    if (where) *where = p;
    if (status >= 0) NtUnmapViewOfSection(ME, p);
    else ok(p == base && s == size, "a failure wrote %p %#Ix\n", p, s);                                 /* §7.1-10 */
    return status;
}

static NTSTATUS reserve_at(void *base, ULONG_PTR zero_bits, SIZE_T size, void **where)
{
    void *p = base;
    SIZE_T s = size;
    NTSTATUS status = NtAllocateVirtualMemory(ME, &p, zero_bits, &s, MEM_RESERVE, PAGE_NOACCESS);

    if (where) *where = p;
    if (!status) NtFreeVirtualMemory(ME, &p, &(SIZE_T){ 0 }, MEM_RELEASE);
    else ok(p == base && s == size, "a failure wrote %p %#Ix\n", p, s);                                 /* §12.3-11 */
    return status;
}

/* What zero bits allow: 0 is nothing, else the highest address. */
static void test_zero_bits(void)
{
    static const struct { ULONG_PTR bits, highest; } good[] =
    {
        { 1, 0x7fffffff }, { 2, 0x3fffffff }, { 3, 0x1fffffff }, { 4, 0x0fffffff }, { 5, 0x07ffffff },  /* §3.3-2 */
        { 0x20, 0x3f }, { 0x0fffffff, 0x0fffffff }, { 0x1fffffff, 0x1fffffff }, { 0x10000001, 0x1fffffff }, /* §3.3-3: leading zeros alone count */
        { 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x100000000, 0x1ffffffff }, { 0x0123456789ab, 0x01ffffffffff },
        { ~(ULONG_PTR)0, ~(ULONG_PTR)0 },
    };
    void *p;

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++)
    {
        winetest_push_context("bits %#Ix", good[i].bits);
        if (good[i].highest < 0x20000)
        {
            ok_status(reserve_at(NULL, good[i].bits, K, NULL), STATUS_NO_MEMORY);                       /* §3.3-3, §3.3-5 */
            ok_status(map_at(NULL, good[i].bits, 0, ViewShare, NULL), STATUS_NO_MEMORY);
        }
        else
        {
            ok_status(reserve_at(NULL, good[i].bits, K, &p), STATUS_SUCCESS);                           /* §3.3-2, §3.3-3 */
            ok((ULONG_PTR)p + K - 1 <= good[i].highest, "reserved %p\n", p);
            ok_status(map_at(NULL, good[i].bits, 0, ViewShare, &p), STATUS_SUCCESS);
            ok((ULONG_PTR)p + 2 * G - 1 <= good[i].highest, "mapped %p\n", p);
        }
        winetest_pop_context();
    }
    for (ULONG_PTR bits = 22; bits < 32; bits++)
    {
        ok_status2(reserve_at(NULL, bits, K, NULL), STATUS_INVALID_PARAMETER_3, STATUS_INVALID_PARAMETER);      /* §3.3-2 */
        ok_status2(map_at(NULL, bits, 0, ViewShare, NULL), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER);
    }
    ok_status2(map_at(NULL, 21, 0, ViewShare, NULL), STATUS_NO_MEMORY, STATUS_INVALID_PARAMETER);
    ok_status2(map_at((void *)0x100000001, 1, 0, ViewShare, NULL), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER);        /* §3.3-4: before alignment */
    ok_status(map_at((void *)0x20000001, 1, 0, ViewShare, NULL), STATUS_MAPPED_ALIGNMENT);
}

/* The ends (§7.1-4, §3.2-1, §12.3-3, §12.3-4) */
static void test_ends(void)
{
    SYSTEM_INFO si;
    char *end;
    void *p;

    GetSystemInfo(&si);
    end = (char *)si.lpMaximumApplicationAddress + 1;
    ok_status(map_at(end, 0, 0, ViewShare, NULL), STATUS_INVALID_PARAMETER_3);
    ok_status(map_at((void *)0xffff800000000000, 0, 0, ViewShare, NULL), STATUS_INVALID_PARAMETER_3);
    ok_status(map_at(end - G, 0, 2 * G, ViewShare, NULL), STATUS_INVALID_PARAMETER_3);
    ok_status(map_at(NULL, 0, ~(SIZE_T)0, ViewShare, NULL), STATUS_INVALID_PARAMETER_3);
    ok_status(map_at((void *)G, 0, ~(SIZE_T)0, ViewShare, NULL), STATUS_INVALID_PARAMETER_3);
    ok_status(reserve_at(end, 0, K, NULL), STATUS_INVALID_PARAMETER_2);
    ok_status2(reserve_at(end - G, 0, 2 * G, NULL), STATUS_INVALID_PARAMETER_4, STATUS_INVALID_PARAMETER_2);
    ok_status(reserve_at((void *)1, 0, K, NULL), STATUS_INVALID_PARAMETER_2);
    ok_status(reserve_at((void *)0xffff, 0, K, NULL), STATUS_INVALID_PARAMETER_2);
    if (!reserve_at((void *)0x10000, 0, K, &p)) ok(p == (void *)0x10000, "reserved %p\n", p);

    /* sizes and bases of reservations: down to granules, up to pages */
    {
        static const struct { ULONG_PTR offset; SIZE_T size; ULONG_PTR base; SIZE_T told; } ranges[] =
        {
            { 0, 1, 0, K }, { 0x8000, 1, 0, 0x9000 }, { 0xffff, 0x3000, 0, 0x13000 }, { 0x15000, 200, 0x10000, 0x6000 },
            { 0x10000, K, 0x10000, K }, { 0x1ffff, 1, 0x10000, 0x10000 }, { 0x1ffff, 2, 0x10000, 0x11000 },     /* §12.3-4 */
        };
        char *free = VirtualAlloc(NULL, 4 * G, MEM_RESERVE, PAGE_NOACCESS);

        VirtualFree(free, 0, MEM_RELEASE);
        for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++)
        {
            SIZE_T size = ranges[i].size;

            p = free + ranges[i].offset;
            ok_status(NtAllocateVirtualMemory(ME, &p, 0, &size, MEM_RESERVE, PAGE_NOACCESS), STATUS_SUCCESS);    /* §12.3-4 */
            ok(p == free + ranges[i].base && size == ranges[i].told, "range %u: %p %#Ix\n", i, p, size);
            size = 0;
            ok_status(NtFreeVirtualMemory(ME, &p, &size, MEM_RELEASE), STATUS_SUCCESS);
            ok(size == ranges[i].told, "range %u: freed %#Ix\n", i, size);
        }
    }
}

/* §7.1-3, §7.5-1, §7.1-5 */
static void test_inherit(void)
{
    void *p = NULL;
    SIZE_T size = 0;
    HANDLE event;

    for (ULONG inherit = 0; inherit < 5; inherit++)
        ok_status(map_at(NULL, 0, 0, inherit, NULL), inherit == ViewShare || inherit == ViewUnmap ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER_8);
    NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);                            /* §7.1-5 */
    ok_status(NtMapViewOfSection(NULL, ME, &p, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_HANDLE);
    ok_status(NtMapViewOfSection(event, ME, &p, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtMapViewOfSection(section, NULL, &p, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_INVALID_HANDLE);
    ok_status(NtMapViewOfSection(section, event, &p, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtMapViewOfSection(NULL, event, &p, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtMapViewOfSection(section, ME, NULL, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY), STATUS_ACCESS_VIOLATION);
    ok_status(NtMapViewOfSection(section, ME, &p, 0, 0, NULL, NULL, ViewShare, 0, PAGE_READONLY), STATUS_ACCESS_VIOLATION);
    ok_status(NtMapViewOfSection(section, ME, &p, 0, 0, (LARGE_INTEGER *)8, &size, ViewShare, 0, PAGE_READONLY), STATUS_ACCESS_VIOLATION);
    NtClose(event);
}

enum { R = 1, W = 2, X = 4 };

static unsigned rights(ULONG protect)
{
    static const unsigned table[] = { 0, R, R | W, R, R | X, R | X, R | W | X, R | X };

    for (unsigned i = 0; i < 8; i++) if (protect == 1u << i) return table[i];
    return 0;
}

/* Every protection in every view, of pages that are committed and pages that are not (§8.3-1, §8.2-1, §8.3-5) */
static void test_commit(void)
{
    LARGE_INTEGER size = { .QuadPart = 4 * K };
    HANDLE h;

    for (unsigned v = 0; v < 8; v++)
        for (unsigned c = 0; c < 8; c++)
        {
            ULONG view = 1u << v, commit = 1u << c, old;
            BOOL allowed = !(rights(commit) & ~rights(view));
            MEMORY_BASIC_INFORMATION info;
            void *p = NULL, *at;
            SIZE_T bytes = 0, one;

            winetest_push_context("view %#lx protection %#lx", view, commit);
            NtCreateSection(&h, SECTION_ALL_ACCESS, NULL, &size, PAGE_EXECUTE_READWRITE, SEC_RESERVE, NULL);
            ok_status(NtMapViewOfSection(h, ME, &p, 0, K + 1, NULL, &bytes, ViewShare, 0, view), STATUS_SUCCESS);
            VirtualQuery(p, &info, sizeof(info));
            ok(info.State == MEM_COMMIT && info.RegionSize == 2 * K && info.Protect == view, "state %#lx protect %#lx\n", info.State, info.Protect);
            for (int page = 0; page < 4; page += 3)
            {
                at = (char *)p + page * K;
                one = K;
                /* the two statuses are one error, and only that is known of Windows */
                ok_status2(NtAllocateVirtualMemory(ME, &at, 0, &one, MEM_COMMIT, commit), allowed ? STATUS_SUCCESS : STATUS_SECTION_PROTECTION,
                           allowed ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION);
                VirtualQuery(at, &info, sizeof(info));
                if (allowed) ok(info.State == MEM_COMMIT && info.Protect == commit, "page %d: state %#lx protect %#lx\n", page, info.State, info.Protect);
                else ok(info.State == (page ? MEM_RESERVE : MEM_COMMIT) && info.Protect == (page ? 0 : view), "page %d: state %#lx protect %#lx\n",
                        page, info.State, info.Protect);
            }
            at = (char *)p + K;
            one = K;
            ok_status(NtProtectVirtualMemory(ME, &at, &one, commit, &old), allowed ? STATUS_SUCCESS : STATUS_SECTION_PROTECTION);
            ok(old == (allowed ? view : PAGE_NOACCESS), "old %#lx\n", old);
            NtUnmapViewOfSection(ME, p);
            NtClose(h);
            winetest_pop_context();
        }
}

/* Private memory: a page may get any protection, whatever the allocation was made with (§12.3-12, §12.3-7) */
static void test_private(void)
{
    static const ULONG protections[] =
        { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE };

    for (unsigned i = 0; i < ARRAY_SIZE(protections); i++)
    {
        char *p = VirtualAlloc(NULL, 2 * K, MEM_RESERVE, protections[i]);
        MEMORY_BASIC_INFORMATION info;

        for (unsigned j = 0; j < ARRAY_SIZE(protections); j++)
        {
            winetest_push_context("reserved %#lx committed %#lx", protections[i], protections[j]);
            ok(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READWRITE) == p, "error %lu\n", GetLastError());
            p[0] = j + 1;
            ok(VirtualAlloc(p, K, MEM_COMMIT, protections[j]) == p, "error %lu\n", GetLastError());
            VirtualQuery(p, &info, sizeof(info));
            ok(info.Protect == protections[j] && info.AllocationProtect == protections[i] && info.RegionSize == K, "protect %#lx\n", info.Protect);
            ok(VirtualAlloc(p, K, MEM_COMMIT, PAGE_READONLY) == p && p[0] == (char)(j + 1), "contents are lost\n");
            winetest_pop_context();
        }
        VirtualQuery(p + K, &info, sizeof(info));
        ok(info.State == MEM_RESERVE && !info.Protect && info.AllocationProtect == protections[i], "state %#lx protect %#lx\n", info.State, info.Protect);
        VirtualFree(p, 0, MEM_RELEASE);
    }
}

/* §13.4-9 */
static void test_classes(void)
{
    BYTE buffer[256];
    SIZE_T ret = 77;

    for (unsigned class = 8; class < 20; class++)
    {
        NTSTATUS status = NtQueryVirtualMemory(ME, buffer, class, buffer, sizeof(buffer), &ret);

        ok(status == STATUS_INVALID_INFO_CLASS, "class %u: %#lx\n", class, status);
    }
    ok_status(NtQueryVirtualMemory(ME, buffer, -1, buffer, sizeof(buffer), &ret), STATUS_INVALID_INFO_CLASS);
    ok(ret == 77, "ret %Iu\n", ret);
}

START_TEST(view_place)
{
    LARGE_INTEGER size = { .QuadPart = 2 * G };

    NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL);
    test_zero_bits();
    test_ends();
    test_inherit();
    test_commit();
    test_private();
    test_classes();
    NtClose(section);
}
