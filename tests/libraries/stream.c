/* Streams on memory (ole32) and on files (shlwapi). */
#include "libraries.h"
#include "shlwapi.h"

static const LARGE_INTEGER start;

static LARGE_INTEGER by(LONGLONG distance)
{
    LARGE_INTEGER move;

    move.QuadPart = distance;
    return move;
}

static ULARGE_INTEGER bytes(ULONGLONG count)
{
    ULARGE_INTEGER size;

    size.QuadPart = count;
    return size;
}

static ULONGLONG position(IStream *stream)
{
    ULARGE_INTEGER at = bytes(~0ull);

    gives(IStream_Seek(stream, start, STREAM_SEEK_CUR, &at), S_OK);
    return at.QuadPart;
}

static ULONGLONG stream_size(IStream *stream)
{
    STATSTG stat;

    gives(IStream_Stat(stream, &stat, STATFLAG_NONAME), S_OK);
    ok(stat.type == STGTY_STREAM && !stat.pwcsName, "type %lu, name %p\n", stat.type, stat.pwcsName);
    return stat.cbSize.QuadPart;
}

static void test_identity(IStream *stream)
{
    IUnknown *unknown;
    void *object;

    gives(IStream_QueryInterface(stream, &IID_IUnknown, (void **)&unknown), S_OK);
    IUnknown_Release(unknown);
    gives(IStream_QueryInterface(stream, &IID_ISequentialStream, &object), S_OK);
    ok(object == stream, "another object\n");
    IStream_Release(stream);
    gives(IStream_QueryInterface(stream, &IID_IStorage, &object), E_NOINTERFACE);
    ok(!object, "object %p\n", object);
    gives(IStream_QueryInterface(stream, &IID_IStream, NULL), E_INVALIDARG);
    returns(IStream_AddRef(stream), 2);
    returns(IStream_Release(stream), 1);
}

static void test_memory(void)
{
    IStream *stream, *clone;
    ULARGE_INTEGER at, read_total, written_total;
    HGLOBAL memory, second;
    char buffer[16];
    ULONG done;

    gives(CreateStreamOnHGlobal(NULL, TRUE, NULL), E_INVALIDARG);
    gives(CreateStreamOnHGlobal(NULL, TRUE, &stream), S_OK);
    test_identity(stream);
    returns(stream_size(stream), 0);
    gives(GetHGlobalFromStream(stream, &memory), S_OK);
    gives(GetHGlobalFromStream(NULL, &memory), E_INVALIDARG);
    gives(GetHGlobalFromStream(stream, NULL), E_INVALIDARG);

    gives(IStream_Write(stream, "0123456789", 10, &done), S_OK);
    returns(done, 10);
    returns(position(stream), 10);
    done = 1;
    gives(IStream_Read(stream, buffer, 5, &done), S_OK);            /* the end is no error */
    returns(done, 0);
    gives(IStream_Seek(stream, by(-3), STREAM_SEEK_END, &at), S_OK);
    returns(at.QuadPart, 7);
    gives(IStream_Read(stream, buffer, 5, &done), S_OK);
    ok(done == 3 && !memcmp(buffer, "789", 3), "%lu bytes\n", done);
    gives(IStream_Seek(stream, by(-11), STREAM_SEEK_CUR, &at), STG_E_SEEKERROR);
    returns(at.QuadPart, 10);
    gives(IStream_Seek(stream, start, 7, &at), STG_E_SEEKERROR);
    returns(position(stream), 10);
    gives(IStream_Seek(stream, by(20), STREAM_SEEK_SET, NULL), S_OK);   /* behind the end */
    gives(IStream_Read(stream, buffer, 5, &done), S_OK);
    returns(done, 0);
    returns(stream_size(stream), 10);
    gives(IStream_Write(stream, "x", 1, NULL), S_OK);
    returns(stream_size(stream), 21);
    gives(IStream_Seek(stream, by(8), STREAM_SEEK_SET, NULL), S_OK);
    gives(IStream_Read(stream, buffer, 13, &done), S_OK);
    ok(done == 13 && !memcmp(buffer, "89\0\0\0\0\0\0\0\0\0\0x", 13), "%lu bytes\n", done);

    gives(IStream_Clone(stream, NULL), E_INVALIDARG);
    gives(IStream_Clone(stream, &clone), S_OK);
    returns(position(clone), 21);
    gives(IStream_Seek(clone, start, STREAM_SEEK_SET, NULL), S_OK);
    returns(position(stream), 21);
    gives(IStream_Write(clone, "abc", 3, NULL), S_OK);
    gives(IStream_Seek(stream, start, STREAM_SEEK_SET, NULL), S_OK);
    gives(IStream_Read(stream, buffer, 4, &done), S_OK);
    ok(!memcmp(buffer, "abc3", 4), "not shared\n");
    gives(IStream_SetSize(clone, bytes(5)), S_OK);
    returns(stream_size(stream), 5);
    returns(position(clone), 3);

    gives(IStream_CopyTo(stream, NULL, bytes(1), NULL, NULL), STG_E_INVALIDPOINTER);
    gives(IStream_Seek(stream, start, STREAM_SEEK_SET, NULL), S_OK);
    gives(IStream_Seek(clone, start, STREAM_SEEK_END, NULL), S_OK);
    gives(IStream_CopyTo(stream, clone, bytes(4), &read_total, &written_total), S_OK);
    ok(read_total.QuadPart == 4 && written_total.QuadPart == 4, "%I64u, %I64u\n", read_total.QuadPart, written_total.QuadPart);
    returns(stream_size(stream), 9);
    gives(IStream_Commit(stream, STGC_DEFAULT), S_OK);
    gives(IStream_Revert(stream), S_OK);
    gives(IStream_LockRegion(stream, bytes(0), bytes(1), LOCK_EXCLUSIVE), STG_E_INVALIDFUNCTION);
    gives(IStream_UnlockRegion(stream, bytes(0), bytes(1), LOCK_EXCLUSIVE), STG_E_INVALIDFUNCTION);
    gives(IStream_Stat(stream, NULL, STATFLAG_DEFAULT), E_INVALIDARG);

    gives(GetHGlobalFromStream(clone, &second), S_OK);
    ok(GlobalSize(second) >= 9, "size %Iu\n", GlobalSize(second));
    ok(!memcmp(GlobalLock(second), "abc3\0abc3", 4), "other contents\n");
    GlobalUnlock(second);
    returns(IStream_Release(stream), 0);
    returns(stream_size(clone), 9);
    returns(IStream_Release(clone), 0);
}

