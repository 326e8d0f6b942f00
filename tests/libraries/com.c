/* ole32: apartments, classes that are not there, task memory, GUIDs. */
#include "libraries.h"

static const GUID some = { 0x12345678, 0x9abc, 0xdef0, { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 } };
static const WCHAR some_text[] = L"{12345678-9ABC-DEF0-1122-334455667788}";
static const GUID zero;

static DWORD WINAPI other_thread(void *argument)
{
    APTTYPEQUALIFIER qualifier;
    APTTYPE type;

    (void)argument;
    gives(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    gives(CoGetApartmentType(&type, &qualifier), S_OK);
    ok(type == APTTYPE_MTA, "type %d\n", type);
    gives(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED), RPC_E_CHANGED_MODE);
    gives(CoInitializeEx(NULL, COINIT_MULTITHREADED | COINIT_DISABLE_OLE1DDE), S_FALSE);
    CoUninitialize();
    CoUninitialize();
    return 0;
}

static void test_apartment(void)
{
    APTTYPEQUALIFIER qualifier;
    APTTYPE type;
    HANDLE thread;

    gives(CoGetApartmentType(NULL, &qualifier), E_INVALIDARG);
    gives(CoGetApartmentType(&type, NULL), E_INVALIDARG);
    gives(CoGetApartmentType(&type, &qualifier), CO_E_NOTINITIALIZED);
    ok(type == APTTYPE_CURRENT, "type %d\n", type);
    gives(CoInitializeEx((void *)1, COINIT_MULTITHREADED), E_INVALIDARG);
    CoUninitialize();                                       /* one too many is none */
    gives(CoInitialize(NULL), S_OK);
    gives(CoInitialize(NULL), S_FALSE);
    gives(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED), S_FALSE);
    gives(CoInitializeEx(NULL, COINIT_MULTITHREADED), RPC_E_CHANGED_MODE);
    gives(CoGetApartmentType(&type, &qualifier), S_OK);
    ok(type == APTTYPE_MAINSTA && qualifier == APTTYPEQUALIFIER_NONE, "type %d, qualifier %d\n", type, qualifier);
    thread = CreateThread(NULL, 0, other_thread, NULL, 0, NULL);
    returns(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CoUninitialize();
    CoUninitialize();
    gives(CoGetApartmentType(&type, &qualifier), S_OK);
    CoUninitialize();
    gives(CoGetApartmentType(&type, &qualifier), CO_E_NOTINITIALIZED);
    ok(CoGetCurrentProcess() != 0, "no number\n");
    CoFreeUnusedLibraries();
    CoFreeUnusedLibrariesEx(0, 0);
}

static void test_class(void)
{
    MULTI_QI queries[2] = { { &IID_IUnknown, NULL, S_OK }, { &IID_IStream, NULL, S_OK } };
    void *object = &object;

    gives(CoCreateInstance(&some, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, NULL), E_POINTER);
    gives(CoCreateInstance(&some, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, &object), CO_E_NOTINITIALIZED);
    ok(!object, "object %p\n", object);
    gives(CoInitialize(NULL), S_OK);
    object = &object;
    gives(CoCreateInstance(&some, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, &object), REGDB_E_CLASSNOTREG);
    ok(!object, "object %p\n", object);
    object = &object;
    gives(CoGetClassObject(&some, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, &object), REGDB_E_CLASSNOTREG);
    ok(!object, "object %p\n", object);
    queries[0].pItf = queries[1].pItf = (IUnknown *)1;
    gives(CoCreateInstanceEx(&some, NULL, CLSCTX_INPROC_SERVER, NULL, 2, queries), REGDB_E_CLASSNOTREG);
    ok(!queries[0].pItf && !queries[1].pItf && queries[0].hr == REGDB_E_CLASSNOTREG, "%p %p %#lx\n", queries[0].pItf, queries[1].pItf, queries[0].hr);
    gives(CoCreateInstanceEx(&some, NULL, CLSCTX_INPROC_SERVER, NULL, 0, queries), E_INVALIDARG);
    gives(CoCreateInstanceEx(&some, NULL, CLSCTX_INPROC_SERVER, NULL, 1, NULL), E_INVALIDARG);
    CoUninitialize();
}

