/* Streams on files. */
#include <stdarg.h>
#include <string.h>

#define _SHLWAPI_
#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "objbase.h"
#include "shlwapi.h"
#include "../ole32/stream.h"

struct stream
{
    IStream iface;
    LONG    refs;
    HANDLE  file;
    DWORD   mode;
    WCHAR   name[];         /* what it was opened by, for stat */
};

static struct stream *stream_of(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct stream, iface);
}

static HRESULT last_error(void)
{
    return HRESULT_FROM_WIN32(GetLastError());
}

static ULONG STDMETHODCALLTYPE stream_add_ref(IStream *iface)
{
    return (ULONG)InterlockedIncrement(&stream_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE stream_release(IStream *iface)
{
    struct stream *stream = stream_of(iface);
    LONG refs = InterlockedDecrement(&stream->refs);

    if (!refs)
    {
        CloseHandle(stream->file);
        HeapFree(GetProcessHeap(), 0, stream);
    }
    return (ULONG)refs;
}

static HRESULT STDMETHODCALLTYPE stream_read(IStream *iface, void *buffer, ULONG size, ULONG *done)
{
    DWORD count = 0;
    BOOL ok = ReadFile(stream_of(iface)->file, buffer, size, &count, NULL);

    if (done) *done = count;
    return !ok ? last_error() : count == size ? S_OK : S_FALSE;
}

static HRESULT STDMETHODCALLTYPE stream_write(IStream *iface, const void *buffer, ULONG size, ULONG *done)
{
    DWORD count = 0;
    BOOL ok;

    if ((stream_of(iface)->mode & 3) == STGM_READ) return STG_E_ACCESSDENIED;
    ok = WriteFile(stream_of(iface)->file, buffer, size, &count, NULL);
    if (done) *done = count;
    return ok ? S_OK : last_error();
}

static HRESULT STDMETHODCALLTYPE stream_seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *position)
{
    LARGE_INTEGER result;

    /* STREAM_SEEK_x and FILE_x have the same values. */
    if (origin > STREAM_SEEK_END) return STG_E_INVALIDFUNCTION;
    if (!SetFilePointerEx(stream_of(iface)->file, move, &result, origin)) return last_error();
    if (position) position->QuadPart = (ULONGLONG)result.QuadPart;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_set_size(IStream *iface, ULARGE_INTEGER size)
{
    LARGE_INTEGER zero = { { 0, 0 } }, old, end;
    HANDLE file = stream_of(iface)->file;
    HRESULT result;

    end.QuadPart = (LONGLONG)size.QuadPart;
    if (!SetFilePointerEx(file, zero, &old, FILE_CURRENT) || !SetFilePointerEx(file, end, NULL, FILE_BEGIN)) return last_error();
    result = SetEndOfFile(file) ? S_OK : last_error();
    SetFilePointerEx(file, old, NULL, FILE_BEGIN);
    return result;
}

static HRESULT STDMETHODCALLTYPE stream_commit(IStream *iface, DWORD flags)
{
    (void)iface;
    (void)flags;
    return S_OK;        /* nothing was held back */
}

static HRESULT STDMETHODCALLTYPE stream_revert(IStream *iface)
{
    (void)iface;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE stream_lock(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    (void)iface;
    (void)offset;
    (void)size;
    (void)type;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE stream_stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    struct stream *stream = stream_of(iface);
    BY_HANDLE_FILE_INFORMATION info;

    if (!stat) return STG_E_INVALIDPOINTER;
    memset(stat, 0, sizeof(*stat));
    if (!GetFileInformationByHandle(stream->file, &info)) return last_error();
    if (!(flags & STATFLAG_NONAME))
    {
        SIZE_T size = ((SIZE_T)lstrlenW(stream->name) + 1) * sizeof(WCHAR);

        /* Freed by CoTaskMemFree, which is HeapFree. */
        if (!(stat->pwcsName = HeapAlloc(GetProcessHeap(), 0, size))) return E_OUTOFMEMORY;
        memcpy(stat->pwcsName, stream->name, size);
    }
    stat->type = STGTY_STREAM;
    stat->cbSize.LowPart = info.nFileSizeLow;
    stat->cbSize.HighPart = info.nFileSizeHigh;
    stat->mtime = info.ftLastWriteTime;
    stat->ctime = info.ftCreationTime;
    stat->atime = info.ftLastAccessTime;
    stat->grfMode = stream->mode;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_clone(IStream *iface, IStream **clone)
{
    (void)iface;
    if (clone) *clone = NULL;
    return E_NOTIMPL;
}

static const IStreamVtbl stream_vtable =
{
    stream_query, stream_add_ref, stream_release, stream_read, stream_write, stream_seek, stream_set_size, stream_copy_to,
    stream_commit, stream_revert, stream_lock, stream_lock, stream_stat, stream_clone,
};

HRESULT WINAPI SHCreateStreamOnFileEx(const WCHAR *name, DWORD mode, DWORD attributes, BOOL create, IStream *template, IStream **result)
{
    DWORD access, sharing, creation;
    struct stream *stream;
    SIZE_T size;

    if (!name || !result || template) return E_INVALIDARG;
    *result = NULL;
    switch (mode & 3)
    {
    case STGM_READ: access = GENERIC_READ; break;
    case STGM_WRITE: access = GENERIC_WRITE; break;
    case STGM_READWRITE: access = GENERIC_READ | GENERIC_WRITE; break;
    default: return E_INVALIDARG;
    }
    switch (mode & 0xf0)
    {
    case 0: case STGM_SHARE_DENY_NONE: sharing = FILE_SHARE_READ | FILE_SHARE_WRITE; break;
    case STGM_SHARE_DENY_READ: sharing = FILE_SHARE_WRITE; break;
    case STGM_SHARE_DENY_WRITE: sharing = FILE_SHARE_READ; break;
    case STGM_SHARE_EXCLUSIVE: sharing = 0; break;
    default: return E_INVALIDARG;
    }
    if (mode & STGM_CREATE) creation = CREATE_ALWAYS;
    else creation = create ? CREATE_NEW : OPEN_EXISTING;
    size = ((SIZE_T)lstrlenW(name) + 1) * sizeof(WCHAR);
    if (!(stream = HeapAlloc(GetProcessHeap(), 0, sizeof(*stream) + size))) return E_OUTOFMEMORY;
    stream->file = CreateFileW(name, access, sharing, NULL, creation, attributes, NULL);
    if (stream->file == INVALID_HANDLE_VALUE)
    {
        HeapFree(GetProcessHeap(), 0, stream);
        return last_error();
    }
    stream->iface.lpVtbl = (IStreamVtbl *)&stream_vtable;
    stream->refs = 1;
    stream->mode = mode;
    memcpy(stream->name, name, size);
    *result = &stream->iface;
    return S_OK;
}

HRESULT WINAPI SHCreateStreamOnFileW(const WCHAR *name, DWORD mode, IStream **result)
{
    if (!result) return E_INVALIDARG;
    *result = NULL;
    /* Transactions and other storage flags are for storages. */
    if (mode & (STGM_CONVERT | STGM_DELETEONRELEASE | STGM_TRANSACTED)) return E_INVALIDARG;
    return SHCreateStreamOnFileEx(name, mode, FILE_ATTRIBUTE_NORMAL, FALSE, NULL, result);
}

HRESULT WINAPI SHCreateStreamOnFileA(const char *name, DWORD mode, IStream **result)
{
    WCHAR *wide;
    HRESULT status;
    INT size;

    if (!name || !result) return E_INVALIDARG;
    size = MultiByteToWideChar(CP_ACP, 0, name, -1, NULL, 0);
    if (!(wide = HeapAlloc(GetProcessHeap(), 0, (SIZE_T)size * sizeof(WCHAR)))) return E_OUTOFMEMORY;
    MultiByteToWideChar(CP_ACP, 0, name, -1, wide, size);
    status = SHCreateStreamOnFileW(wide, mode, result);
    HeapFree(GetProcessHeap(), 0, wide);
    return status;
}
