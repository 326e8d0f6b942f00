/* RTL_BITMAP: bits, runs of bits, and the search for them (ntdll:rtlbitmap). */

#include "rtl.h"

extern void WINAPI RtlSetBit(RTL_BITMAP *map, ULONG bit);
extern void WINAPI RtlClearBit(RTL_BITMAP *map, ULONG bit);
extern BOOLEAN WINAPI RtlTestBit(RTL_BITMAP *map, ULONG bit);
extern CCHAR WINAPI RtlFindMostSignificantBit(ULONGLONG value);
extern CCHAR WINAPI RtlFindLeastSignificantBit(ULONGLONG value);

#define NONE (~0u)

static inline bool get(const RTL_BITMAP *map, ULONG bit)
{
    return map->Buffer[bit / 32] >> bit % 32 & 1;
}

void WINAPI RtlInitializeBitMap(RTL_BITMAP *map, ULONG *buffer, ULONG bits)
{
    map->SizeOfBitMap = bits;
    map->Buffer = buffer;
}

void WINAPI RtlSetAllBits(RTL_BITMAP *map)
{
    memset(map->Buffer, 0xff, ALIGN_UP(map->SizeOfBitMap, 32) / 8);
}

void WINAPI RtlClearAllBits(RTL_BITMAP *map)
{
    memset(map->Buffer, 0, ALIGN_UP(map->SizeOfBitMap, 32) / 8);
}

static bool is_in_range(const RTL_BITMAP *map, ULONG start, ULONG count)
{
    return count && start < map->SizeOfBitMap && count <= map->SizeOfBitMap - start;
}

static void change(RTL_BITMAP *map, ULONG start, ULONG count, bool value)
{
    if (!is_in_range(map, start, count)) return;
    while (count)
    {
        ULONG at = start % 32, n = 32 - at < count ? 32 - at : count, mask = (n == 32 ? ~0u : (1u << n) - 1) << at;

        if (value) map->Buffer[start / 32] |= mask;
        else map->Buffer[start / 32] &= ~mask;
        start += n;
        count -= n;
    }
}

void WINAPI RtlSetBits(RTL_BITMAP *map, ULONG start, ULONG count)
{
    change(map, start, count, true);
}

void WINAPI RtlClearBits(RTL_BITMAP *map, ULONG start, ULONG count)
{
    change(map, start, count, false);
}

void WINAPI RtlSetBit(RTL_BITMAP *map, ULONG bit)
{
    change(map, bit, 1, true);
}

void WINAPI RtlClearBit(RTL_BITMAP *map, ULONG bit)
{
    change(map, bit, 1, false);
}

BOOLEAN WINAPI RtlTestBit(RTL_BITMAP *map, ULONG bit)
{
    return bit < map->SizeOfBitMap && get(map, bit);
}

/* How many bits from `start` on have this value. */
static ULONG run_length(const RTL_BITMAP *map, ULONG start, bool value)
{
    ULONG at = start, flip = value ? ~0u : 0;

    while (at < map->SizeOfBitMap)
    {
        /* Zero where the value is right. */
        ULONG wrong = (map->Buffer[at / 32] ^ flip) >> at % 32;

        if (wrong)
        {
            at += __builtin_ctz(wrong);
            break;
        }
        at += 32 - at % 32;
    }
    return (at < map->SizeOfBitMap ? at : map->SizeOfBitMap) - start;
}

static bool are(const RTL_BITMAP *map, ULONG start, ULONG count, bool value)
{
    return is_in_range(map, start, count) && run_length(map, start, value) >= count;
}

BOOLEAN WINAPI RtlAreBitsSet(PCRTL_BITMAP map, ULONG start, ULONG count)
{
    return are(map, start, count, true);
}

BOOLEAN WINAPI RtlAreBitsClear(PCRTL_BITMAP map, ULONG start, ULONG count)
{
    return are(map, start, count, false);
}

/* The first run of at least `count` in [from, to), or NONE. */
static ULONG find_in(const RTL_BITMAP *map, ULONG from, ULONG to, ULONG count, bool value)
{
    while (from < to && to - from >= count)
    {
        ULONG n = run_length(map, from, value);

        if (n > to - from) n = to - from;
        if (n >= count) return from;
        from += n;
        from += run_length(map, from, !value);
    }
    return NONE;
}

/* From the hint to the end, then from the start. A count of zero finds the hint's multiple of 8. */
static ULONG find(const RTL_BITMAP *map, ULONG count, ULONG hint, bool value)
{
    ULONG pos;

    if (hint >= map->SizeOfBitMap) hint = 0;
    if (!count) return hint & ~7u;
    if (count > map->SizeOfBitMap) return NONE;
    if ((pos = find_in(map, hint, map->SizeOfBitMap, count, value)) != NONE || !hint) return pos;
    return find_in(map, 0, hint + count < map->SizeOfBitMap ? hint + count : map->SizeOfBitMap, count, value);
}

ULONG WINAPI RtlFindSetBits(PCRTL_BITMAP map, ULONG count, ULONG hint)
{
    return find(map, count, hint, true);
}

