/* advapi32's registry calls: keys, values, trees, the old forms. */
#include "libraries.h"
#include "winreg.h"

static HKEY base;

static void test_key(void)
{
    HKEY key, second;
    DWORD disposition, subkeys, values, longest, size;
    WCHAR wide[64];
    char ansi[64];

    returns(RegCreateKeyExW(base, L"a\\b", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, &disposition), ERROR_SUCCESS);
    returns(disposition, REG_CREATED_NEW_KEY);
    returns(RegCloseKey(key), ERROR_SUCCESS);
    returns(RegCloseKey(key), ERROR_INVALID_HANDLE);
    returns(RegCreateKeyExA(base, "A\\B", 0, NULL, 0, KEY_READ, NULL, &key, &disposition), ERROR_SUCCESS);
    returns(disposition, REG_OPENED_EXISTING_KEY);
    returns(RegSetValueExA(key, "x", 0, REG_SZ, (BYTE *)"x", 2), ERROR_ACCESS_DENIED);
    RegCloseKey(key);
    returns(RegCreateKeyExW(base, NULL, 0, NULL, 0, KEY_READ, NULL, &key, NULL), ERROR_BAD_PATHNAME);
    returns(RegOpenKeyExW(base, L"no", 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
    ok(!key, "key %p\n", key);
    returns(RegOpenKeyExW(base, L"a", 0, KEY_READ, NULL), ERROR_INVALID_PARAMETER);
    returns(RegOpenKeyExW(NULL, L"a", 0, KEY_READ, &key), ERROR_INVALID_HANDLE);
    returns(RegOpenKeyExA(NULL, "a", 0, KEY_READ, &key), ERROR_INVALID_HANDLE);
    returns(RegOpenKeyExA(base, "a", 0, KEY_READ | KEY_WRITE, &key), ERROR_SUCCESS);
    returns(RegQueryInfoKeyW(key, NULL, NULL, NULL, &subkeys, &longest, NULL, &values, NULL, NULL, &size, NULL), ERROR_SUCCESS);
    ok(subkeys == 1 && longest == 1 && !values && size > 20, "%lu subkeys, longest %lu, %lu values, security %lu\n", subkeys, longest, values, size);
    returns(RegQueryInfoKeyA(key, NULL, NULL, NULL, &subkeys, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ERROR_SUCCESS);
    returns(subkeys, 1);
    size = ARRAY_SIZE(wide);
    returns(RegEnumKeyExW(key, 0, wide, &size, NULL, NULL, NULL, NULL), ERROR_SUCCESS);
    ok(size == 1 && !wcscmp(wide, L"b"), "%s\n", wine_dbgstr_w(wide));
    size = 1;
    returns(RegEnumKeyExW(key, 0, wide, &size, NULL, NULL, NULL, NULL), ERROR_MORE_DATA);
    size = sizeof(ansi);
    returns(RegEnumKeyExA(key, 0, ansi, &size, NULL, NULL, NULL, NULL), ERROR_SUCCESS);
    ok(size == 1 && !strcmp(ansi, "b"), "%s\n", ansi);
    returns(RegEnumKeyExA(key, 1, ansi, &size, NULL, NULL, NULL, NULL), ERROR_NO_MORE_ITEMS);
    returns(RegEnumKeyW(key, 0, wide, ARRAY_SIZE(wide)), ERROR_SUCCESS);
    returns(RegEnumKeyA(key, 0, ansi, sizeof(ansi)), ERROR_SUCCESS);
    returns(RegEnumKeyA(key, 1, ansi, sizeof(ansi)), ERROR_NO_MORE_ITEMS);
    returns(RegFlushKey(key), ERROR_SUCCESS);
    returns(RegDeleteKeyExW(base, L"a", 0, 0), ERROR_ACCESS_DENIED);            /* it has a subkey */
    returns(RegDeleteKeyExA(base, "a\\b", 0, 0), ERROR_SUCCESS);
    returns(RegDeleteKeyW(base, L"no"), ERROR_FILE_NOT_FOUND);

    returns(RegCreateKeyA(key, "c", &second), ERROR_SUCCESS);
    RegCloseKey(second);
    returns(RegCreateKeyW(key, L"d", &second), ERROR_SUCCESS);
    RegCloseKey(second);
    returns(RegOpenKeyA(key, "c", &second), ERROR_SUCCESS);
    RegCloseKey(second);
    returns(RegOpenKeyW(key, L"d", &second), ERROR_SUCCESS);
    RegCloseKey(second);
    returns(RegOpenKeyW(key, L"", &second), ERROR_SUCCESS);
    ok(second == key, "another handle\n");
    returns(RegOpenKeyW(key, L"e", NULL), ERROR_INVALID_PARAMETER);
    returns(RegOpenKeyA(key, "e", &second), ERROR_FILE_NOT_FOUND);
    returns(RegRenameKey(key, L"d", L"e"), ERROR_SUCCESS);
    returns(RegOpenKeyW(key, L"d", &second), ERROR_FILE_NOT_FOUND);
    returns(RegRenameKey(key, L"d", L"f"), ERROR_FILE_NOT_FOUND);
    returns(RegRenameKey(key, L"e", NULL), ERROR_INVALID_PARAMETER);
    returns(RegDeleteKeyA(key, "c"), ERROR_SUCCESS);
    returns(RegDeleteKeyW(key, L"e"), ERROR_SUCCESS);
    RegCloseKey(key);
    returns(RegDeleteKeyW(base, L"a"), ERROR_SUCCESS);

    returns(RegCreateKeyExW(base, L"v", 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &key, NULL), ERROR_SUCCESS);
    returns(RegCreateKeyExW(key, L"w", 0, NULL, 0, KEY_READ, NULL, &second, NULL), ERROR_CHILD_MUST_BE_VOLATILE);
    returns(RegOpenKeyW(key, L"w", &second), ERROR_FILE_NOT_FOUND);
    RegCloseKey(key);
    returns(RegDeleteKeyW(base, L"v"), ERROR_SUCCESS);

    returns(RegConnectRegistryW(NULL, HKEY_LOCAL_MACHINE, &key), ERROR_SUCCESS);
    returns(RegConnectRegistryA("\\\\no such machine", HKEY_LOCAL_MACHINE, &key), ERROR_BAD_NETPATH);
    returns(RegConnectRegistryW(NULL, HKEY_CURRENT_USER, &key), ERROR_INVALID_HANDLE);
    returns(RegOpenCurrentUser(KEY_READ, &key), ERROR_SUCCESS);
    RegCloseKey(key);
}

static void test_value(void)
{
    DWORD type, size, number;
    WCHAR wide[64], name[64];
    char ansi[64];
    LONG count;

    returns(RegSetValueExW(base, L"text", 0, REG_SZ, (BYTE *)L"wide", 10), ERROR_SUCCESS);
    returns(RegSetValueExA(base, "number", 0, REG_DWORD, (BYTE *)&(DWORD){ 42 }, 4), ERROR_SUCCESS);
    size = sizeof(wide);
    returns(RegQueryValueExW(base, L"TEXT", NULL, &type, (BYTE *)wide, &size), ERROR_SUCCESS);
    ok(type == REG_SZ && size == 10 && !wcscmp(wide, L"wide"), "type %lu, size %lu, %s\n", type, size, wine_dbgstr_w(wide));
    size = 4;
    returns(RegQueryValueExW(base, L"text", NULL, &type, (BYTE *)wide, &size), ERROR_MORE_DATA);
    returns(size, 10);
    size = sizeof(ansi);
    returns(RegQueryValueExA(base, "text", NULL, &type, (BYTE *)ansi, &size), ERROR_SUCCESS);
    ok(size == 5 && !strcmp(ansi, "wide"), "size %lu, %s\n", size, ansi);
    size = 7;
    returns(RegQueryValueExA(base, "no", NULL, &type, NULL, &size), ERROR_FILE_NOT_FOUND);
    returns(size, 0);
    returns(RegQueryValueExW(base, L"text", NULL, &type, (BYTE *)wide, NULL), ERROR_INVALID_PARAMETER);

    size = sizeof(number);
    returns(RegGetValueW(base, NULL, L"number", RRF_RT_REG_DWORD, &type, &number, &size), ERROR_SUCCESS);
    ok(type == REG_DWORD && number == 42 && size == 4, "type %lu, %lu\n", type, number);
    size = sizeof(number);
    returns(RegGetValueA(base, "", "number", RRF_RT_REG_SZ, NULL, &number, &size), ERROR_UNSUPPORTED_TYPE);
    size = sizeof(ansi);
    returns(RegGetValueA(base, NULL, "text", RRF_RT_REG_SZ, NULL, ansi, &size), ERROR_SUCCESS);
    ok(size == 5 && !strcmp(ansi, "wide"), "size %lu, %s\n", size, ansi);
    returns(RegGetValueW(base, NULL, L"text", RRF_RT_REG_EXPAND_SZ, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    memset(ansi, 'x', sizeof(ansi));
    size = 3;
    returns(RegGetValueA(base, NULL, "text", RRF_RT_ANY | RRF_ZEROONFAILURE, NULL, ansi, &size), ERROR_MORE_DATA);
    ok(!memcmp(ansi, "\0\0\0x", 4), "not zeroed\n");

    size = ARRAY_SIZE(name);
    number = sizeof(wide);
    returns(RegEnumValueW(base, 0, name, &size, NULL, &type, (BYTE *)wide, &number), ERROR_SUCCESS);
    ok(size == wcslen(name), "%s, %lu\n", wine_dbgstr_w(name), size);
    size = sizeof(ansi);
    returns(RegEnumValueA(base, 1, ansi, &size, NULL, NULL, NULL, NULL), ERROR_SUCCESS);
    returns(size, strlen(ansi));
    size = sizeof(ansi);
    returns(RegEnumValueA(base, 2, ansi, &size, NULL, NULL, NULL, NULL), ERROR_NO_MORE_ITEMS);
    size = 1;
    returns(RegEnumValueW(base, 0, name, &size, NULL, NULL, NULL, NULL), ERROR_MORE_DATA);
    returns(RegDeleteValueW(base, L"text"), ERROR_SUCCESS);
    returns(RegDeleteValueW(base, L"text"), ERROR_FILE_NOT_FOUND);
    returns(RegDeleteValueA(base, "number"), ERROR_SUCCESS);

    count = sizeof(wide);
    returns(RegQueryValueW(base, NULL, wide, &count), ERROR_SUCCESS);               /* none is an empty one */
    ok(count == 2 && !wide[0], "%ld\n", count);
    returns(RegSetValueW(base, NULL, REG_SZ, L"old", 0), ERROR_SUCCESS);
    count = sizeof(ansi);
    returns(RegQueryValueA(base, "", ansi, &count), ERROR_SUCCESS);
    ok(count == 4 && !strcmp(ansi, "old"), "%ld, %s\n", count, ansi);
    returns(RegSetValueA(base, NULL, REG_DWORD, "old", 4), ERROR_INVALID_PARAMETER);
    returns(RegSetValueA(base, "sub", REG_SZ, "older", 0), ERROR_SUCCESS);
    count = sizeof(wide);
    returns(RegQueryValueW(base, L"sub", wide, &count), ERROR_SUCCESS);
    ok(!wcscmp(wide, L"older"), "%s\n", wine_dbgstr_w(wide));
    returns(RegQueryValueA(base, "no", ansi, &count), ERROR_FILE_NOT_FOUND);
    returns(RegDeleteKeyW(base, L"sub"), ERROR_SUCCESS);
    returns(RegDeleteValueW(base, NULL), ERROR_SUCCESS);
}

static void test_tree(void)
{
    DWORD number = 7, size, subkeys, values;
    HKEY key;

    returns(RegSetKeyValueW(base, L"tree\\one", L"x", REG_DWORD, &number, 4), ERROR_SUCCESS);
    returns(RegSetKeyValueA(base, "tree\\two", "y", REG_DWORD, &number, 4), ERROR_SUCCESS);
    returns(RegSetKeyValueA(base, "tree", "z", REG_DWORD, &number, 4), ERROR_SUCCESS);
    returns(RegCreateKeyW(base, L"copy", &key), ERROR_SUCCESS);
    returns(RegCopyTreeW(base, L"tree", key), ERROR_SUCCESS);
    returns(RegCopyTreeA(base, "no", key), ERROR_FILE_NOT_FOUND);
    size = sizeof(number);
    number = 0;
    returns(RegGetValueW(key, L"two", L"y", RRF_RT_REG_DWORD, NULL, &number, &size), ERROR_SUCCESS);
    returns(number, 7);
    returns(RegDeleteKeyValueW(key, L"two", L"y"), ERROR_SUCCESS);
    returns(RegDeleteKeyValueA(key, "two", "y"), ERROR_FILE_NOT_FOUND);
    returns(RegDeleteTreeW(key, L""), ERROR_SUCCESS);                               /* what is in it, not the key */
    returns(RegQueryInfoKeyW(key, NULL, NULL, NULL, &subkeys, NULL, NULL, &values, NULL, NULL, NULL, NULL), ERROR_SUCCESS);
    ok(!subkeys && !values, "%lu subkeys, %lu values\n", subkeys, values);
    RegCloseKey(key);
    returns(RegDeleteTreeA(base, "tree"), ERROR_SUCCESS);
    returns(RegOpenKeyW(base, L"tree", &key), ERROR_FILE_NOT_FOUND);
    returns(RegDeleteTreeA(base, "tree"), ERROR_FILE_NOT_FOUND);
    returns(RegDeleteKeyW(base, L"copy"), ERROR_SUCCESS);
}

static DWORD CALLBACK change_later(void *key)
{
    Sleep(50);
    returns(RegSetValueExA(key, "later", 0, REG_SZ, (BYTE *)"", 1), ERROR_SUCCESS);
    return 0;
}

static void test_notify(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL), thread;
    HKEY key, below;

    returns(RegCreateKeyA(base, "watched\\below", &below), ERROR_SUCCESS);
    returns(RegOpenKeyExA(base, "watched", 0, KEY_ALL_ACCESS, &key), ERROR_SUCCESS);
    returns(RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, NULL, TRUE), ERROR_INVALID_PARAMETER);
    returns(RegNotifyChangeKeyValue(key, FALSE, 0, event, TRUE), ERROR_INVALID_PARAMETER);
    returns(RegNotifyChangeKeyValue(NULL, FALSE, REG_NOTIFY_CHANGE_LAST_SET, event, TRUE), ERROR_INVALID_HANDLE);

    returns(RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, event, TRUE), ERROR_SUCCESS);
    returns(WaitForSingleObject(event, 0), WAIT_TIMEOUT);               /* it was reset */
    returns(RegSetValueExA(below, "v", 0, REG_SZ, (BYTE *)"", 1), ERROR_SUCCESS);
    returns(RegDeleteTreeA(key, "no"), ERROR_FILE_NOT_FOUND);
    returns(WaitForSingleObject(event, 0), WAIT_TIMEOUT);               /* another key, no change */
    returns(RegSetValueExA(key, "v", 0, REG_SZ, (BYTE *)"", 1), ERROR_SUCCESS);
    returns(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    ResetEvent(event);
    returns(RegDeleteValueA(key, "v"), ERROR_SUCCESS);
    returns(WaitForSingleObject(event, 0), WAIT_TIMEOUT);               /* once */

    returns(RegNotifyChangeKeyValue(key, TRUE, REG_NOTIFY_CHANGE_LAST_SET, event, TRUE), ERROR_SUCCESS);
    returns(RegDeleteValueA(below, "v"), ERROR_SUCCESS);
    returns(WaitForSingleObject(event, 0), WAIT_OBJECT_0);              /* the tree */
    returns(RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_NAME, event, TRUE), ERROR_SUCCESS);
    returns(RegDeleteKeyA(key, "below"), ERROR_SUCCESS);
    returns(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    RegCloseKey(below);

    thread = CreateThread(NULL, 0, change_later, key, 0, NULL);
    returns(RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, NULL, FALSE), ERROR_SUCCESS);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);

    returns(RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, event, TRUE), ERROR_SUCCESS);
    RegCloseKey(key);                                                   /* ends it */
    returns(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CloseHandle(event);
    returns(RegDeleteTreeA(base, "watched"), ERROR_SUCCESS);
}

START_TEST(registry)
{
    returns(RegCreateKeyExW(HKEY_CURRENT_USER, L"Software\\Oriel test", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &base, NULL), ERROR_SUCCESS);
    test_key();
    test_value();
    test_tree();
    test_notify();
    RegCloseKey(base);
    returns(RegDeleteTreeW(HKEY_CURRENT_USER, L"Software\\Oriel test"), ERROR_SUCCESS);
}
