/* qsort, bsearch, _lfind.
 *
 * Quicksort with the median of three, by selection for eight elements or less and by heap when the recursion gets
 * suspiciously deep, so that no input costs more than n log n. */

#include <search.h>

#include "rtl.h"

#define SELECTION_MAX 8

typedef int (__cdecl *compare_fn)(const void *, const void *);

struct sort
{
    size_t size;
    compare_fn compare;
};

static void swap(const struct sort *s, char *a, char *b)
{
    size_t n = s->size;

    if (a == b) return;
    for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t), a += sizeof(uint64_t), b += sizeof(uint64_t))
    {
        uint64_t x, y;

        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        memcpy(a, &y, sizeof(y));
        memcpy(b, &x, sizeof(x));
    }
    for (; n; n--)
    {
        char c = *a;

        *a++ = *b;
        *b++ = c;
    }
}

static void selection_sort(const struct sort *s, char *first, char *last)
{
    for (; last > first; last -= s->size)
    {
        char *largest = first;

        for (char *p = first + s->size; p <= last; p += s->size)
            if (s->compare(p, largest) > 0) largest = p;
        swap(s, largest, last);
    }
}

static void sift_down(const struct sort *s, char *base, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child)
    {
        if (child + 1 < n && s->compare(base + child * s->size, base + (child + 1) * s->size) < 0) child++;
        if (s->compare(base + i * s->size, base + child * s->size) >= 0) return;
        swap(s, base + i * s->size, base + child * s->size);
    }
}

static void heap_sort(const struct sort *s, char *base, size_t n)
{
    for (size_t i = n / 2; i-- > 0; ) sift_down(s, base, i, n);
    while (n-- > 1)
    {
        swap(s, base, base + n * s->size);
        sift_down(s, base, 0, n);
    }
}

static void quick_sort(const struct sort *s, char *first, size_t n, int depth)
{
    const size_t size = s->size;

    while (n > SELECTION_MAX)
    {
        char *last = first + (n - 1) * size, *mid = first + n / 2 * size, *low = first, *high = last;
        size_t left;

        if (!depth--)
        {
            heap_sort(s, first, n);
            return;
        }
        if (s->compare(first, mid) > 0) swap(s, first, mid);
        if (s->compare(first, last) > 0) swap(s, first, last);
        if (s->compare(mid, last) > 0) swap(s, mid, last);

        /* The pivot waits at `first`'s neighbour; both ends are sentinels for the scans. */
        swap(s, mid, first + size);
        mid = low = first + size;
        for (;;)
        {
            do low += size; while (low < high && s->compare(low, mid) < 0);
            do high -= size; while (high > mid && s->compare(mid, high) < 0);
            if (low >= high) break;
            swap(s, low, high);
        }
        swap(s, mid, high);

        /* Recurse into the smaller half. */
        left = (high - first) / size;
        if (left < n - left - 1)
        {
            quick_sort(s, first, left, depth);
            first = high + size;
            n = n - left - 1;
        }
        else
        {
            quick_sort(s, high + size, n - left - 1, depth);
            n = left;
        }
    }
    if (n) selection_sort(s, first, first + (n - 1) * size);
}

void __cdecl qsort(void *base, size_t n, size_t size, compare_fn compare)
{
    const struct sort s = { size, compare };
    int depth = 2;

    if (!size || n < 2) return;
    for (size_t i = n; i; i >>= 1) depth += 2;
    quick_sort(&s, base, n, depth);
}

void * __cdecl bsearch(const void *key, const void *base, size_t n, size_t size, compare_fn compare)
{
    const char *first = base;

    while (n)
    {
        const char *mid = first + n / 2 * size;
        int order = compare(key, mid);

        if (!order) return (void *)mid;
        if (order > 0)
        {
            first = mid + size;
            n -= n / 2 + 1;
        }
        else n /= 2;
    }
    return NULL;
}

void * __cdecl bsearch_s(const void *key, const void *base, size_t n, size_t size,
                         int (__cdecl *compare)(void *, const void *, const void *), void *context)
{
    const char *first = base;

    if (!compare || !size || (!base && n)) return NULL;
    while (n)
    {
        const char *mid = first + n / 2 * size;
        int order = compare(context, key, mid);

        if (!order) return (void *)mid;
        if (order > 0)
        {
            first = mid + size;
            n -= n / 2 + 1;
        }
        else n /= 2;
    }
    return NULL;
}

void * __cdecl _lfind(const void *key, const void *base, unsigned int *n, unsigned int size, compare_fn compare)
{
    const char *p = base;

    for (unsigned int i = 0; i < *n; i++, p += size)
        if (!compare(key, p)) return (void *)p;
    return NULL;
}
