/* memcpy and relatives.
 *
 * Blocks up to 16 bytes are two overlapping loads and stores, up to 32 two vectors, beyond that a vector loop; long
 * copies use the string instructions, which every x86-64 since 2012 runs at cache-line speed (CPUID "ERMS", not
 * asked for: older ones are slower there but right). Every load happens before the store it could clobber, so
 * memcpy and memmove are one function. */

#include <emmintrin.h>

#include "rtl.h"

#define STRING_MOVE_MIN 1024

typedef uint16_t u16 __attribute__((may_alias, aligned(1)));
typedef uint32_t u32 __attribute__((may_alias, aligned(1)));
typedef uint64_t u64 __attribute__((may_alias, aligned(1)));

static inline __m128i load(const void *p)
{
    return _mm_loadu_si128(p);
}

static inline void store(void *p, __m128i v)
{
    _mm_storeu_si128(p, v);
}

static void move_long(unsigned char *d, const unsigned char *s, size_t n)
{
    __m128i edge;

    if ((size_t)(d - s) >= n)       /* also taken when d lies below s */
    {
        if (n >= STRING_MOVE_MIN && (size_t)(s - d) >= 64)
        {
            asm volatile ("rep movsb" : "+D" (d), "+S" (s), "+c" (n) : : "memory");
            return;
        }
        unsigned char *last = d + n - 16;

        edge = load(s + n - 16);
        for (; d < last; d += 16, s += 16) store(d, load(s));
        store(last, edge);
        return;
    }
    edge = load(s);
    for (; n > 16; n -= 16) store(d + n - 16, load(s + n - 16));
    store(d, edge);
}

void * __cdecl memmove(void *dst, const void *src, size_t n)
{
    unsigned char *d = dst;
    const unsigned char *s = src;

    if (n > 32)
    {
        if (n <= 64)
        {
            __m128i a = load(s), b = load(s + 16), c = load(s + n - 32), e = load(s + n - 16);

            store(d, a);
            store(d + 16, b);
            store(d + n - 32, c);
            store(d + n - 16, e);
        }
        else move_long(d, s, n);
    }
    else if (n >= 16)
    {
        __m128i a = load(s), b = load(s + n - 16);

        store(d, a);
        store(d + n - 16, b);
    }
    else if (n >= 8)
    {
        uint64_t a = *(const u64 *)s, b = *(const u64 *)(s + n - 8);

        *(u64 *)d = a;
        *(u64 *)(d + n - 8) = b;
    }
    else if (n >= 4)
    {
        uint32_t a = *(const u32 *)s, b = *(const u32 *)(s + n - 4);

        *(u32 *)d = a;
        *(u32 *)(d + n - 4) = b;
    }
    else if (n >= 2)
    {
        uint16_t a = *(const u16 *)s, b = *(const u16 *)(s + n - 2);

        *(u16 *)d = a;
        *(u16 *)(d + n - 2) = b;
    }
    else if (n) *d = *s;
    return dst;
}

void * __cdecl memcpy(void *dst, const void *src, size_t n)
{
    return memmove(dst, src, n);
}

void * __cdecl memset(void *dst, int c, size_t n)
{
    unsigned char *d = dst;
    __m128i v = _mm_set1_epi8((char)c);

    if (n >= 16)
    {
        if (n >= STRING_MOVE_MIN)
        {
            void *p = dst;
            asm volatile ("rep stosb" : "+D" (p), "+c" (n) : "a" (c) : "memory");
            return dst;
        }
        for (size_t i = 0; i < n - 16; i += 16) store(d + i, v);
        store(d + n - 16, v);
    }
    else if (n >= 4)
    {
        uint32_t w = (uint32_t)_mm_cvtsi128_si32(v);
        size_t half = (n & 8) >> 1;

        *(u32 *)d = w;
        *(u32 *)(d + half) = w;
        *(u32 *)(d + n - 4 - half) = w;
        *(u32 *)(d + n - 4) = w;
    }
    else if (n)
    {
        d[0] = d[n / 2] = d[n - 1] = (unsigned char)c;
    }
    return dst;
}

