/* Working sets (§15): what is told of them, what empties them, and that the numbers are the kernel's own. */
#include <stdlib.h>
#include "memory.h"
#include "psapi.h"

/* PROCESS_MEMORY_COUNTERS_EX and PSAPI_WORKING_SET_INFORMATION, which Wine's header has not. */
struct counters_ex { PROCESS_MEMORY_COUNTERS basic; SIZE_T private_usage; };
struct working_set { ULONG_PTR count; union { ULONG_PTR flags; struct { ULONG_PTR protection : 5, share_count : 3, shared : 1, reserved : 3, page : 52; }; } entries[0x10000]; };

/* ---- what is told ------------------------------------------------------------------------------------------- */

static BOOL is_valid(void *at)
{
    PSAPI_WORKING_SET_EX_INFORMATION info = { .VirtualAddress = at };

    return K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)) && info.VirtualAttributes.Valid;
}

/* How many pages of [p, p + size) QueryWorkingSet lists, all with this protection. */
static SIZE_T count_listed(char *p, SIZE_T size, unsigned int protection)
{
    static struct working_set set;
    SIZE_T count = 0, before = 0, disorder = 0, others = 0;

    works(K32QueryWorkingSet(GetCurrentProcess(), &set, sizeof(set)));
    for (SIZE_T i = 0; i < set.count; i++)
    {
        ULONG_PTR page = set.entries[i].page;

        disorder += page <= before;
        before = page;
        if (page < (ULONG_PTR)p / K || page >= ((ULONG_PTR)p + size) / K) continue;
        count++;
        others += set.entries[i].protection != protection;
    }
    ok(!disorder && !others, "%Iu pages are out of order, %Iu have another protection\n", disorder, others);
    return count;
}

static SIZE_T count_valid(char *p, SIZE_T size)
{
    SIZE_T count = 0;

    for (SIZE_T at = 0; at < size; at += K) count += is_valid(p + at);
    return count;
}

/* ---- what the kernel says: /proc/self/smaps, where there is one ------------------------------------------------ */

static char *read_proc(const char *path)
{
    HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, 0);
    SIZE_T room = 0x400000, length = 0;
    char *text;
    DWORD done;

    if (file == INVALID_HANDLE_VALUE) return NULL;
    text = malloc(room);
    while (length < room - 1 && ReadFile(file, text + length, (DWORD)(room - 1 - length), &done, NULL) && done) length += done;
    text[length] = 0;
    CloseHandle(file);
    return text;
}

static unsigned long long kilobytes(const char *text, const char *name)
{
    const char *line = text ? strstr(text, name) : NULL;

    return line ? strtoull(line + strlen(name), NULL, 10) : ~0ull;
}

/* That field of the mapping which begins at p, in pages. */
static SIZE_T smaps_pages(const void *p, const char *name)
{
    char *text = read_proc("Z:\\proc\\self\\smaps"), begin[32], *line;
    unsigned long long result = ~0ull;

    sprintf(begin, "%llx-", (unsigned long long)(ULONG_PTR)p);
    for (line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (!strncmp(line, begin, strlen(begin)))
        {
            result = kilobytes(line, name);
            break;
        }
    free(text);
    return result == ~0ull ? ~(SIZE_T)0 : (SIZE_T)(result / 4);
}

static BOOL have_smaps(void)
{
    char *text = read_proc("Z:\\proc\\self\\smaps");
    BOOL have = text && strstr(text, "Rss:");

    free(text);
    return have;
}

/* Without pagemap a page of a section is in the working set if it is in memory. */
static BOOL have_pagemap(void)
{
    char list[256] = "", *name = list;

    GetEnvironmentVariableA("ORIEL_DISABLE", list, sizeof(list));
    while ((name = strstr(name, "pagemap")) && name[7] == '_') name++;
    return !name;
}

/* §15-9: pages that were touched, and only those */
static void test_private(BOOL smaps)
{
    char *p = VirtualAlloc(NULL, 256 * K, MEM_RESERVE, PAGE_READWRITE), *q = p + 64 * K;

    VirtualAlloc(q, 128 * K, MEM_COMMIT, PAGE_READWRITE);       /* a mapping of its own: reserved pages on both sides */
    ok(!count_valid(p, 256 * K) && !count_listed(p, 256 * K, 4), "untouched pages are in the working set\n");
    for (unsigned i = 0; i < 40; i++) q[i * 2 * K] = 1;
    ok(count_valid(p, 256 * K) == 40, "%Iu pages are valid\n", count_valid(p, 256 * K));
    ok(count_listed(p, 256 * K, 4) == 40, "%Iu pages are listed\n", count_listed(p, 256 * K, 4));
    if (smaps) ok(smaps_pages(q, "Rss:") == 40, "the kernel has %Iu pages\n", smaps_pages(q, "Rss:"));

    works(VirtualLock(q, 10 * K));
    ok(count_valid(q, 10 * K) == 10 && count_listed(p, 256 * K, 4) == 45, "%Iu pages are listed\n", count_listed(p, 256 * K, 4));
    if (smaps)
    {
        SIZE_T locked = smaps_pages(q, "Locked:"), resident = smaps_pages(q, "Rss:");

        ok(locked == 10 && resident == 10, "the kernel has locked %Iu of %Iu pages\n", locked, resident);
    }
    works(VirtualUnlock(q, 10 * K));
    works(VirtualFree(q, 128 * K, MEM_DECOMMIT));
    ok(!count_valid(p, 256 * K) && !count_listed(p, 256 * K, 4), "decommitted pages are in the working set\n");
    VirtualFree(p, 0, MEM_RELEASE);
}

/* §15-9: views */
static void test_view(BOOL smaps)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 64 * K, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *copy = MapViewOfFile(section, FILE_MAP_COPY, 0, 0, 0);
    PSAPI_WORKING_SET_EX_INFORMATION info = { .VirtualAddress = copy };

    for (unsigned i = 0; i < 20; i++) view[i * K] = 1;
    ok(count_valid(view, 64 * K) == 20, "%Iu pages are valid\n", count_valid(view, 64 * K));
    if (have_pagemap()) ok(!count_valid(copy, 64 * K), "the other view's are\n");
    if (smaps) ok(smaps_pages(view, "Rss:") == 20, "the kernel has %Iu pages\n", smaps_pages(view, "Rss:"));
    copy[0] = 2;
    works(K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)));
    ok(info.VirtualAttributes.Valid && !info.VirtualAttributes.Shared && info.VirtualAttributes.Win32Protection == PAGE_READWRITE,
       "a copy has flags %#Ix\n", info.VirtualAttributes.Flags);
    info.VirtualAddress = view;
    works(K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)));
    ok(info.VirtualAttributes.Valid && info.VirtualAttributes.Shared && info.VirtualAttributes.Win32Protection == PAGE_READWRITE,
       "a shared page has flags %#Ix\n", info.VirtualAttributes.Flags);

    /* §15-3: unlocking what is not locked takes it out of the working set */
    fails(VirtualUnlock(view, 20 * K), ERROR_NOT_LOCKED);
    if (smaps && have_pagemap()) ok(!count_valid(view, 64 * K), "%Iu pages are valid\n", count_valid(view, 64 * K));
    ok(view[19 * K] == 1 && is_valid(view + 19 * K), "contents are lost\n");
    UnmapViewOfFile(view);
    UnmapViewOfFile(copy);
    CloseHandle(section);
}

