/* Classes of NtSetInformationProcess and NtQueryInformationProcess that only our DLLs know.
 *
 * Ctrl-C and its relatives: how kernelbase says that it wants to hear of them.
 *
 * NtSetInformationProcess(NtCurrentProcess(), ProcessOrielControlRoutine, &routine, sizeof(routine)), once: from then on
 * SIGINT, SIGQUIT, SIGTERM and SIGHUP make a thread that starts at routine with CTRL_C_EVENT, CTRL_BREAK_EVENT or
 * CTRL_CLOSE_EVENT. Before that they do what they do to any Linux program.
 */
#pragma once

#define ProcessOrielControlRoutine ((PROCESSINFOCLASS)1000)

/* A ULONG: 0, the process leaves its console; 1, it is back; 2, it gets one that nobody sees. */
#define ProcessOrielConsole ((PROCESSINFOCLASS)1001)

/* Two ULONGs: an event, and the group that it is for (0: all that share the console). */
#define ProcessOrielControlEvent ((PROCESSINFOCLASS)1003)

/* To query: two HANDLEs, on the window station and the desktop. */
#define ProcessOrielDesktop ((PROCESSINFOCLASS)1002)
