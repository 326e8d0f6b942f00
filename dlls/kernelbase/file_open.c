/* CreateFile and its relatives. */
#include "kernelbase.h"

/* What kernel options the Win32 flags come to. */
static ULONG open_options(DWORD flags)
{
    ULONG options = 0;

    if (flags & FILE_FLAG_BACKUP_SEMANTICS) options |= FILE_OPEN_FOR_BACKUP_INTENT;
    else options |= FILE_NON_DIRECTORY_FILE;
    if (flags & FILE_FLAG_DELETE_ON_CLOSE) options |= FILE_DELETE_ON_CLOSE;
    if (flags & FILE_FLAG_NO_BUFFERING) options |= FILE_NO_INTERMEDIATE_BUFFERING;
    if (!(flags & FILE_FLAG_OVERLAPPED)) options |= FILE_SYNCHRONOUS_IO_NONALERT;
    if (flags & FILE_FLAG_RANDOM_ACCESS) options |= FILE_RANDOM_ACCESS;
    if (flags & FILE_FLAG_SEQUENTIAL_SCAN) options |= FILE_SEQUENTIAL_ONLY;
    if (flags & FILE_FLAG_WRITE_THROUGH) options |= FILE_WRITE_THROUGH;
    if (flags & FILE_FLAG_OPEN_REPARSE_POINT) options |= FILE_OPEN_REPARSE_POINT;
    if (flags & FILE_FLAG_OPEN_NO_RECALL) options |= FILE_OPEN_NO_RECALL;
    return options;
}

static BOOL security_of(DWORD flags, SECURITY_QUALITY_OF_SERVICE *qos)
{
    if (!(flags & SECURITY_SQOS_PRESENT)) return FALSE;
    qos->Length = sizeof(*qos);
    qos->ImpersonationLevel = (SECURITY_IMPERSONATION_LEVEL)((flags >> 16) & 3);
    qos->ContextTrackingMode = flags & SECURITY_CONTEXT_TRACKING ? SECURITY_DYNAMIC_TRACKING : SECURITY_STATIC_TRACKING;
    qos->EffectiveOnly = (flags & SECURITY_EFFECTIVE_ONLY) != 0;
    return TRUE;
}

