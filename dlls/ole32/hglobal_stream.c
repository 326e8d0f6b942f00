/* Streams on global memory. */
#include <stdarg.h>
#include <string.h>

#define _OLE32_
#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "stream.h"

/* The memory, which clones of a stream share; each has a position of its own. */
struct memory
{
    LONG    refs;
    HGLOBAL handle;
    BOOL    free_at_end;
    ULONG   size;
};

struct stream
{
    IStream iface;
    LONG    refs;
    struct memory *memory;
    ULONG   position;
};

static const IStreamVtbl stream_vtable;

static struct stream *stream_of(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct stream, iface);
}

static HRESULT stream_create(struct memory *memory, IStream **result)
{
    struct stream *stream = HeapAlloc(GetProcessHeap(), 0, sizeof(*stream));

    if (!stream) return E_OUTOFMEMORY;
    stream->iface.lpVtbl = (IStreamVtbl *)&stream_vtable;
    stream->refs = 1;
    stream->memory = memory;
    stream->position = 0;
    *result = &stream->iface;
    return S_OK;
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
        if (!InterlockedDecrement(&stream->memory->refs))
        {
            if (stream->memory->free_at_end) GlobalFree(stream->memory->handle);
            HeapFree(GetProcessHeap(), 0, stream->memory);
        }
        HeapFree(GetProcessHeap(), 0, stream);
    }
    return (ULONG)refs;
}

static HRESULT STDMETHODCALLTYPE stream_read(IStream *iface, void *buffer, ULONG size, ULONG *done)
{
    struct stream *stream = stream_of(iface);
    ULONG left = stream->position < stream->memory->size ? stream->memory->size - stream->position : 0;
    const BYTE *memory;

    if (left > size) left = size;
    if (left)
    {
        if (!(memory = GlobalLock(stream->memory->handle))) return S_FALSE;
        memcpy(buffer, memory + stream->position, left);
        GlobalUnlock(stream->memory->handle);
        stream->position += left;
    }
    if (done) *done = left;
    return S_OK;
}

/* Sizes and positions are of 32 bits: the upper halves that callers give are not looked at. */
static HRESULT stream_resize(struct memory *memory, ULONG size)
{
    HGLOBAL handle;

    if (memory->size == size) return S_OK;
    if (!(handle = GlobalReAlloc(memory->handle, size ? size : 1, GMEM_MOVEABLE | GMEM_ZEROINIT))) return E_OUTOFMEMORY;
    memory->handle = handle;
    memory->size = size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_set_size(IStream *iface, ULARGE_INTEGER size)
{
    return stream_resize(stream_of(iface)->memory, size.LowPart);
}

static HRESULT STDMETHODCALLTYPE stream_write(IStream *iface, const void *buffer, ULONG size, ULONG *done)
{
    struct stream *stream = stream_of(iface);
    ULONG end = stream->position + size;
    HRESULT result;
    BYTE *memory;

    if (done) *done = 0;
    if (!size) return S_OK;
    if (end < size) return STG_E_MEDIUMFULL;
    if (end > stream->memory->size && FAILED(result = stream_resize(stream->memory, end))) return result;
    if (!(memory = GlobalLock(stream->memory->handle))) return E_OUTOFMEMORY;
    memcpy(memory + stream->position, buffer, size);
    GlobalUnlock(stream->memory->handle);
    stream->position = end;
    if (done) *done = size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *position)
{
    struct stream *stream = stream_of(iface);
    LONGLONG target = -1;

    switch (origin)
    {
    case STREAM_SEEK_SET: target = (LONG)move.LowPart; break;
    case STREAM_SEEK_CUR: target = (LONGLONG)stream->position + (LONG)move.LowPart; break;
    case STREAM_SEEK_END: target = (LONGLONG)stream->memory->size + (LONG)move.LowPart; break;
    }
    if (target >= 0 && target <= 0xffffffff) stream->position = (ULONG)target;
    else target = -1;
    if (position) position->QuadPart = stream->position;
    return target < 0 ? STG_E_SEEKERROR : S_OK;
}

/* Memory has nothing to commit, nobody to lock out. */
static HRESULT STDMETHODCALLTYPE stream_commit(IStream *iface, DWORD flags)
{
    (void)iface;
    (void)flags;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_revert(IStream *iface)
{
    (void)iface;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_lock(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    (void)iface;
    (void)offset;
    (void)size;
    (void)type;
    return STG_E_INVALIDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE stream_stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    (void)flags;
    if (!stat) return E_INVALIDARG;
    memset(stat, 0, sizeof(*stat));
    stat->type = STGTY_STREAM;
    stat->cbSize.QuadPart = stream_of(iface)->memory->size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_clone(IStream *iface, IStream **clone)
{
    struct stream *stream = stream_of(iface);
    HRESULT result;

    if (!clone) return E_INVALIDARG;
    *clone = NULL;
    if (FAILED(result = stream_create(stream->memory, clone))) return result;
    InterlockedIncrement(&stream->memory->refs);
    stream_of(*clone)->position = stream->position;
    return S_OK;
}

static const IStreamVtbl stream_vtable =
{
    stream_query, stream_add_ref, stream_release, stream_read, stream_write, stream_seek, stream_set_size, stream_copy_to,
    stream_commit, stream_revert, stream_lock, stream_lock, stream_stat, stream_clone,
};

HRESULT WINAPI CreateStreamOnHGlobal(HGLOBAL handle, BOOL free_at_end, IStream **stream)
{
    struct memory *memory;
    HRESULT result;

    if (!stream) return E_INVALIDARG;
    *stream = NULL;
    if (!(memory = HeapAlloc(GetProcessHeap(), 0, sizeof(*memory)))) return E_OUTOFMEMORY;
    memory->refs = 1;
    memory->free_at_end = free_at_end;
    memory->size = handle ? (ULONG)GlobalSize(handle) : 0;
    memory->handle = handle ? handle : GlobalAlloc(GMEM_MOVEABLE | GMEM_NODISCARD | GMEM_SHARE, 0);
    result = memory->handle ? stream_create(memory, stream) : E_OUTOFMEMORY;
    if (FAILED(result))
    {
        if (!handle && memory->handle) GlobalFree(memory->handle);
        HeapFree(GetProcessHeap(), 0, memory);
    }
    return result;
}

HRESULT WINAPI GetHGlobalFromStream(IStream *stream, HGLOBAL *handle)
{
    if (!stream || !handle || stream->lpVtbl != (IStreamVtbl *)&stream_vtable) return E_INVALIDARG;
    *handle = stream_of(stream)->memory->handle;
    return S_OK;
}
