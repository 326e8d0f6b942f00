/* The version resources of programs and libraries.
 *
 * The data is a tree of blocks: a header of three words (the block's length, its value's, and whether the value is text), a
 * name, the value, child blocks; everything aligned to four bytes. GetFileVersionInfo gives the resource and behind it as much room
 * again, where VerQueryValueA puts what it converts.
 */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _KERNEL32_     /* the header declares these functions as it does the kernel's */
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winuser.h"
#include "winver.h"

struct block
{
    WORD  length, value_length, is_text;
    WCHAR name[];
};

static const char marker[4] = "FE2X";       /* between the two halves, as Windows has it */

/* ---- reading the resource --------------------------------------------------------------------------- */
static HMODULE open_resource(const WCHAR *name, HRSRC *resource, DWORD *size)
{
    HMODULE module = LoadLibraryExW(name, NULL, LOAD_LIBRARY_AS_DATAFILE);

    DWORD error;

    if (!module)
    {
        if (GetLastError() == ERROR_BAD_EXE_FORMAT) SetLastError(ERROR_RESOURCE_DATA_NOT_FOUND);
        return NULL;
    }
    if ((*resource = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), (const WCHAR *)VS_FILE_INFO)) && (*size = SizeofResource(module, *resource)))
        return module;
    error = GetLastError();
    FreeLibrary(module);
    SetLastError(error);
    return NULL;
}

DWORD WINAPI GetFileVersionInfoSizeExW(DWORD flags, const WCHAR *name, DWORD *handle)
{
    HRSRC resource;
    HMODULE module;
    DWORD size;

    (void)flags;            /* there is one language, and no file beside for another */
    if (handle) *handle = 0;
    if (!name)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!name[0])
    {
        SetLastError(ERROR_BAD_PATHNAME);
        return 0;
    }
    if (!(module = open_resource(name, &resource, &size))) return 0;
    FreeLibrary(module);
    SetLastError(ERROR_SUCCESS);
    return 2 * size + sizeof(marker);
}

BOOL WINAPI GetFileVersionInfoExW(DWORD flags, const WCHAR *name, DWORD ignored, DWORD size, void *data)
{
    HRSRC resource;
    HMODULE module;
    DWORD length;
    WORD block_length;

    (void)ignored;
    (void)flags;
    if (!data)
    {
        SetLastError(ERROR_INVALID_DATA);
        return FALSE;
    }
    if (!(module = open_resource(name, &resource, &length))) return FALSE;
    if (length > size) length = size;
    memcpy(data, LoadResource(module, resource), length);
    FreeLibrary(module);
    if (length >= sizeof(WORD))
    {
        memcpy(&block_length, data, sizeof(block_length));
        if (size >= block_length + sizeof(marker) && block_length <= length) memcpy((BYTE *)data + block_length, marker, sizeof(marker));
    }
    SetLastError(ERROR_SUCCESS);
    return TRUE;
}

DWORD WINAPI GetFileVersionInfoSizeW(const WCHAR *name, DWORD *handle)
{
    return GetFileVersionInfoSizeExW(FILE_VER_GET_LOCALISED, name, handle);
}

BOOL WINAPI GetFileVersionInfoW(const WCHAR *name, DWORD ignored, DWORD size, void *data)
{
    return GetFileVersionInfoExW(FILE_VER_GET_LOCALISED, name, ignored, size, data);
}

static WCHAR *widen(const char *text)
{
    INT size = text ? MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0) : 0;
    WCHAR *wide = size ? HeapAlloc(GetProcessHeap(), 0, (SIZE_T)size * sizeof(WCHAR)) : NULL;

    if (wide) MultiByteToWideChar(CP_ACP, 0, text, -1, wide, size);
    return wide;
}

DWORD WINAPI GetFileVersionInfoSizeExA(DWORD flags, const char *name, DWORD *handle)
{
    WCHAR *wide = widen(name);
    DWORD size = GetFileVersionInfoSizeExW(flags, wide, handle);

    if (wide) HeapFree(GetProcessHeap(), 0, wide);
    return size;
}

