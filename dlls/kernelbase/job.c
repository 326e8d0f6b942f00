/* Job objects. */
#include "kernelbase.h"

HANDLE WINAPI CreateJobObjectW(SECURITY_ATTRIBUTES *sa, const WCHAR *name)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (!named_attributes(&attr, &string, name, sa, OBJ_OPENIF)) return NULL;
    status = NtCreateJobObject(&handle, JOB_OBJECT_ALL_ACCESS, &attr);
    return created_object(status, handle);
}

HANDLE WINAPI CreateJobObjectA(SECURITY_ATTRIBUTES *sa, const char *name)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = CreateJobObjectW(sa, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI OpenJobObjectW(DWORD access, BOOL inherit, const WCHAR *name)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle;

    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, NULL, inherit ? OBJ_INHERIT : 0)) return NULL;
    return nt_result(NtOpenJobObject(&handle, access, &attr)) ? handle : NULL;
}

HANDLE WINAPI OpenJobObjectA(DWORD access, BOOL inherit, const char *name)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = OpenJobObjectW(access, inherit, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return handle;
}

BOOL WINAPI AssignProcessToJobObject(HANDLE job, HANDLE process)
{
    return nt_result(NtAssignProcessToJobObject(job, process));
}

BOOL WINAPI TerminateJobObject(HANDLE job, UINT code)
{
    return nt_result(NtTerminateJobObject(job, (NTSTATUS)code));
}

BOOL WINAPI SetInformationJobObject(HANDLE job, JOBOBJECTINFOCLASS class, void *info, DWORD size)
{
    return nt_result(NtSetInformationJobObject(job, class, info, size));
}

BOOL WINAPI QueryInformationJobObject(HANDLE job, JOBOBJECTINFOCLASS class, void *info, DWORD size, DWORD *returned)
{
    return nt_result(NtQueryInformationJobObject(job, class, info, size, returned));
}

BOOL WINAPI IsProcessInJob(HANDLE process, HANDLE job, BOOL *result)
{
    NTSTATUS status = NtIsProcessInJob(process, job);

    if (!nt_result(status)) return FALSE;
    *result = status == STATUS_PROCESS_IN_JOB;
    return TRUE;
}
