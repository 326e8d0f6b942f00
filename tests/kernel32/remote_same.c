/* What a call does in another process is what it does in one's own: random calls with the same arguments at the same addresses in
 * both, of which every result, every error and all that is there afterwards must be the same.
 * Arguments: the seed, how many calls. */
#include "target.h"
#include <stdlib.h>

FUNCTION(MapViewOfFileNuma2);
FUNCTION(MapViewOfFile3);
FUNCTION(UnmapViewOfFile2);
FUNCTION(VirtualAlloc2);
static NTSTATUS (WINAPI *pNtQueryVirtualMemory)(HANDLE, const void *, ULONG, void *, SIZE_T, SIZE_T *);
static NTSTATUS (WINAPI *pNtFlushVirtualMemory)(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *);

#define ARENA ((char *)0x230000000000)
#define ARENA_SIZE (16 * G)
#define SECTIONS 5

static HANDLE sections[SECTIONS], both[2];      /* both: this process and the other */
static char *recent[16];                        /* where something was made */
static unsigned int made;
static ULONG64 state;

static ULONG64 number(ULONG64 below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state * 0x2545f4914f6cdd1dull >> 20) % below;
}
#define one_of(list) (list)[number(sizeof(list) / sizeof((list)[0]))]

/* ---- one call, with arguments chosen beforehand ------------------------------------------------------------------ */

struct call
{
    unsigned int what;
    char *base;
    SIZE_T size, length;
    ULONG64 offset;
    DWORD type, protect, class;
    HANDLE section;
    char fill;
};
struct outcome
{
    ULONG64 value, more;
    DWORD error;
    BYTE data[256];
};

enum { ALLOCATE, FREE, PROTECT, ALLOCATE_2, MAP, MAP_3, UNMAP, WRITE, READ, QUERY, FLUSH, CALLS };
static const char *const names[CALLS] = { "VirtualAllocEx", "VirtualFreeEx", "VirtualProtectEx", "VirtualAlloc2", "MapViewOfFileNuma2",
    "MapViewOfFile3", "UnmapViewOfFile2", "WriteProcessMemory", "ReadProcessMemory", "NtQueryVirtualMemory", "NtFlushVirtualMemory" };

static void choose(struct call *call)
{
    static const DWORD types[] = { MEM_RESERVE, MEM_COMMIT, MEM_RESERVE | MEM_COMMIT, MEM_RESERVE | MEM_COMMIT, MEM_COMMIT, MEM_RESET,
        MEM_RESERVE | MEM_WRITE_WATCH, MEM_RESERVE | MEM_TOP_DOWN, 0, MEM_DECOMMIT, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER };
    static const DWORD types_2[] = { MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
        MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, MEM_RESERVE | MEM_REPLACE_PLACEHOLDER, MEM_RESERVE, MEM_COMMIT };
    static const DWORD frees[] = { MEM_RELEASE, MEM_RELEASE, MEM_DECOMMIT, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER,
        MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS, 0, MEM_RELEASE | MEM_DECOMMIT };
    static const DWORD protects[] = { PAGE_READWRITE, PAGE_READWRITE, PAGE_READWRITE, PAGE_READONLY, PAGE_NOACCESS, PAGE_EXECUTE_READ,
        PAGE_EXECUTE_READWRITE, PAGE_WRITECOPY, PAGE_WRITECOPY, PAGE_READWRITE | PAGE_GUARD, PAGE_READWRITE | PAGE_NOCACHE, 0,
        PAGE_READWRITE | PAGE_READONLY, PAGE_READWRITE, PAGE_READONLY, PAGE_READWRITE };
    static const DWORD map_types[] = { 0, 0, 0, MEM_RESERVE, MEM_COMMIT, MEM_TOP_DOWN };
    static const DWORD map_types_3[] = { 0, MEM_REPLACE_PLACEHOLDER, MEM_REPLACE_PLACEHOLDER, MEM_RESERVE };
    static const DWORD unmaps[] = { 0, 0, MEM_PRESERVE_PLACEHOLDER, 4 };
    static const DWORD classes[] = { 0, 0, 2, 3, 5, 6, 7, 9 };
    static const SIZE_T lengths[] = { 0, 8, 16, 23, 24, 32, 40, 47, 48, 64, 200 };
    static const SIZE_T sizes[] = { 0, 1, K, K, 2 * K, 3 * K + 1, G, G, 2 * G, 3 * G };
    SIZE_T start = number(ARENA_SIZE / G) * G;

    if (number(6) == 0) start += number(16) * K + (number(4) ? 0 : number(K));
    call->what = (unsigned int)number(CALLS);
    if (made && number(4) && (call->what != ALLOCATE || number(2)) && call->what != ALLOCATE_2 && call->what != MAP)
        start = (SIZE_T)(recent[number(made < 16 ? made : 16)] - ARENA) + (number(3) ? 0 : number(3) * K);
    call->base = ARENA + start;
    call->size = one_of(sizes);
    if (call->size > ARENA_SIZE - start) call->size = ARENA_SIZE - start;
    call->offset = number(3) ? 0 : number(4) ? number(3) * G : number(6) * K;
    call->protect = one_of(protects);
    call->section = sections[number(SECTIONS)];
    call->class = one_of(classes);
    call->length = one_of(lengths);
    call->fill = (char)('a' + number(26));
    switch (call->what)
    {
    case ALLOCATE: call->type = one_of(types); break;
    case ALLOCATE_2: call->type = one_of(types_2); if (call->type & MEM_RESERVE_PLACEHOLDER) call->protect = PAGE_NOACCESS; break;
    case FREE: call->type = one_of(frees); if (call->type == MEM_RELEASE && number(2)) call->size = 0; break;
    case MAP: call->type = one_of(map_types); break;
    case MAP_3: call->type = one_of(map_types_3); break;
    case UNMAP: call->type = one_of(unmaps); break;
    default: break;
    }
}