ULONG WINAPI RtlFindClearBits(PCRTL_BITMAP map, ULONG count, ULONG hint)
{
    return find(map, count, hint, false);
}

ULONG WINAPI RtlFindSetBitsAndClear(RTL_BITMAP *map, ULONG count, ULONG hint)
{
    ULONG pos = find(map, count, hint, true);

    if (pos != NONE) change(map, pos, count, false);
    return pos;
}

ULONG WINAPI RtlFindClearBitsAndSet(RTL_BITMAP *map, ULONG count, ULONG hint)
{
    ULONG pos = find(map, count, hint, false);

    if (pos != NONE) change(map, pos, count, true);
    return pos;
}

ULONG WINAPI RtlNumberOfSetBits(PCRTL_BITMAP map)
{
    ULONG total = 0, words = map->SizeOfBitMap / 32, rest = map->SizeOfBitMap % 32;

    for (ULONG i = 0; i < words; i++) total += __builtin_popcount(map->Buffer[i]);
    if (rest) total += __builtin_popcount(map->Buffer[words] & ((1u << rest) - 1));
    return total;
}

ULONG WINAPI RtlNumberOfClearBits(PCRTL_BITMAP map)
{
    return map->SizeOfBitMap - RtlNumberOfSetBits(map);
}

/* ---- runs ---- */

static ULONG next_run(const RTL_BITMAP *map, ULONG from, ULONG *start, bool value)
{
    if (from >= map->SizeOfBitMap)
    {
        *start = from;
        return 0;
    }
    *start = from + run_length(map, from, !value);
    return *start < map->SizeOfBitMap ? run_length(map, *start, value) : 0;
}

ULONG WINAPI RtlFindNextForwardRunSet(PCRTL_BITMAP map, ULONG from, ULONG *start)
{
    return next_run(map, from, start, true);
}

ULONG WINAPI RtlFindNextForwardRunClear(PCRTL_BITMAP map, ULONG from, ULONG *start)
{
    return next_run(map, from, start, false);
}

/* The run that ends at or before `from`. */
static ULONG last_run(const RTL_BITMAP *map, ULONG from, ULONG *start, bool value)
{
    ULONG end;

    if (!map->SizeOfBitMap) return 0;
    if (from >= map->SizeOfBitMap) from = map->SizeOfBitMap - 1;
    for (end = from + 1; end && get(map, end - 1) != value; end--) {}
    if (!end) return 0;
    for (*start = end - 1; *start && get(map, *start - 1) == value; --*start) {}
    return end - *start;
}

ULONG WINAPI RtlFindLastBackwardRunSet(PCRTL_BITMAP map, ULONG from, ULONG *start)
{
    return last_run(map, from, start, true);
}

ULONG WINAPI RtlFindLastBackwardRunClear(PCRTL_BITMAP map, ULONG from, ULONG *start)
{
    return last_run(map, from, start, false);
}

/* The first `max` runs, or the longest ones, which come sorted by length. */
static ULONG find_runs(const RTL_BITMAP *map, RTL_BITMAP_RUN *runs, ULONG max, bool longest, bool value)
{
    ULONG n = 0, start, len;

    if (!max) return 0;
    for (ULONG at = 0; (len = next_run(map, at, &start, value)); at = start + len)
    {
        ULONG i;

        if (!longest)
        {
            runs[n] = (RTL_BITMAP_RUN){ start, len };
            if (++n == max) break;
            continue;
        }
        if (n == max)
        {
            if (len <= runs[n - 1].NumberOfBits) continue;
            n--;
        }
        for (i = n++; i && runs[i - 1].NumberOfBits < len; i--) runs[i] = runs[i - 1];
        runs[i] = (RTL_BITMAP_RUN){ start, len };
    }
    return n;
}

ULONG WINAPI RtlFindSetRuns(PCRTL_BITMAP map, PRTL_BITMAP_RUN runs, ULONG max, BOOLEAN longest)
{
    return find_runs(map, runs, max, longest, true);
}

ULONG WINAPI RtlFindClearRuns(PCRTL_BITMAP map, PRTL_BITMAP_RUN runs, ULONG max, BOOLEAN longest)
{
    return find_runs(map, runs, max, longest, false);
}

static ULONG longest_run(const RTL_BITMAP *map, ULONG *start, bool value)
{
    RTL_BITMAP_RUN run;

    if (!find_runs(map, &run, 1, true, value)) return 0;
    if (start) *start = run.StartingIndex;
    return run.NumberOfBits;
}

ULONG WINAPI RtlFindLongestRunSet(PCRTL_BITMAP map, ULONG *start)
{
    return longest_run(map, start, true);
}

ULONG WINAPI RtlFindLongestRunClear(PCRTL_BITMAP map, ULONG *start)
{
    return longest_run(map, start, false);
}

/* ---- bits of a number; -1 if there is none ---- */

CCHAR WINAPI RtlFindMostSignificantBit(ULONGLONG value)
{
    return value ? (CCHAR)(63 - __builtin_clzll(value)) : -1;
}

CCHAR WINAPI RtlFindLeastSignificantBit(ULONGLONG value)
{
    return value ? (CCHAR)__builtin_ctzll(value) : -1;
}