int __cdecl memcmp(const void *ptr1, const void *ptr2, size_t n)
{
    const unsigned char *a = ptr1, *b = ptr2;

    for (; n >= 16; a += 16, b += 16, n -= 16)
    {
        unsigned int same = _mm_movemask_epi8(_mm_cmpeq_epi8(load(a), load(b)));

        if (same != 0xffff)
        {
            unsigned int i = __builtin_ctz(~same);
            return a[i] < b[i] ? -1 : 1;
        }
    }
    for (; n; a++, b++, n--)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}

void * __cdecl memchr(const void *ptr, int c, size_t n)
{
    const unsigned char *p = ptr;

    for (; n; p++, n--)
        if (*p == (unsigned char)c) return (void *)p;
    return NULL;
}

void * __cdecl _memccpy(void *dst, const void *src, int c, size_t n)
{
    const unsigned char *s = src;
    unsigned char *d = dst;

    while (n--)
        if ((*d++ = *s++) == (unsigned char)c) return d;
    return NULL;
}

int __cdecl _memicmp(const void *ptr1, const void *ptr2, size_t n)
{
    const unsigned char *a = ptr1, *b = ptr2;
    int diff;

    for (; n; a++, b++, n--)
        if ((diff = tolower(*a) - tolower(*b))) return diff;
    return 0;
}

/* The checked forms of ntdll call no handler: they clear what they can and return an errno value. */
errno_t __cdecl memcpy_s(void *dst, size_t size, const void *src, size_t n)
{
    if (!n) return 0;
    if (!dst) return EINVAL;
    if (!src || size < n)
    {
        memset(dst, 0, size);
        return src ? ERANGE : EINVAL;
    }
    memmove(dst, src, n);
    return 0;
}

errno_t __cdecl memmove_s(void *dst, size_t size, const void *src, size_t n)
{
    if (!n) return 0;
    if (!dst || !src) return EINVAL;
    if (size < n) return ERANGE;
    memmove(dst, src, n);
    return 0;
}

#undef RtlMoveMemory
#undef RtlCopyMemory
#undef RtlFillMemory
#undef RtlZeroMemory

void WINAPI RtlMoveMemory(void *dst, const void *src, SIZE_T n);
void WINAPI RtlCopyMemory(void *dst, const void *src, SIZE_T n);
void WINAPI RtlCopyMemoryNonTemporal(void *dst, const void *src, SIZE_T n);
void WINAPI RtlFillMemory(void *dst, SIZE_T n, BYTE c);
void WINAPI RtlZeroMemory(void *dst, SIZE_T n);
void WINAPI RtlFillMemoryUlong(ULONG *dst, SIZE_T bytes, ULONG value);
SIZE_T WINAPI RtlCompareMemoryUlong(void *dst, SIZE_T bytes, ULONG value);

void WINAPI RtlMoveMemory(void *dst, const void *src, SIZE_T n)
{
    memmove(dst, src, n);
}

void WINAPI RtlCopyMemory(void *dst, const void *src, SIZE_T n)
{
    memmove(dst, src, n);
}

void WINAPI RtlCopyMemoryNonTemporal(void *dst, const void *src, SIZE_T n)
{
    memmove(dst, src, n);
}

void WINAPI RtlFillMemory(void *dst, SIZE_T n, BYTE c)
{
    memset(dst, c, n);
}

void WINAPI RtlZeroMemory(void *dst, SIZE_T n)
{
    memset(dst, 0, n);
}

void WINAPI RtlFillMemoryUlong(ULONG *dst, SIZE_T bytes, ULONG value)
{
    for (SIZE_T i = 0; i < bytes / sizeof(*dst); i++) dst[i] = value;
}

/* How many leading bytes are equal. */
SIZE_T WINAPI RtlCompareMemory(const void *ptr1, const void *ptr2, SIZE_T n)
{
    const unsigned char *a = ptr1, *b = ptr2;
    SIZE_T i = 0;

    while (i < n && a[i] == b[i]) i++;
    return i;
}

/* How many leading bytes are made of whole ULONGs of this value. */
SIZE_T WINAPI RtlCompareMemoryUlong(void *dst, SIZE_T bytes, ULONG value)
{
    const ULONG *p = dst;
    SIZE_T i = 0, n = bytes / sizeof(*p);

    if ((ULONG_PTR)dst & 3) return 0;
    while (i < n && p[i] == value) i++;
    return i * sizeof(*p);
}
