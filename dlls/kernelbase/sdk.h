/* What the SDK and the NT headers declare and the headers we build with do not. */
#pragma once

#ifndef DIRECTORY_TRAVERSE
#define DIRECTORY_QUERY         0x0001
#define DIRECTORY_TRAVERSE      0x0002
#define DIRECTORY_CREATE_OBJECT 0x0004
#endif

#define FAIL_FAST_GENERATE_EXCEPTION_ADDRESS 1

/* ---- pipes ------------------------------------------------------------------------------------------ */
#ifndef FSCTL_PIPE_GET_PIPE_ATTRIBUTE
#define FSCTL_PIPE_GET_PIPE_ATTRIBUTE CTL_CODE(FILE_DEVICE_NAMED_PIPE, 10, METHOD_BUFFERED, FILE_ANY_ACCESS)
#endif

#ifndef PIPE_REJECT_REMOTE_CLIENTS
#define PIPE_REJECT_REMOTE_CLIENTS 8
#endif
#ifndef FILE_PIPE_REJECT_REMOTE_CLIENTS
#define FILE_PIPE_REJECT_REMOTE_CLIENTS 2
#endif

BOOL WINAPI GetNamedPipeClientComputerNameA(HANDLE pipe, char *name, ULONG size);
BOOL WINAPI GetNamedPipeClientComputerNameW(HANDLE pipe, WCHAR *name, ULONG size);

/* ---- files ------------------------------------------------------------------------------------------ */
#ifndef FILE_OPEN_NO_RECALL
#define FILE_OPEN_NO_RECALL       0x00400000
#endif
#ifndef FILE_FLAG_OPEN_REQUIRING_OPLOCK
#define FILE_FLAG_OPEN_REQUIRING_OPLOCK 0x00040000
#endif

typedef struct
{
    DWORD  dwSize;
    DWORD  dwFileAttributes;
    DWORD  dwFileFlags;
    DWORD  dwSecurityQosFlags;
    SECURITY_ATTRIBUTES *lpSecurityAttributes;
    HANDLE hTemplateFile;
} CREATEFILE2_EXTENDED_PARAMETERS;
HANDLE WINAPI CreateFile2(const WCHAR *name, DWORD access, DWORD sharing, DWORD creation, CREATEFILE2_EXTENDED_PARAMETERS *extra);
HANDLE WINAPI OpenFileById(HANDLE volume, FILE_ID_DESCRIPTOR *id, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *sa, DWORD flags);

DWORD WINAPI GetTempPath2A(DWORD size, char *buffer);
DWORD WINAPI GetTempPath2W(DWORD size, WCHAR *buffer);

BOOL WINAPI GetThreadGroupAffinity(HANDLE thread, GROUP_AFFINITY *affinity);
BOOL WINAPI SetThreadGroupAffinity(HANDLE thread, const GROUP_AFFINITY *affinity, GROUP_AFFINITY *previous);
BOOL WINAPI SetThreadStackGuarantee(ULONG *size);
void WINAPI GetCurrentThreadStackLimits(ULONG_PTR *low, ULONG_PTR *high);
BOOL WINAPI IsThreadAFiber(void);

BOOL WINAPI QueryUnbiasedInterruptTime(ULONGLONG *time);
void WINAPI QueryUnbiasedInterruptTimePrecise(ULONGLONG *time);
void WINAPI QueryInterruptTime(ULONGLONG *time);
void WINAPI QueryInterruptTimePrecise(ULONGLONG *time);

HRESULT WINAPI WerSetFlags(DWORD flags);
HRESULT WINAPI WerGetFlags(HANDLE process, DWORD *flags);

WORD WINAPI GetActiveProcessorGroupCount(void);
WORD WINAPI GetMaximumProcessorGroupCount(void);
BOOL WINAPI GetSystemTimes(FILETIME *idle, FILETIME *kernel, FILETIME *user);
BOOL WINAPI GetPhysicallyInstalledSystemMemory(ULONGLONG *kilobytes);
BOOL WINAPI GetNumaHighestNodeNumber(ULONG *node);
BOOL WINAPI IsCharSpaceA(CHAR c);
BOOL WINAPI IsCharSpaceW(WCHAR c);

BOOL WINAPI SetThreadpoolTimerEx(TP_TIMER *timer, FILETIME *due, DWORD period, DWORD window);
DWORD WINAPI CtrlRoutine(void *argument);

INT WINAPI GetNumberFormatEx(const WCHAR *locale, DWORD flags, const WCHAR *value, const NUMBERFMTW *format, WCHAR *buffer, INT size);

#define PROCESS_AFFINITY_ENABLE_AUTO_UPDATE  1

BOOL WINAPI SetProcessAffinityUpdateMode(HANDLE process, DWORD flags);
BOOL WINAPI GetProcessHandleCount(HANDLE process, DWORD *count);
BOOL WINAPI IsProcessCritical(HANDLE process, BOOL *critical);
BOOL WINAPI CompareObjectHandles(HANDLE first, HANDLE second);
void WINAPI RaiseFailFastException(EXCEPTION_RECORD *record, CONTEXT *context, DWORD flags);
NTSTATUS WINAPI BaseGetNamedObjectDirectory(HANDLE *directory);

#ifndef LIST_MODULES_32BIT
#define LIST_MODULES_32BIT 1
#endif

/* ---- NT: volumes and files -------------------------------------------------------------------------- */
#ifndef SYMBOLIC_LINK_QUERY
#define SYMBOLIC_LINK_QUERY 0x0001
#endif

typedef struct
{
    LARGE_INTEGER ValidDataLength;
} FILE_VALID_DATA_LENGTH_INFORMATION;