static void test_memory(void)
{
    char *block = CoTaskMemAlloc(3);

    ok(block != NULL, "no memory\n");
    memcpy(block, "ab", 3);
    block = CoTaskMemRealloc(block, 100000);
    ok(block && !strcmp(block, "ab"), "contents are lost\n");
    ok(!CoTaskMemRealloc(block, 0), "size 0 frees\n");
    block = CoTaskMemRealloc(NULL, 10);
    ok(block != NULL, "without an old one\n");
    CoTaskMemFree(block);
    CoTaskMemFree(NULL);
    block = CoTaskMemAlloc(0);
    ok(block != NULL, "nothing is something\n");
    CoTaskMemFree(block);
    ok(!CoTaskMemAlloc((SIZE_T)1 << 60), "too much\n");
}

static void test_guid(void)
{
    static const WCHAR *const bad[] =
    {
        L"", L"{", L"12345678-9ABC-DEF0-1122-334455667788", L"{12345678-9ABC-DEF0-1122-334455667788", L"{12345678-9ABC-DEF0-1122-33445566778g}",
        L"{12345678-9ABC-DEF0-1122-334455667788}x", L"{123456789-ABC-DEF0-1122-334455667788}", L"no.such.class",
    };
    WCHAR text[40], *string;
    GUID guid, second;

    gives(CoCreateGuid(NULL), E_INVALIDARG);
    gives(CoCreateGuid(&guid), S_OK);
    gives(CoCreateGuid(&second), S_OK);
    ok(memcmp(&guid, &second, sizeof(guid)), "twice the same\n");
    ok(guid.Data3 >> 12 == 4 && (guid.Data4[0] & 0xc0) == 0x80, "no random one: %s\n", wine_dbgstr_guid(&guid));

    returns(StringFromGUID2(&some, text, 38), 0);
    returns(StringFromGUID2(&some, text, 39), 39);
    ok(!wcscmp(text, some_text), "%s\n", wine_dbgstr_w(text));
    gives(StringFromCLSID(&some, &string), S_OK);
    ok(!wcscmp(string, some_text), "%s\n", wine_dbgstr_w(string));
    CoTaskMemFree(string);
    gives(StringFromCLSID(&some, NULL), E_INVALIDARG);
    gives(StringFromIID(&some, &string), S_OK);
    ok(!wcscmp(string, some_text), "%s\n", wine_dbgstr_w(string));
    CoTaskMemFree(string);

    gives(CLSIDFromString(L"{12345678-9abc-DEF0-1122-334455667788}", &guid), S_OK);
    ok(!memcmp(&guid, &some, sizeof(guid)), "%s\n", wine_dbgstr_guid(&guid));
    gives(IIDFromString(some_text, &guid), S_OK);
    ok(!memcmp(&guid, &some, sizeof(guid)), "%s\n", wine_dbgstr_guid(&guid));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(bad[i]));
        guid = some;
        gives(CLSIDFromString(bad[i], &guid), CO_E_CLASSSTRING);
        guid = some;
        gives(IIDFromString(bad[i], &guid), lstrlenW(bad[i]) == 38 ? CO_E_IIDSTRING : E_INVALIDARG);
        ok(!memcmp(&guid, &zero, sizeof(guid)), "%s\n", wine_dbgstr_guid(&guid));
        winetest_pop_context();
    }
    guid = some;
    gives(CLSIDFromString(NULL, &guid), S_OK);
    ok(!memcmp(&guid, &zero, sizeof(guid)), "%s\n", wine_dbgstr_guid(&guid));
    gives(CLSIDFromString(some_text, NULL), E_INVALIDARG);
    gives(IIDFromString(some_text, NULL), E_INVALIDARG);
    gives(IIDFromString(NULL, &guid), S_OK);
}

START_TEST(com)
{
    test_apartment();
    test_class();
    test_memory();
    test_guid();
}
