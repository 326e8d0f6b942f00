/* Libraries whose functions are other libraries': they lead there, by name and by number. */
#include "winsock2.h"
#include "libraries.h"

static const struct { const char *library, *function, *home, *name; WORD ordinal; } names[] =
{
    { "wsock32.dll", "connect", "ws2_32.dll", "connect", 4 },
    { "wsock32.dll", "WSAGetLastError", "ws2_32.dll", "WSAGetLastError", 111 },
    { "combase.dll", "CoTaskMemFree", "ole32.dll", "CoTaskMemFree", 0 },
    { "advapi32.dll", "EventRegister", "ntdll.dll", "EtwEventRegister", 0 },
    { "advapi32.dll", "EventWriteTransfer", "ntdll.dll", "EtwEventWriteTransfer", 0 },
    { "psapi.dll", "GetPerformanceInfo", "kernelbase.dll", "K32GetPerformanceInfo", 0 },
};

START_TEST(names)
{
    int (WINAPI *get_option)(SOCKET, int, int, char *, int *);

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
    {
        HMODULE library = LoadLibraryA(names[i].library), home = LoadLibraryA(names[i].home);
        FARPROC function = GetProcAddress(library, names[i].function);

        ok(function && function == GetProcAddress(home, names[i].name), "%s!%s: %p\n", names[i].library, names[i].function, function);
        if (names[i].ordinal) ok(GetProcAddress(library, (const char *)(ULONG_PTR)names[i].ordinal) == function, "%u\n", names[i].ordinal);
    }
    /* Its numbers of options are the old ones: not ws2_32's function. */
    get_option = (void *)GetProcAddress(GetModuleHandleA("wsock32.dll"), "getsockopt");
    ok(get_option && (void *)get_option != (void *)GetProcAddress(GetModuleHandleA("ws2_32.dll"), "getsockopt"), "%p\n", get_option);
    SetLastError(0);
    ok(get_option(~(SOCKET)0, 0, 7, NULL, NULL) == -1 && GetLastError(), "error %lu\n", GetLastError());
}
