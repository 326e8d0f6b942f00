/* What every stream of ours does alike, whatever it reads and writes (ole32's on memory, shlwapi's on files). Included
 * after objbase.h with COBJMACROS. */

static const IID iid_unknown = { 0x00000000, 0, 0, { 0xc0, 0, 0, 0, 0, 0, 0, 0x46 } };
static const IID iid_sequential = { 0x0c733a30, 0x2a1c, 0x11ce, { 0xad, 0xe5, 0, 0xaa, 0, 0x44, 0x77, 0x3d } };
static const IID iid_stream = { 0x0000000c, 0, 0, { 0xc0, 0, 0, 0, 0, 0, 0, 0x46 } };

static HRESULT STDMETHODCALLTYPE stream_query(IStream *iface, REFIID id, void **object)
{
    if (!object) return E_INVALIDARG;
    *object = NULL;
    if (memcmp(id, &iid_unknown, sizeof(*id)) && memcmp(id, &iid_sequential, sizeof(*id)) && memcmp(id, &iid_stream, sizeof(*id)))
        return E_NOINTERFACE;
    *object = iface;
    IStream_AddRef(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_copy_to(IStream *iface, IStream *dest, ULARGE_INTEGER size, ULARGE_INTEGER *read_total,
                                                ULARGE_INTEGER *written_total)
{
    ULONGLONG read_count = 0, written_count = 0;
    BYTE buffer[4096];
    HRESULT result = S_OK;

    if (!dest) return STG_E_INVALIDPOINTER;
    while (size.QuadPart)
    {
        ULONG chunk = size.QuadPart > sizeof(buffer) ? sizeof(buffer) : (ULONG)size.QuadPart, read = 0, written = 0;

        result = IStream_Read(iface, buffer, chunk, &read);
        if (FAILED(result) || !read) break;
        read_count += read;
        result = IStream_Write(dest, buffer, read, &written);
        written_count += written;
        if (FAILED(result) || written != read) break;
        size.QuadPart -= read;
    }
    if (read_total) read_total->QuadPart = read_count;
    if (written_total) written_total->QuadPart = written_count;
    return FAILED(result) ? result : S_OK;
}