static void perform(const struct call *call, HANDLE process, struct outcome *out)
{
    static char buffer[4 * G];
    SIZE_T done = 0x77, size = call->size;
    LPCVOID base = call->base;
    IO_STATUS_BLOCK io;
    DWORD old = 0x77;

    memset(out, 0, sizeof(*out));
    SetLastError(0);
    switch (call->what)
    {
    case ALLOCATE: out->value = (ULONG_PTR)VirtualAllocEx(process, call->base, size, call->type, call->protect); break;
    case FREE: out->value = VirtualFreeEx(process, call->base, size, call->type); break;
    case PROTECT:
        out->value = VirtualProtectEx(process, call->base, size, call->protect, &old);
        out->more = old;
        break;
    case ALLOCATE_2: out->value = (ULONG_PTR)pVirtualAlloc2(process, call->base, size, call->type, call->protect, NULL, 0); break;
    case MAP:
        out->value = (ULONG_PTR)pMapViewOfFileNuma2(call->section, process, call->offset, call->base, size, call->type, call->protect,
                                                    NUMA_NO_PREFERRED_NODE);
        break;
    case MAP_3:
        out->value = (ULONG_PTR)pMapViewOfFile3(call->section, process, call->base, call->offset, size, call->type, call->protect, NULL, 0);
        break;
    case UNMAP: out->value = pUnmapViewOfFile2(process, call->base, call->type); break;
    case WRITE:
        memset(buffer, call->fill, size);
        out->value = WriteProcessMemory(process, call->base, buffer, size, &done);
        out->more = done;
        break;
    case READ:
        memset(buffer, 0, size < 256 ? size : 256);
        out->value = ReadProcessMemory(process, call->base, buffer, size, &done);
        out->more = done;
        memcpy(out->data, buffer, size < 256 ? size : 256);
        break;
    case QUERY:
        out->value = (ULONG)pNtQueryVirtualMemory(process, call->base, call->class, out->data, call->length, &done);
        out->more = done;
        if (call->class == 2 && !out->value) memset(out->data + 8, 0, 8);       /* where the name is here */
        if (call->class == 5) memset(out->data, 0, 8);                          /* of all sections that a process has */
        break;
    case FLUSH:
        out->value = (ULONG)pNtFlushVirtualMemory(process, &base, &size, &io);
        out->more = (ULONG_PTR)base + size;
        break;
    }
    out->error = GetLastError();
}

/* ---- what is there afterwards ---------------------------------------------------------------------------------------- */

static BOOL same_memory(void)
{
    MEMORY_BASIC_INFORMATION info[2];
    char *at = ARENA;

    while (at < ARENA + ARENA_SIZE)
    {
        memset(info, 0, sizeof(info));
        for (int i = 0; i < 2; i++)
        {
            if (VirtualQueryEx(both[i], at, &info[i], sizeof(info[i])) != sizeof(info[i])) return FALSE;
            if ((char *)info[i].BaseAddress + info[i].RegionSize > ARENA + ARENA_SIZE)  /* what is behind it is another matter */
                info[i].RegionSize = (SIZE_T)(ARENA + ARENA_SIZE - (char *)info[i].BaseAddress);
        }
        if (memcmp(&info[0], &info[1], sizeof(info[0])))
        {
            ok(0, "at %p: here %p, %#lx, %#Ix, %#lx, %#lx, %#lx; there %p, %#lx, %#Ix, %#lx, %#lx, %#lx\n", at, info[0].AllocationBase,
               info[0].AllocationProtect, info[0].RegionSize, info[0].State, info[0].Protect, info[0].Type, info[1].AllocationBase,
               info[1].AllocationProtect, info[1].RegionSize, info[1].State, info[1].Protect, info[1].Type);
            return FALSE;
        }
        at += info[0].RegionSize;
    }
    return TRUE;
}