HANDLE WINAPI CreateFileW(const WCHAR *name, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *sa, DWORD creation,
                          DWORD attributes, HANDLE template)
{
    static const ULONG dispositions[] =
    {
        [CREATE_NEW] = FILE_CREATE, [CREATE_ALWAYS] = FILE_OVERWRITE_IF, [OPEN_EXISTING] = FILE_OPEN,
        [OPEN_ALWAYS] = FILE_OPEN_IF, [TRUNCATE_EXISTING] = FILE_OVERWRITE,
    };
    SECURITY_QUALITY_OF_SERVICE qos;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING nt_name;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE file;

    (void)template;     /* extended attributes to copy, which no file here has */
    if (!name || !name[0])
    {
        set_error(ERROR_PATH_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    if (creation < CREATE_NEW || creation > TRUNCATE_EXISTING || (creation == TRUNCATE_EXISTING && !(access & (GENERIC_WRITE | GENERIC_ALL))))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    /* "CONIN$" and "CONOUT$" are devices without a path; ntdll knows "CON". */
    if (!_wcsicmp(name, L"CONIN$") || !_wcsicmp(name, L"CONOUT$"))
    {
        InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
        RtlInitUnicodeString(&nt_name, _wcsicmp(name, L"CONIN$") ? L"\\??\\CONOUT$" : L"\\??\\CONIN$");
        if (sa && sa->bInheritHandle) attr.Attributes |= OBJ_INHERIT;
        status = NtCreateFile(&file, access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, &attr, &io, NULL, 0, sharing, FILE_OPEN,
                              FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
        if (nt_result(status)) return file;
        return INVALID_HANDLE_VALUE;
    }

    status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL);
    if (status < 0)
    {
        set_error(status == STATUS_OBJECT_NAME_INVALID ? ERROR_PATH_NOT_FOUND : RtlNtStatusToDosError(status));
        return INVALID_HANDLE_VALUE;
    }
    InitializeObjectAttributes(&attr, &nt_name, attributes & FILE_FLAG_POSIX_SEMANTICS ? 0 : OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (sa)
    {
        if (sa->bInheritHandle) attr.Attributes |= OBJ_INHERIT;
        attr.SecurityDescriptor = sa->lpSecurityDescriptor;
    }
    if (security_of(attributes, &qos)) attr.SecurityQualityOfService = &qos;
    access |= SYNCHRONIZE | FILE_READ_ATTRIBUTES;
    if (attributes & FILE_FLAG_DELETE_ON_CLOSE) access |= DELETE;

    status = NtCreateFile(&file, access, &attr, &io, NULL, attributes & FILE_ATTRIBUTE_VALID_FLAGS & ~FILE_ATTRIBUTE_DIRECTORY, sharing,
                          dispositions[creation], open_options(attributes), NULL, 0);
    if (status < 0)
    {
        const WCHAR *end = wcschr(name, 0);

        file = INVALID_HANDLE_VALUE;
        /* Names differ from NT's where Win32 programs have come to expect it. */
        if (status == STATUS_OBJECT_NAME_COLLISION)
        {
            DWORD found = GetFileAttributesW(name);

            set_error(found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY) ? ERROR_ACCESS_DENIED : ERROR_FILE_EXISTS);
        }
        else if (status == STATUS_FILE_IS_A_DIRECTORY) set_error(end > name && end[-1] == '\\' ? ERROR_PATH_NOT_FOUND : ERROR_ACCESS_DENIED);
        else set_error(RtlNtStatusToDosError(status));
    }
    else if ((creation == CREATE_ALWAYS && io.Information == FILE_OVERWRITTEN) || (creation == OPEN_ALWAYS && io.Information == FILE_OPENED))
        set_error(ERROR_ALREADY_EXISTS);
    else set_error(ERROR_SUCCESS);
    RtlFreeUnicodeString(&nt_name);
    return file;
}

HANDLE WINAPI CreateFileA(const char *name, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *sa, DWORD creation,
                          DWORD attributes, HANDLE template)
{
    UNICODE_STRING wide;
    HANDLE file;

    if (!wide_from_file_name(&wide, name)) return INVALID_HANDLE_VALUE;
    file = CreateFileW(wide.Buffer, access, sharing, sa, creation, attributes, template);
    RtlFreeUnicodeString(&wide);
    return file;
}

HANDLE WINAPI CreateFile2(const WCHAR *name, DWORD access, DWORD sharing, DWORD creation, CREATEFILE2_EXTENDED_PARAMETERS *extra)
{
    SECURITY_ATTRIBUTES *sa = extra ? extra->lpSecurityAttributes : NULL;
    DWORD attributes = extra ? (extra->dwFileAttributes & (FILE_ATTRIBUTE_VALID_FLAGS & 0x7ffff)) |
                               (extra->dwFileFlags & ~(DWORD)0x1fffff) | extra->dwSecurityQosFlags : 0;

    return CreateFileW(name, access, sharing, sa, creation, attributes, extra ? extra->hTemplateFile : NULL);
}

HANDLE WINAPI ReOpenFile(HANDLE original, DWORD access, DWORD sharing, DWORD attributes)
{
    SECURITY_QUALITY_OF_SERVICE qos;
    UNICODE_STRING empty = { 0, 0, NULL };
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE file;

    if (attributes & 0x7ffff)       /* attributes of files that exist already */
    {
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    /* An empty name relative to a file is that file. */
    InitializeObjectAttributes(&attr, &empty, OBJ_CASE_INSENSITIVE, original, NULL);
    if (security_of(attributes, &qos)) attr.SecurityQualityOfService = &qos;
    if (attributes & FILE_FLAG_DELETE_ON_CLOSE) access |= DELETE;
    if (!nt_result(NtCreateFile(&file, access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, &attr, &io, NULL, 0, sharing, FILE_OPEN,
                                open_options(attributes), NULL, 0)))
        return INVALID_HANDLE_VALUE;
    return file;
}

HANDLE WINAPI OpenFileById(HANDLE volume, FILE_ID_DESCRIPTOR *id, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *sa, DWORD flags)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE file;

    if (!id)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    name.Length = name.MaximumLength = sizeof(ULONGLONG);
    name.Buffer = (WCHAR *)&id->FileId;
    InitializeObjectAttributes(&attr, &name, sa && sa->bInheritHandle ? OBJ_INHERIT : 0, volume, sa ? sa->lpSecurityDescriptor : NULL);
    if (!nt_result(NtCreateFile(&file, access | SYNCHRONIZE, &attr, &io, NULL, flags & FILE_ATTRIBUTE_VALID_FLAGS, sharing, FILE_OPEN,
                                open_options(flags) | FILE_OPEN_BY_FILE_ID, NULL, 0)))
        return INVALID_HANDLE_VALUE;
    return file;
}
