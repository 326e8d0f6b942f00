/* stranger.exe serve: makes an event, a section and a pipe with names, says its id, and waits for its input to end.
 * stranger.exe look ID: says which of them, and whether that process, it can open: the errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define EVENT "Local\\oriel-stranger-event"
#define SECTION "Local\\oriel-stranger-section"
#define PIPE "\\\\.\\pipe\\oriel-stranger"

static DWORD close(HANDLE handle)
{
    if (!handle || handle == INVALID_HANDLE_VALUE) return GetLastError();
    CloseHandle(handle);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "serve"))
    {
        HANDLE event = CreateEventA(NULL, TRUE, FALSE, EVENT);
        HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, SECTION);
        HANDLE pipe = CreateNamedPipeA(PIPE, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 4, 4096, 4096, 0, NULL);

        if (!event || !section || pipe == INVALID_HANDLE_VALUE) return printf("error %lu\n", GetLastError());
        printf("%lu\n", GetCurrentProcessId());
        fflush(stdout);
        getchar();
        return 0;
    }
    if (argc != 3) return 2;
    printf("event %lu", close(OpenEventA(SYNCHRONIZE, FALSE, EVENT)));
    printf(", section %lu", close(OpenFileMappingA(FILE_MAP_READ, FALSE, SECTION)));
    printf(", pipe %lu", close(CreateFileA(PIPE, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL)));
    printf(", process %lu\n", close(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, strtoul(argv[2], NULL, 0))));
    return 0;
}