static void test_given_memory(void)
{
    HGLOBAL memory = GlobalAlloc(GMEM_MOVEABLE, 32), same;
    IStream *stream;

    memcpy(GlobalLock(memory), "given", 6);
    GlobalUnlock(memory);
    gives(CreateStreamOnHGlobal(memory, FALSE, &stream), S_OK);
    returns(stream_size(stream), 32);
    gives(GetHGlobalFromStream(stream, &same), S_OK);
    ok(same == memory, "another block\n");
    returns(IStream_Release(stream), 0);
    ok(!strcmp(GlobalLock(memory), "given"), "it is gone\n");       /* not freed with the stream */
    GlobalUnlock(memory);
    ok(!GlobalFree(memory), "not freed\n");
}

static void test_file(void)
{
    IStream *stream, *clone;
    ULARGE_INTEGER at;
    char buffer[16];
    STATSTG stat;
    ULONG done;

    scratch_enter();
    gives(SHCreateStreamOnFileW(NULL, STGM_READ, &stream), E_INVALIDARG);
    gives(SHCreateStreamOnFileW(L"file", STGM_READ, NULL), E_INVALIDARG);
    gives(SHCreateStreamOnFileW(L"file", STGM_READ | STGM_TRANSACTED, &stream), E_INVALIDARG);
    gives(SHCreateStreamOnFileEx(L"file", STGM_READ, 0, FALSE, (IStream *)1, &stream), E_INVALIDARG);
    stream = (IStream *)1;
    gives(SHCreateStreamOnFileW(L"file", STGM_READ, &stream), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ok(!stream, "stream %p\n", stream);
    gives(SHCreateStreamOnFileEx(L"no\\file", STGM_READ, 0, FALSE, NULL, &stream), HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));

    gives(SHCreateStreamOnFileEx(L"file", STGM_READWRITE, FILE_ATTRIBUTE_NORMAL, TRUE, NULL, &stream), S_OK);
    test_identity(stream);
    gives(IStream_Write(stream, "0123456789", 10, &done), S_OK);
    returns(done, 10);
    returns(position(stream), 10);
    gives(IStream_Read(stream, buffer, 5, &done), S_FALSE);         /* here it is */
    returns(done, 0);
    gives(IStream_Seek(stream, by(-3), STREAM_SEEK_END, &at), S_OK);
    returns(at.QuadPart, 7);
    gives(IStream_Read(stream, buffer, 3, &done), S_OK);
    ok(done == 3 && !memcmp(buffer, "789", 3), "%lu bytes\n", done);
    gives(IStream_Seek(stream, by(-1), STREAM_SEEK_SET, NULL), HRESULT_FROM_WIN32(ERROR_NEGATIVE_SEEK));
    gives(IStream_SetSize(stream, bytes(4)), S_OK);
    returns(stream_size(stream), 4);
    gives(IStream_Clone(stream, &clone), E_NOTIMPL);
    ok(!clone, "clone %p\n", clone);
    gives(IStream_Commit(stream, STGC_DEFAULT), S_OK);
    gives(IStream_Revert(stream), E_NOTIMPL);
    gives(IStream_LockRegion(stream, bytes(0), bytes(1), LOCK_WRITE), E_NOTIMPL);
    gives(IStream_Stat(stream, NULL, 0), STG_E_INVALIDPOINTER);
    gives(IStream_Stat(stream, &stat, STATFLAG_DEFAULT), S_OK);
    ok(stat.pwcsName && !wcscmp(stat.pwcsName, L"file"), "name %s\n", wine_dbgstr_w(stat.pwcsName));
    ok(stat.grfMode == STGM_READWRITE, "mode %#lx\n", stat.grfMode);
    CoTaskMemFree(stat.pwcsName);
    returns(IStream_Release(stream), 0);

    gives(SHCreateStreamOnFileEx(L"file", STGM_WRITE, 0, TRUE, NULL, &stream), HRESULT_FROM_WIN32(ERROR_FILE_EXISTS));
    gives(SHCreateStreamOnFileA("file", STGM_READ, &stream), S_OK);
    gives(IStream_Write(stream, "x", 1, &done), STG_E_ACCESSDENIED);
    gives(CreateStreamOnHGlobal(NULL, TRUE, &clone), S_OK);
    gives(IStream_CopyTo(stream, clone, bytes(100), &at, NULL), S_OK);
    returns(at.QuadPart, 4);
    returns(stream_size(clone), 4);
    IStream_Release(clone);
    returns(IStream_Release(stream), 0);
    gives(SHCreateStreamOnFileA("file", STGM_READWRITE | STGM_CREATE, &stream), S_OK);
    returns(stream_size(stream), 0);
    returns(IStream_Release(stream), 0);
    gives(SHCreateStreamOnFileA(NULL, STGM_READ, &stream), E_INVALIDARG);
    works(DeleteFileW(L"file"));
    scratch_leave();
}

START_TEST(stream)
{
    test_memory();
    test_given_memory();
    test_file();
}
