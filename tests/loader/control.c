/* control.exe [handle|ignore]: says "ready", waits a second, returns 5; a handler says which event came and takes Ctrl-C. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static BOOL WINAPI handler(DWORD event)
{
    printf("event %lu\n", event);
    fflush(stdout);
    return event == CTRL_C_EVENT;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "handle")) SetConsoleCtrlHandler(handler, TRUE);
    if (argc > 1 && !strcmp(argv[1], "ignore")) SetConsoleCtrlHandler(NULL, TRUE);
    printf("ready\n");
    fflush(stdout);
    Sleep(1500);
    return 5;
}