/* §15-8 */
static void test_empty(BOOL smaps)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 64 * K, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *p = VirtualAlloc(NULL, 16 * K, MEM_COMMIT, PAGE_READWRITE);

    for (unsigned i = 0; i < 16; i++) view[i * K] = p[i * K] = (char)i;
    works(VirtualLock(view + K, K));
    fails(SetProcessWorkingSetSizeEx(GetCurrentProcess(), ~(SIZE_T)0, ~(SIZE_T)0, QUOTA_LIMITS_HARDWS_MIN_ENABLE), ERROR_INVALID_PARAMETER);
    ok(is_valid(view), "a refused call took it out\n");
    works(K32EmptyWorkingSet(GetCurrentProcess()));
    ok(is_valid(view + K), "a locked page is gone\n");
    if (smaps)
    {
        if (have_pagemap()) ok(count_valid(view, 64 * K) == 1, "%Iu pages are valid\n", count_valid(view, 64 * K));
        ok(smaps_pages(view, "Rss:") == 1 || smaps_pages(view + K, "Rss:") == 1, "the kernel has others\n");
    }
    for (unsigned i = 0; i < 16; i++) ok(view[i * K] == (char)i && p[i * K] == (char)i, "page %u: contents are lost\n", i);
    works(SetProcessWorkingSetSize(GetCurrentProcess(), ~(SIZE_T)0, ~(SIZE_T)0));
    fails(K32EmptyWorkingSet(NULL), ERROR_INVALID_HANDLE);
    VirtualUnlock(view + K, K);
    VirtualFree(p, 0, MEM_RELEASE);
    UnmapViewOfFile(view);
    CloseHandle(section);
}

/* §15-9: the process's sums; others may come and go while they are looked at */
static void test_sums(void)
{
    struct counters_ex counters = { .basic.cb = sizeof(counters) };
    char *p = VirtualAlloc(NULL, 0x800000, MEM_COMMIT, PAGE_READWRITE), *text;
    unsigned long long resident;
    SIZE_T before;

    works(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters.basic, sizeof(counters)));
    before = counters.basic.WorkingSetSize;
    memset(p, 1, 0x800000);
    works(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters.basic, sizeof(counters)));
    ok(counters.basic.WorkingSetSize >= before + 0x780000 && counters.basic.WorkingSetSize < before + 0x900000, "%Iu, then %Iu bytes\n", before, counters.basic.WorkingSetSize);
    ok(counters.basic.PeakWorkingSetSize >= counters.basic.WorkingSetSize, "peak %Iu\n", counters.basic.PeakWorkingSetSize);
    text = read_proc("Z:\\proc\\self\\smaps_rollup");
    works(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters.basic, sizeof(counters)));
    if (text && (resident = kilobytes(text, "Rss:")) != ~0ull)
        ok(counters.basic.WorkingSetSize / K < resident / 4 + 512 && counters.basic.WorkingSetSize / K + 512 > resident / 4,
           "%Iu bytes, the kernel has %I64u kB\n", counters.basic.WorkingSetSize, resident);
    free(text);
    VirtualFree(p, 0, MEM_RELEASE);
}

START_TEST(working_set)
{
    BOOL smaps = have_smaps();

    if (!smaps) trace("no /proc/self/smaps to compare with\n");
    test_private(smaps);
    test_view(smaps);
    test_empty(smaps);
    test_sums();
}
