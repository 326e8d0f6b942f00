/* The registry: keys and values, and what is there from the start. */
#include "objects.h"

static HANDLE user_key, test_root;

static NTSTATUS open_key(HANDLE root, const WCHAR *name, HANDLE *key)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;

    return NtOpenKey(key, KEY_READ, named(&attr, &string, root, name, OBJ_CASE_INSENSITIVE));
}

static NTSTATUS create_key(HANDLE root, const WCHAR *name, HANDLE *key, ULONG *disposition)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;

    return NtCreateKey(key, KEY_ALL_ACCESS, named(&attr, &string, root, name, 0), 0, NULL, 0, disposition);
}

static NTSTATUS set_value(HANDLE key, const WCHAR *name, ULONG type, const void *data, ULONG size)
{
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, name);
    return NtSetValueKey(key, &string, 0, type, data, size);
}

static NTSTATUS query(HANDLE key, const WCHAR *name, KEY_VALUE_PARTIAL_INFORMATION *info, ULONG room, ULONG *size)
{
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, name);
    return NtQueryValueKey(key, &string, KeyValuePartialInformation, info, room, size);
}

static void test_paths(void)
{
    HANDLE key = NULL;

    ok_status(open_key(NULL, L"\\Registry", &key), STATUS_SUCCESS);
    NtClose(key);
    ok_status(open_key(NULL, L"\\Registry\\Machine\\SOFTWARE\\\\Microsoft\\", &key), STATUS_SUCCESS);
    NtClose(key);
    ok_status(open_key(NULL, L"\\Registry\\Machine\\no such key", &key), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(open_key(NULL, L"Registry\\Machine", &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
    ok_status(open_key(NULL, L"", &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
    ok_status(open_key(NULL, L"\\", &key), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(open_key(NULL, L"\\no such thing", &key), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(open_key(NULL, L"\\no such thing\\Machine", &key), STATUS_OBJECT_PATH_NOT_FOUND);
}

static void test_keys(void)
{
    char buffer[512];
    KEY_FULL_INFORMATION *full = (KEY_FULL_INFORMATION *)buffer;
    KEY_BASIC_INFORMATION *basic = (KEY_BASIC_INFORMATION *)buffer;
    HANDLE key, sub, second;
    ULONG disposition = 0, size;
    unsigned int i;
    static const WCHAR *const names[] = { L"beta", L"Alpha", L"gamma" };
    static const WCHAR *const sorted[] = { L"Alpha", L"beta", L"gamma" };

    ok_status(create_key(test_root, L"keys", &key, &disposition), STATUS_SUCCESS);
    ok(disposition == REG_CREATED_NEW_KEY, "disposition %lu\n", disposition);
    ok_status(create_key(test_root, L"KEYS", &second, &disposition), STATUS_SUCCESS);
    ok(disposition == REG_OPENED_EXISTING_KEY, "disposition %lu\n", disposition);
    NtClose(second);
    ok_status(create_key(key, L"one\\two", &sub, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    for (i = 0; i < 3; i++)
    {
        ok_status(create_key(key, names[i], &sub, NULL), STATUS_SUCCESS);
        NtClose(sub);
    }
    ok_status(NtQueryKey(key, KeyFullInformation, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(full->SubKeys == 3 && full->MaxNameLen == 10 && !full->Values, "%lu %lu %lu\n", full->SubKeys, full->MaxNameLen,
       full->Values);
    for (i = 0; i < 3; i++)
    {
        memset(buffer, 0, sizeof(buffer));
        ok_status(NtEnumerateKey(key, i, KeyBasicInformation, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
        ok(!lstrcmpW(basic->Name, sorted[i]), "%u: %s\n", i, wine_dbgstr_w(basic->Name));
    }
    ok_status(NtEnumerateKey(key, 3, KeyBasicInformation, buffer, sizeof(buffer), &size), STATUS_NO_MORE_ENTRIES);
    ok_status(NtEnumerateKey(key, 0, KeyBasicInformation, buffer, 4, &size), STATUS_BUFFER_TOO_SMALL);
    ok_status(NtEnumerateKey(key, 0, KeyBasicInformation, buffer, size - 2, &size), STATUS_BUFFER_OVERFLOW);
    ok_status(NtDeleteKey(key), STATUS_CANNOT_DELETE);
    for (i = 0; i < 3; i++)
    {
        ok_status(create_key(key, names[i], &sub, NULL), STATUS_SUCCESS);
        ok_status(NtDeleteKey(sub), STATUS_SUCCESS);
        ok_status(NtQueryKey(sub, KeyFullInformation, buffer, sizeof(buffer), &size), STATUS_KEY_DELETED);
        ok_status(create_key(sub, L"more", &second, NULL), STATUS_KEY_DELETED);
        NtClose(sub);
    }
    ok_status(NtDeleteKey(key), STATUS_SUCCESS);
    NtClose(key);
    ok_status(open_key(test_root, L"keys", &key), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_values(void)
{
    char buffer[512];
    KEY_VALUE_PARTIAL_INFORMATION *info = (KEY_VALUE_PARTIAL_INFORMATION *)buffer;
    KEY_VALUE_FULL_INFORMATION *full = (KEY_VALUE_FULL_INFORMATION *)buffer;
    UNICODE_STRING string;
    DWORD number = 711, size;
    HANDLE weak;

    ok_status(set_value(test_root, L"number", REG_DWORD, &number, 4), STATUS_SUCCESS);
    ok_status(set_value(test_root, L"", REG_SZ, L"default", 16), STATUS_SUCCESS);
    ok_status(set_value(test_root, L"empty", 0xff00ff00, NULL, 0), STATUS_SUCCESS);

    ok_status(query(test_root, L"NUMBER", info, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(info->Type == REG_DWORD && info->DataLength == 4 && *(DWORD *)info->Data == 711, "%lx %lu\n", info->Type,
       info->DataLength);
    ok(size == FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data) + 4, "size %lu\n", size);
    ok_status(query(test_root, L"number", info, size - 1, &size), STATUS_BUFFER_OVERFLOW);
    ok_status(query(test_root, L"number", info, FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data) - 1, &size),
              STATUS_BUFFER_TOO_SMALL);
    ok_status(query(test_root, L"", info, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(info->DataLength == 16 && !lstrcmpW((WCHAR *)info->Data, L"default"), "%lu\n", info->DataLength);
    ok_status(query(test_root, L"empty", info, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(info->Type == 0xff00ff00 && !info->DataLength, "%lx %lu\n", info->Type, info->DataLength);
    ok_status(query(test_root, L"nothing", info, sizeof(buffer), &size), STATUS_OBJECT_NAME_NOT_FOUND);

    ok_status(NtEnumerateValueKey(test_root, 0, KeyValueFullInformation, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(full->NameLength == 12 && *(DWORD *)(buffer + full->DataOffset) == 711, "%lu\n", full->NameLength);
    ok_status(NtEnumerateValueKey(test_root, 3, KeyValueFullInformation, buffer, sizeof(buffer), &size),
              STATUS_NO_MORE_ENTRIES);

    RtlInitUnicodeString(&string, L"number");
    ok_status(NtDeleteValueKey(test_root, &string), STATUS_SUCCESS);
    ok_status(NtDeleteValueKey(test_root, &string), STATUS_OBJECT_NAME_NOT_FOUND);
    ok_status(open_key(user_key, L"Software\\registry.c", &weak), STATUS_SUCCESS);
    ok_status(set_value(weak, L"number", REG_DWORD, &number, 4), STATUS_ACCESS_DENIED);
    NtClose(weak);
}

static void test_seed(void)
{
    static const WCHAR version[] = L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion";
    char buffer[512];
    KEY_VALUE_PARTIAL_INFORMATION *info = (KEY_VALUE_PARTIAL_INFORMATION *)buffer;
    HANDLE key;
    ULONG size;

    ok_status(open_key(NULL, version, &key), STATUS_SUCCESS);
    ok_status(query(key, L"CurrentMajorVersionNumber", info, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(info->Type == REG_DWORD && *(DWORD *)info->Data == 10, "%lx\n", info->Type);
    ok_status(query(key, L"CurrentBuild", info, sizeof(buffer), &size), STATUS_SUCCESS);
    ok(info->Type == REG_SZ && ((WCHAR *)info->Data)[info->DataLength / 2 - 1] == 0, "%lx\n", info->Type);
    NtClose(key);
    ok_status(open_key(NULL, L"\\Registry\\Machine\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", &key), STATUS_SUCCESS);
    ok_status(query(key, L"ProcessorNameString", info, sizeof(buffer), &size), STATUS_SUCCESS);
    NtClose(key);
    ok_status(open_key(NULL, L"\\Registry\\Machine\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage", &key), STATUS_SUCCESS);
    ok_status(query(key, L"ACP", info, sizeof(buffer), &size), STATUS_SUCCESS);
    NtClose(key);
}

static WCHAR *append_number(WCHAR *p, ULONG number)
{
    if (number >= 10) p = append_number(p, number / 10);
    *p++ = '0' + number % 10;
    *p = 0;
    return p;
}

START_TEST(registry)
{
    WCHAR path[256] = L"\\Registry\\User\\S-1-", *p = path + lstrlenW(path);
    char buffer[256];
    const SID *sid;
    HANDLE token;
    ULONG size;
    BYTE i;

    ok_status(NtOpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token), STATUS_SUCCESS);
    ok_status(NtQueryInformationToken(token, TokenUser, buffer, sizeof(buffer), &size), STATUS_SUCCESS);
    NtClose(token);
    sid = ((TOKEN_USER *)buffer)->User.Sid;
    p = append_number(p, sid->IdentifierAuthority.Value[5]);
    for (i = 0; i < sid->SubAuthorityCount; i++)
    {
        *p++ = '-';
        p = append_number(p, sid->SubAuthority[i]);
    }
    ok_status(open_key(NULL, path, &user_key), STATUS_SUCCESS);
    ok_status(create_key(user_key, L"Software\\registry.c", &test_root, NULL), STATUS_SUCCESS);
    test_paths();
    test_keys();
    test_values();
    test_seed();
    ok_status(NtDeleteKey(test_root), STATUS_SUCCESS);
    NtClose(test_root);
    NtClose(user_key);
}