BOOL WINAPI GetFileVersionInfoExA(DWORD flags, const char *name, DWORD ignored, DWORD size, void *data)
{
    WCHAR *wide = widen(name);
    BOOL ok = GetFileVersionInfoExW(flags, wide, ignored, size, data);

    if (wide) HeapFree(GetProcessHeap(), 0, wide);
    return ok;
}

DWORD WINAPI GetFileVersionInfoSizeA(const char *name, DWORD *handle)
{
    return GetFileVersionInfoSizeExA(FILE_VER_GET_LOCALISED, name, handle);
}

BOOL WINAPI GetFileVersionInfoA(const char *name, DWORD ignored, DWORD size, void *data)
{
    return GetFileVersionInfoExA(FILE_VER_GET_LOCALISED, name, ignored, size, data);
}

/* ---- looking into it -------------------------------------------------------------------------------- */
static const BYTE *align(const struct block *root, const void *p)
{
    return (const BYTE *)root + ((((const BYTE *)p - (const BYTE *)root) + 3) & ~(ptrdiff_t)3);
}

static const BYTE *block_value(const struct block *root, const struct block *block)
{
    return align(root, block->name + wcslen(block->name) + 1);
}

/* The child of a block by that name; every step stays inside the block. */
static const struct block *find_child(const struct block *root, const struct block *block, const WCHAR *name, size_t length)
{
    const BYTE *end = (const BYTE *)block + block->length;
    const struct block *child = (const struct block *)align(root, block_value(root, block) + block->value_length * (block->is_text ? sizeof(WCHAR) : 1));

    while ((const BYTE *)child + sizeof(*child) + sizeof(WCHAR) <= end && child->length >= sizeof(*child))
    {
        if (wcsnlen(child->name, child->length / sizeof(WCHAR)) == length && !_wcsnicmp(child->name, name, length)) return child;
        child = (const struct block *)align(root, (const BYTE *)child + child->length);
    }
    return NULL;
}

/* "\", "\VarFileInfo\Translation", "\StringFileInfo\040904b0\FileVersion" ... */
static const struct block *find_block(const struct block *root, const WCHAR *path)
{
    const struct block *block = root;

    while (*path)
    {
        size_t length;

        while (*path == '\\') path++;
        if (!*path) break;
        length = wcscspn(path, L"\\");
        if (!(block = find_child(root, block, path, length)))
        {
            SetLastError(ERROR_RESOURCE_TYPE_NOT_FOUND);
            return NULL;
        }
        path += length;
    }
    return block;
}

BOOL WINAPI VerQueryValueW(LPCVOID data, LPCWSTR path, LPVOID *value, PUINT size)
{
    const struct block *root = data, *block;

    if (!data) return FALSE;
    if (!(block = find_block(root, path ? path : L"")))
    {
        if (size) *size = 0;
        return FALSE;
    }
    *value = (void *)block_value(root, block);
    if (size) *size = block->value_length;
    return TRUE;
}

BOOL WINAPI VerQueryValueA(LPCVOID data, LPCSTR path, LPVOID *value, PUINT size)
{
    const struct block *root = data, *block;
    WCHAR *wide;

    if (!data || !(wide = widen(path ? path : ""))) return FALSE;
    block = find_block(root, wide);
    HeapFree(GetProcessHeap(), 0, wide);
    if (!block)
    {
        if (size) *size = 0;
        return FALSE;
    }
    *value = (void *)block_value(root, block);
    if (block->is_text && block->value_length)
    {
        /* The converted text goes to the same place in the second half, where there is room for twice as many bytes. */
        const WCHAR *text = *value;
        char *out = (char *)data + root->length + sizeof(marker) + ((const BYTE *)text - (const BYTE *)data);
        INT room = (INT)(2 * root->length + sizeof(marker) - (size_t)(out - (char *)data));
        INT length = WideCharToMultiByte(CP_ACP, 0, text, block->value_length, out, room, NULL, NULL);

        *value = out;
        if (size) *size = (UINT)length;
    }
    else if (size) *size = block->value_length;
    return TRUE;
}