static void clear_arena(HANDLE process)
{
    MEMORY_BASIC_INFORMATION info;

    for (char *at = ARENA; at < ARENA + ARENA_SIZE && VirtualQueryEx(process, at, &info, sizeof(info)); at += info.RegionSize)
    {
        if (info.State == MEM_FREE) continue;
        if (info.Type == MEM_PRIVATE) VirtualFreeEx(process, info.AllocationBase, 0, MEM_RELEASE);
        else pUnmapViewOfFile2(process, info.AllocationBase, 0);
    }
}

static BOOL same_call(unsigned int number_of)
{
    struct outcome here, there;
    struct call call;
    BOOL same;

    choose(&call);
    perform(&call, both[0], &here);
    perform(&call, both[1], &there);
    if (here.value && !here.error && (call.what == ALLOCATE || call.what == ALLOCATE_2 || call.what == MAP || call.what == MAP_3))
        recent[made++ % 16] = (char *)here.value;
    same = !memcmp(&here, &there, sizeof(here));
    ok(same, "call %u, %s(%p, %#Ix, type %#lx, protection %#lx, offset %#I64x, section %d, class %lu, length %Iu): here %#I64x, %#I64x, error %lu; "
       "there %#I64x, %#I64x, error %lu\n", number_of, names[call.what], call.base, call.size, call.type, call.protect, call.offset,
       (int)(call.section == sections[0] ? 0 : call.section == sections[1] ? 1 : call.section == sections[2] ? 2 : 3), call.class,
       call.length, here.value, here.more, here.error, there.value, there.more, there.error);
    return same && same_memory();
}

static void test_same(struct target *target, ULONG64 seed, unsigned int calls)
{
    unsigned int i;

    both[0] = GetCurrentProcess();
    both[1] = target->info.hProcess;
    state = seed;
    for (i = 0; i < calls; i++)
    {
        if (i % 400 == 0)
        {
            clear_arena(both[0]);
            clear_arena(both[1]);
            made = 0;
        }
        if (!same_call(i)) break;
    }
    ok(i == calls, "seed %#I64x: differs after %u calls\n", seed, i);
    clear_arena(both[0]);
    clear_arena(both[1]);
}

START_TEST(remote_same)
{
    static const enum target_state states[] = { RUNNING, SUSPENDED, JUST_CREATED };
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    unsigned int calls = 1500;
    ULONG64 seed = 0x0123456789abcdefull;
    struct target target;
    HANDLE file;
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    if (!target_is_parent()) return;
    if (argc >= 3) seed = strtoull(argv[2], NULL, 0);
    if (argc >= 4) calls = strtoul(argv[3], NULL, 0);
    LOAD(MapViewOfFileNuma2);
    LOAD(MapViewOfFile3);
    LOAD(UnmapViewOfFile2);
    LOAD(VirtualAlloc2);
    pNtQueryVirtualMemory = (void *)GetProcAddress(ntdll, "NtQueryVirtualMemory");
    pNtFlushVirtualMemory = (void *)GetProcAddress(ntdll, "NtFlushVirtualMemory");
    file = temp_file(GENERIC_READ | GENERIC_WRITE, 2 * G + 3 * K, 'f');
    sections[0] = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * G, NULL);
    sections[1] = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 3 * G, NULL);
    sections[2] = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    sections[3] = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
    DuplicateHandle(GetCurrentProcess(), sections[0], GetCurrentProcess(), &sections[4], SECTION_MAP_READ | SECTION_QUERY, FALSE, 0);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
    {
        if (!target_start(&target, "remote_same", states[i])) continue;
        winetest_push_context("%s", target_state_names[states[i]]);
        test_same(&target, seed + i, calls);
        winetest_pop_context();
        target_kill(&target);
        target_close(&target);
    }
    for (size_t i = 0; i < SECTIONS; i++) CloseHandle(sections[i]);
    CloseHandle(file);
}
