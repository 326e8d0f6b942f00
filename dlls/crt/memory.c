/* malloc and relatives over the process heap, and the small string helpers of the runtime itself. */
#include "crt.h"

typedef int (*new_handler)(size_t);
static new_handler on_no_memory;

static void *allocate(DWORD flags, size_t size)
{
    void *block;
    do
    {
        if ((block = HeapAlloc(GetProcessHeap(), flags, size ? size : 1))) return block;
    } while (on_no_memory && on_no_memory(size));
    errno = E_NOMEM;
    return NULL;
}
void *malloc(size_t size) { return allocate(0, size); }
void free(void *block) { if (block) HeapFree(GetProcessHeap(), 0, block); }
void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) { errno = E_NOMEM; return NULL; }
    return allocate(HEAP_ZERO_MEMORY, total);
}
void *realloc(void *block, size_t size)
{
    void *bigger;

    if (!block) return malloc(size);
    if (!size) { free(block); return NULL; }
    if (!(bigger = HeapReAlloc(GetProcessHeap(), 0, block, size))) errno = E_NOMEM;
    return bigger;
}
CRT_API(void *, _recalloc, void *block, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) { errno = E_NOMEM; return NULL; }
    if (!block) return calloc(count, size);
    return HeapReAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, block, total ? total : 1);
}
CRT_API(size_t, _msize, void *block) { return HeapSize(GetProcessHeap(), 0, block); }
CRT_API(void *, _expand, void *block, size_t size) { return HeapReAlloc(GetProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, block, size); }
CRT_API(intptr_t, _get_heap_handle, void) { return (intptr_t)GetProcessHeap(); }
CRT_API(int, _heapchk, void) { return HeapValidate(GetProcessHeap(), 0, NULL) ? -2 : -4; }
CRT_API(int, _heapmin, void) { return HeapCompact(GetProcessHeap(), 0) ? 0 : -1; }
CRT_API(int, _callnewh, size_t size) { return on_no_memory ? on_no_memory(size) : 0; }

/* an aligned block keeps the address of the block it lies in just below itself */
CRT_API(void *, _aligned_offset_malloc, size_t size, size_t alignment, size_t offset)
{
    uintptr_t block, at;

    if ((alignment & (alignment - 1)) || (offset && offset >= size)) { errno = E_INVAL; return NULL; }
    if (alignment < sizeof(void *)) alignment = sizeof(void *);
    if (size + alignment + sizeof(void *) < size) { errno = E_NOMEM; return NULL; }
    if (!(block = (uintptr_t)malloc(size + alignment + sizeof(void *)))) return NULL;
    at = ((block + sizeof(void *) + offset + alignment - 1) & ~(alignment - 1)) - offset;
    ((void **)(at & ~(sizeof(void *) - 1)))[-1] = (void *)block;
    return (void *)at;
}
CRT_API(void *, _aligned_malloc, size_t size, size_t alignment) { return _aligned_offset_malloc(size, alignment, 0); }
CRT_API(void, _aligned_free, void *block)
{
    if (block) free(((void **)((uintptr_t)block & ~(sizeof(void *) - 1)))[-1]);
}
CRT_API(void *, _aligned_offset_realloc, void *block, size_t size, size_t alignment, size_t offset)
{
    void *bigger;
    size_t old;

    if (!block) return _aligned_offset_malloc(size, alignment, offset);
    if (!size) { _aligned_free(block); return NULL; }
    old = _msize(((void **)((uintptr_t)block & ~(sizeof(void *) - 1)))[-1]);
    old -= (uintptr_t)block - (uintptr_t)((void **)((uintptr_t)block & ~(sizeof(void *) - 1)))[-1];
    if (!(bigger = _aligned_offset_malloc(size, alignment, offset))) return NULL;
    memcpy(bigger, block, old < size ? old : size);
    _aligned_free(block);
    return bigger;
}
CRT_API(void *, _aligned_realloc, void *block, size_t size, size_t alignment)
{
    return _aligned_offset_realloc(block, size, alignment, 0);
}

/* operator new and delete, and the handler for when there is no memory */
void *crt_operator_new(size_t size);
void crt_operator_delete(void *block);
void *crt_operator_new(size_t size) { return malloc(size); }
void crt_operator_delete(void *block) { free(block); }
new_handler crt_set_new_handler(new_handler handler);
new_handler crt_set_new_handler(new_handler handler)
{
    new_handler old = on_no_memory;
    on_no_memory = handler;
    return old;
}

char *crt_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    return copy ? memcpy(copy, s, n) : NULL;
}
crt_wchar *crt_wcsdup(const crt_wchar *s)
{
    size_t n = (wcslen(s) + 1) * sizeof(*s);
    crt_wchar *copy = malloc(n);
    return copy ? memcpy(copy, s, n) : NULL;
}
crt_wchar *crt_to_wide(const char *s)
{
    int n = MultiByteToWideChar(CP_ACP, 0, s, -1, NULL, 0);
    crt_wchar *wide = n > 0 ? malloc(n * sizeof(*wide)) : NULL;
    if (wide) MultiByteToWideChar(CP_ACP, 0, s, -1, (WCHAR *)wide, n);
    return wide;
}
char *crt_to_narrow(const crt_wchar *s)
{
    int n = WideCharToMultiByte(CP_ACP, 0, (const WCHAR *)s, -1, NULL, 0, NULL, NULL);
    char *narrow = n > 0 ? malloc(n) : NULL;
    if (narrow) WideCharToMultiByte(CP_ACP, 0, (const WCHAR *)s, -1, narrow, n, NULL, NULL);
    return narrow;
}
