/* rpcrt4: UUIDs and their text. */
#include "libraries.h"
#include "rpc.h"

static const UUID some = { 0x12345678, 0x9abc, 0xdef0, { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 } };

static void test_values(void)
{
    UUID first, second, nil;
    RPC_STATUS status;

    returns(UuidCreate(&first), RPC_S_OK);
    returns(UuidCreate(&second), RPC_S_OK);
    ok(memcmp(&first, &second, sizeof(first)), "twice the same\n");
    ok(first.Data3 >> 12 == 4 && (first.Data4[0] & 0xc0) == 0x80, "no random one: %s\n", wine_dbgstr_guid(&first));
    memset(&nil, 0x55, sizeof(nil));
    returns(UuidCreateNil(&nil), RPC_S_OK);
    status = 1;
    ok(UuidIsNil(&nil, &status) && !status, "status %ld\n", status);
    ok(UuidIsNil(NULL, &status), "NULL is nil\n");
    ok(!UuidIsNil(&first, &status), "nil\n");

    status = 1;
    ok(!UuidEqual(&first, &second, &status) && !status, "status %ld\n", status);
    second = first;
    ok(UuidEqual(&first, &second, &status), "not equal\n");
    ok(UuidEqual(NULL, &nil, &status) && UuidEqual(&nil, NULL, &status) && UuidEqual(NULL, NULL, &status), "NULL is nil\n");
    ok(!UuidEqual(NULL, &first, &status), "equal\n");

    status = 1;
    returns(UuidCompare(&first, &second, &status), 0);
    returns(status, RPC_S_OK);
    first = second = some;
    first.Data1 = 0x92345678;                               /* as numbers without sign */
    returns(UuidCompare(&first, &second, &status), 1);
    returns(UuidCompare(&second, &first, &status), -1);
    first = some;
    first.Data2--;
    returns(UuidCompare(&first, &second, &status), -1);
    first = some;
    first.Data3++;
    returns(UuidCompare(&first, &second, &status), 1);
    first = some;
    first.Data4[7]--;
    returns(UuidCompare(&first, &second, &status), -1);
    returns(UuidCompare(NULL, &second, &status), -1);
    returns(UuidCompare(NULL, &nil, &status), 0);
}

static void test_text(void)
{
    static const WCHAR *const bad[] =
    {
        L"", L"12345678-9abc-def0-1122-33445566778", L"12345678-9abc-def0-1122-3344556677889", L"{2345678-9abc-def0-1122-334455667788}",
        L"12345678-9abc-def0-1122-33445566778g", L"12345678 9abc-def0-1122-334455667788",
    };
    UUID uuid = some, result;
    char ansi[64];
    RPC_CSTR narrow;
    RPC_WSTR wide;

    returns(UuidToStringA(&uuid, &narrow), RPC_S_OK);
    ok(!strcmp((char *)narrow, "12345678-9abc-def0-1122-334455667788"), "%s\n", narrow);
    returns(RpcStringFreeA(&narrow), RPC_S_OK);
    ok(!narrow, "%p\n", narrow);
    returns(RpcStringFreeA(&narrow), RPC_S_OK);
    returns(UuidToStringW(&uuid, &wide), RPC_S_OK);
    ok(!wcscmp((WCHAR *)wide, L"12345678-9abc-def0-1122-334455667788"), "%s\n", wine_dbgstr_w((WCHAR *)wide));
    returns(RpcStringFreeW(&wide), RPC_S_OK);
    ok(!wide, "%p\n", wide);
    returns(UuidToStringA(NULL, &narrow), RPC_S_OK);
    ok(!strcmp((char *)narrow, "00000000-0000-0000-0000-000000000000"), "%s\n", narrow);
    RpcStringFreeA(&narrow);

    returns(UuidFromStringW((RPC_WSTR)L"12345678-9ABC-def0-1122-334455667788", &result), RPC_S_OK);
    ok(!memcmp(&result, &some, sizeof(some)), "%s\n", wine_dbgstr_guid(&result));
    memset(&result, 0, sizeof(result));
    returns(UuidFromStringA((RPC_CSTR)"12345678-9abc-def0-1122-334455667788", &result), RPC_S_OK);
    ok(!memcmp(&result, &some, sizeof(some)), "%s\n", wine_dbgstr_guid(&result));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(bad[i]));
        WideCharToMultiByte(CP_ACP, 0, bad[i], -1, ansi, sizeof(ansi), NULL, NULL);
        returns(UuidFromStringW((RPC_WSTR)bad[i], &result), RPC_S_INVALID_STRING_UUID);
        returns(UuidFromStringA((RPC_CSTR)ansi, &result), RPC_S_INVALID_STRING_UUID);
        ok(!memcmp(&result, &some, sizeof(some)), "%s\n", wine_dbgstr_guid(&result));
        winetest_pop_context();
    }
    returns(UuidFromStringW(NULL, &result), RPC_S_OK);
    ok(!result.Data1 && !result.Data4[7], "%s\n", wine_dbgstr_guid(&result));
    result = some;
    returns(UuidFromStringA(NULL, &result), RPC_S_OK);
    ok(!result.Data1 && !result.Data4[7], "%s\n", wine_dbgstr_guid(&result));
}

START_TEST(uuid)
{
    test_values();
    test_text();
}
