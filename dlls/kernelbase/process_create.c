/* CreateProcess. */
#include "kernelbase.h"
#include "process_attributes.h"
#include "process_search.h"

#define PATH_ROOM PROGRAM_PATH_ROOM

#define CONSOLE_DETACHED  ((HANDLE)(LONG_PTR)-1)        /* ConsoleHandle of the parameters */
#define CONSOLE_NEW       ((HANDLE)(LONG_PTR)-2)
#define CONSOLE_NO_WINDOW ((HANDLE)(LONG_PTR)-3)

struct std_rules                /* what decides over the child's standard handles */
{
    BOOL inherit;               /* bInheritHandles, and */
    BOOL listed;                /* ... those of a list alone */
    BOOL given;                 /* STARTF_USESTDHANDLES */
    BOOL none;                  /* it does not share our console */
    BOOL duplicate;             /* out: there are some that are not just inherited */
};

/* ---- parameters ------------------------------------------------------------------------------------------- */

/* A UNICODE_STRING of text; FALSE: it is longer than one can hold. */
static BOOL make_string(UNICODE_STRING *string, const WCHAR *text)
{
    SIZE_T length = text ? wcslen(text) : 0;

    if (length > 32766) return fail(ERROR_FILENAME_EXCED_RANGE);
    string->Length = (USHORT)(length * sizeof(WCHAR));
    string->MaximumLength = (USHORT)(string->Length + sizeof(WCHAR));
    string->Buffer = (WCHAR *)text;
    return TRUE;
}

#define ANSI_ENVIRONMENT_MAX 32767      /* characters, as documented */

/* An environment block of the ANSI code page as UTF-16; NULL: the last error says why. */
static WCHAR *wide_environment(const char *block)
{
    const char *end = block;
    INT length, size;
    WCHAR *wide;

    while (*end) end += strlen(end) + 1;
    if (end - block >= ANSI_ENVIRONMENT_MAX)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    size = (INT)(end - block) + 1;
    if (size == 1) size = 2;            /* empty: both NULs */
    length = MultiByteToWideChar(CP_ACP, 0, block, size, NULL, 0);
    if ((wide = heap_zalloc((length + 2) * sizeof(WCHAR)))) MultiByteToWideChar(CP_ACP, 0, block, size, wide, length);
    else set_error(ERROR_NOT_ENOUGH_MEMORY);
    return wide;
}

/* Where the child starts: an existing folder. full has PATH_ROOM characters. */
static BOOL find_folder(const WCHAR *folder, WCHAR *full)
{
    DWORD length = GetFullPathNameW(folder, PATH_ROOM, full, NULL), attributes;

    if (!length || length >= PATH_ROOM) return fail(ERROR_DIRECTORY);
    attributes = GetFileAttributesW(full);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY)) return fail(ERROR_DIRECTORY);
    return TRUE;
}

/* What a standard handle of the child is, by the first rule that fits; Windows 8 and later have these rules. *duplicate: the child
 * gets a handle of that value, be it one that is inherited or not. */
static HANDLE standard_handle(HANDLE wanted, HANDLE own, const struct std_rules *rules, BOOL *duplicate)
{
    *duplicate = FALSE;
    if (rules->inherit && rules->given && wanted) return wanted;        /* as it is, whatever it is */
    if (rules->none || rules->given) return NULL;
    if (rules->inherit && !rules->listed) return own;                   /* the same */
    *duplicate = TRUE;                          /* if the parent has one of that value */
    return own;
}

static void fill_standard_handles(RTL_USER_PROCESS_PARAMETERS *params, const STARTUPINFOW *info, struct std_rules *rules)
{
    const RTL_USER_PROCESS_PARAMETERS *own = process_parameters();
    BOOL duplicate;

    params->hStdInput = standard_handle(info->hStdInput, own->hStdInput, rules, &duplicate);
    rules->duplicate |= duplicate;
    params->hStdOutput = standard_handle(info->hStdOutput, own->hStdOutput, rules, &duplicate);
    rules->duplicate |= duplicate;
    params->hStdError = standard_handle(info->hStdError, own->hStdError, rules, &duplicate);
    rules->duplicate |= duplicate;
}

static void fill_startup(RTL_USER_PROCESS_PARAMETERS *params, const STARTUPINFOW *info, DWORD flags, struct std_rules *rules)
{
    params->dwX = info->dwX;
    params->dwY = info->dwY;
    params->dwXSize = info->dwXSize;
    params->dwYSize = info->dwYSize;
    params->dwXCountChars = info->dwXCountChars;
    params->dwYCountChars = info->dwYCountChars;
    params->dwFillAttribute = info->dwFillAttribute;
    params->dwFlags = info->dwFlags;
    params->wShowWindow = info->wShowWindow;
    if (flags & CREATE_NEW_CONSOLE) params->ConsoleHandle = CONSOLE_NEW;
    else if (flags & DETACHED_PROCESS) params->ConsoleHandle = CONSOLE_DETACHED;
    else if (flags & CREATE_NO_WINDOW) params->ConsoleHandle = CONSOLE_NO_WINDOW;
    if (flags & (CREATE_NEW_PROCESS_GROUP | CREATE_NEW_CONSOLE)) params->ProcessGroupId = 0;    /* one of its own */
    if (flags & CREATE_NEW_PROCESS_GROUP && !(flags & CREATE_NEW_CONSOLE)) params->ConsoleFlags = 1;
    rules->none = params->ConsoleHandle == CONSOLE_DETACHED || params->ConsoleHandle == CONSOLE_NO_WINDOW;
    rules->given = info->dwFlags & STARTF_USESTDHANDLES;
    fill_standard_handles(params, info, rules);
}

static RTL_USER_PROCESS_PARAMETERS *make_parameters(const WCHAR *program, const WCHAR *word, const WCHAR *line, const WCHAR *folder,
                                                    WCHAR *environment, const STARTUPINFOW *info, DWORD flags,
                                                    struct std_rules *rules)
{
    UNICODE_STRING image, command, directory, title, desktop, shell, runtime;
    RTL_USER_PROCESS_PARAMETERS *params;

    if (!make_string(&image, program) || !make_string(&command, line) || !make_string(&directory, folder) ||
        !make_string(&title, info->lpTitle ? info->lpTitle : word) || !make_string(&desktop, info->lpDesktop) ||
        !make_string(&shell, L"")) return NULL;
    runtime.Buffer = (WCHAR *)info->lpReserved2;
    runtime.Length = runtime.MaximumLength = info->lpReserved2 ? info->cbReserved2 : 0;
    if (!nt_result(RtlCreateProcessParametersEx(&params, &image, NULL, folder ? &directory : NULL, &command, environment,
                                                &title, info->lpDesktop ? &desktop : &process_parameters()->Desktop, &shell,
                                                &runtime, PROCESS_PARAMS_FLAG_NORMALIZED))) return NULL;
    fill_startup(params, info, flags, rules);
    return params;
}

/* ---- the attributes ----------------------------------------------------------------------------------------- */

#define ATTRIBUTES_MAX 16

struct attributes
{
    PS_ATTRIBUTE_LIST list;
    PS_ATTRIBUTE more[ATTRIBUTES_MAX];
    ULONG count;
};

static void add_attribute(struct attributes *attributes, ULONG_PTR attribute, void *value, SIZE_T size)
{
    PS_ATTRIBUTE *entry = &attributes->list.Attributes[attributes->count++];

    entry->Attribute = attribute;
    entry->Size = size;
    entry->ValuePtr = value;
    entry->ReturnLength = NULL;
    attributes->list.TotalLength = offsetof(PS_ATTRIBUTE_LIST, Attributes[attributes->count]);
}

/* All of them must be such that a child can have them. */
static BOOL check_handles(const HANDLE *handles, SIZE_T count)
{
    DWORD flags;
    SIZE_T i;

    for (i = 0; i < count; i++)
        if (handles[i] && (!GetHandleInformation(handles[i], &flags) || !(flags & HANDLE_FLAG_INHERIT)))
            return fail(ERROR_INVALID_PARAMETER);
    return TRUE;
}

static const struct _PROC_THREAD_ATTRIBUTE_LIST *attributes_of(const STARTUPINFOW *info, DWORD flags)
{
    return flags & EXTENDED_STARTUPINFO_PRESENT ? ((const STARTUPINFOEXW *)info)->lpAttributeList : NULL;
}

static BOOL has_attribute(const struct _PROC_THREAD_ATTRIBUTE_LIST *list, DWORD_PTR attribute)
{
    DWORD i;

    for (i = 0; list && i < list->count; i++)
        if (list->attributes[i].attribute == attribute) return TRUE;
    return FALSE;
}

static BOOL add_list(struct attributes *attributes, const struct _PROC_THREAD_ATTRIBUTE_LIST *list, BOOL inherit)
{
    DWORD i;

    for (i = 0; i < list->count; i++)
    {
        const struct proc_thread_attribute *entry = &list->attributes[i];

        if (attributes->count >= ATTRIBUTES_MAX) return fail(ERROR_INVALID_PARAMETER);
        switch (entry->attribute)
        {
        case PROC_THREAD_ATTRIBUTE_HANDLE_LIST:
            /* Another parent's handles are its own, and nobody here knows them. */
            if (!inherit || (!has_attribute(list, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS) && !check_handles(entry->value, entry->size / sizeof(HANDLE))))
                return fail(ERROR_INVALID_PARAMETER);
            add_attribute(attributes, PS_ATTRIBUTE_HANDLE_LIST, entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_PARENT_PROCESS:      /* the handle itself is the value */
            add_attribute(attributes, PS_ATTRIBUTE_PARENT_PROCESS, *(HANDLE *)entry->value, sizeof(HANDLE));
            break;
        case PROC_THREAD_ATTRIBUTE_JOB_LIST:
            add_attribute(attributes, PS_ATTRIBUTE_JOB_LIST, entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY:
            add_attribute(attributes, PS_ATTRIBUTE_GROUP_AFFINITY, entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_IDEAL_PROCESSOR:
            add_attribute(attributes, PS_ATTRIBUTE_IDEAL_PROCESSOR, entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_PREFERRED_NODE:      /* the number itself is the value */
            add_attribute(attributes, PS_ATTRIBUTE_PREFERRED_NODE, (void *)(ULONG_PTR)*(USHORT *)entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY:
            add_attribute(attributes, PsAttributeMitigationOptions | PS_ATTRIBUTE_INPUT, entry->value, entry->size);
            break;
        case PROC_THREAD_ATTRIBUTE_CHILD_PROCESS_POLICY:
            add_attribute(attributes, PsAttributeChildProcessPolicy | PS_ATTRIBUTE_INPUT, entry->value, entry->size);
            break;
        }
    }
    return TRUE;
}

#ifndef CREATE_SECURE_PROCESS
#define CREATE_SECURE_PROCESS 0x00400000
#endif

static UCHAR priority_from_flags(DWORD flags)
{
    if (flags & IDLE_PRIORITY_CLASS) return 1;
    if (flags & BELOW_NORMAL_PRIORITY_CLASS) return 5;
    if (flags & NORMAL_PRIORITY_CLASS) return 2;
    if (flags & ABOVE_NORMAL_PRIORITY_CLASS) return 6;
    if (flags & HIGH_PRIORITY_CLASS) return 3;
    if (flags & REALTIME_PRIORITY_CLASS) return 3;      /* without the privilege */
    return 0;
}

/* ---- the call ------------------------------------------------------------------------------------------------- */

static BOOL is_inherited(const SECURITY_ATTRIBUTES *sa)
{
    return sa && sa->nLength >= sizeof(*sa) && sa->bInheritHandle;
}

static BOOL start(const WCHAR *program, RTL_USER_PROCESS_PARAMETERS *params, const SECURITY_ATTRIBUTES *process_sa,
                  const SECURITY_ATTRIBUTES *thread_sa, const struct std_rules *rules, DWORD flags, const STARTUPINFOW *info,
                  PROCESS_INFORMATION *out)
{
    struct { ULONG flags, subsystem; } std = { 1, 3 };         /* duplicate what the child's values say */
    BOOL inherit = rules->inherit;
    struct attributes attributes = { .count = 0 };
    UCHAR priority = priority_from_flags(flags);
    OBJECT_ATTRIBUTES process_attr, thread_attr;
    ULONG create_flags = (inherit ? PROCESS_CREATE_FLAGS_INHERIT_HANDLES : 0) |
                         (flags & CREATE_BREAKAWAY_FROM_JOB ? PROCESS_CREATE_FLAGS_BREAKAWAY : 0);
    PS_CREATE_INFO create = { .Size = sizeof(create) };
    BOOL is_debugged = flags & (DEBUG_PROCESS | DEBUG_ONLY_THIS_PROCESS);
    UNICODE_STRING nt_name;
    HANDLE process, thread;
    CLIENT_ID id;
    BOOL ok;

    if (is_debugged && !nt_result(DbgUiConnectToDbg())) return FALSE;
    if (flags & DEBUG_ONLY_THIS_PROCESS) create_flags |= PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT;
    if (!RtlDosPathNameToNtPathName_U(program, &nt_name, NULL, NULL)) return fail(ERROR_PATH_NOT_FOUND);
    InitializeObjectAttributes(&process_attr, NULL, is_inherited(process_sa) ? OBJ_INHERIT : 0, NULL, NULL);
    InitializeObjectAttributes(&thread_attr, NULL, is_inherited(thread_sa) ? OBJ_INHERIT : 0, NULL, NULL);
    add_attribute(&attributes, PS_ATTRIBUTE_IMAGE_NAME, nt_name.Buffer, nt_name.Length);
    add_attribute(&attributes, PS_ATTRIBUTE_CLIENT_ID, &id, sizeof(id));
    if (rules->duplicate) add_attribute(&attributes, PS_ATTRIBUTE_STD_HANDLE_INFO, &std, sizeof(std));
    if (is_debugged) add_attribute(&attributes, PS_ATTRIBUTE_DEBUG_PORT, DbgUiGetThreadDebugObject(), sizeof(HANDLE));
    if (priority) add_attribute(&attributes, PS_ATTRIBUTE_PRIORITY_CLASS, &priority, sizeof(priority));
    ok = !attributes_of(info, flags) || add_list(&attributes, attributes_of(info, flags), inherit);
    ok = ok && nt_result(NtCreateUserProcess(&process, &thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, &process_attr,
                                             &thread_attr, create_flags, flags & CREATE_SUSPENDED ? 1 : 0, params, &create, &attributes.list));
    RtlFreeUnicodeString(&nt_name);
    if (!ok) return FALSE;
    out->hProcess = process;
    out->hThread = thread;
    out->dwProcessId = HandleToULong(id.UniqueProcess);
    out->dwThreadId = HandleToULong(id.UniqueThread);
    return TRUE;
}

/* The command line with the program in quotes, which its user forgot. */
static WCHAR *quote_line(const WCHAR *line, const WCHAR *rest)
{
    SIZE_T length = wcslen(line);
    WCHAR *quoted = heap_alloc((length + 3) * sizeof(WCHAR));

    if (!quoted) return NULL;
    quoted[0] = '"';
    memcpy(quoted + 1, line, (rest - line) * sizeof(WCHAR));
    quoted[rest - line + 1] = '"';
    wcscpy(quoted + (rest - line) + 2, rest);
    return quoted;
}

static BOOL create(const WCHAR *application, const WCHAR *line, const SECURITY_ATTRIBUTES *process_sa,
                   const SECURITY_ATTRIBUTES *thread_sa, BOOL inherit, DWORD flags, WCHAR *environment, const WCHAR *folder,
                   const STARTUPINFOW *info, PROCESS_INFORMATION *out)
{
    const struct _PROC_THREAD_ATTRIBUTE_LIST *list = attributes_of(info, flags);
    struct std_rules rules = { .inherit = inherit, .listed = has_attribute(list, PROC_THREAD_ATTRIBUTE_HANDLE_LIST) };
    WCHAR *found = heap_alloc(3 * PATH_ROOM * sizeof(WCHAR)), *full = found + PATH_ROOM, *full_folder = full + PATH_ROOM;
    RTL_USER_PROCESS_PARAMETERS *params;
    const WCHAR *rest = NULL;
    WCHAR *quoted = NULL, *word = NULL;
    BOOL ok, several = FALSE;
    DWORD length;

    if (!found) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (folder && !find_folder(folder, full_folder)) ok = FALSE;
    else if (application)
    {
        if ((ok = wcslen(application) < PATH_ROOM)) wcscpy(found, application);
        else set_error(ERROR_FILENAME_EXCED_RANGE);
        if (ok && !*application) ok = fail(ERROR_PATH_NOT_FOUND);
    }
    else ok = program_of_line(line, found, &word, &rest, &several);
    if (ok && (!(length = GetFullPathNameW(found, PATH_ROOM, full, NULL)) || length >= PATH_ROOM))
        ok = fail(ERROR_PATH_NOT_FOUND);
    if (ok && several && !(quoted = quote_line(line, rest))) ok = fail(ERROR_NOT_ENOUGH_MEMORY);
    if (ok)
    {
        params = make_parameters(full, application ? application : word, quoted ? quoted : line ? line : application, folder ? full_folder : NULL, environment,
                                 info, flags, &rules);
        ok = params != NULL;
        if (ok) ok = start(full, params, process_sa, thread_sa, &rules, flags, info, out);
        if (params) RtlDestroyProcessParameters(params);
    }
    heap_free(quoted);
    heap_free(word);
    heap_free(found);
    return ok;
}

BOOL WINAPI CreateProcessInternalW(HANDLE token, const WCHAR *application, WCHAR *line, SECURITY_ATTRIBUTES *process_sa,
                                   SECURITY_ATTRIBUTES *thread_sa, BOOL inherit, DWORD flags, void *environment,
                                   const WCHAR *folder, STARTUPINFOW *info, PROCESS_INFORMATION *out, HANDLE *new_token)
{
    WCHAR *wide = NULL;
    BOOL ok;

    if (new_token) *new_token = NULL;
    if (token) return fail(ERROR_NOT_SUPPORTED);
    if ((!application && !line) || (flags & DETACHED_PROCESS && flags & CREATE_NEW_CONSOLE) ||
        (flags & EXTENDED_STARTUPINFO_PRESENT && info->cb != sizeof(STARTUPINFOEXW)))
        return fail(ERROR_INVALID_PARAMETER);
    if (flags & (CREATE_PROTECTED_PROCESS | CREATE_SECURE_PROCESS)) return fail(ERROR_NOT_SUPPORTED);
    memset(out, 0, sizeof(*out));
    if (environment && !(flags & CREATE_UNICODE_ENVIRONMENT))
    {
        if (!(wide = wide_environment(environment))) return FALSE;
        environment = wide;
    }
    ok = create(application, line, process_sa, thread_sa, inherit, flags, environment, folder, info, out);
    heap_free(wide);
    return ok;
}

BOOL WINAPI CreateProcessW(const WCHAR *application, WCHAR *line, SECURITY_ATTRIBUTES *process_sa,
                           SECURITY_ATTRIBUTES *thread_sa, BOOL inherit, DWORD flags, void *environment,
                           const WCHAR *folder, STARTUPINFOW *info, PROCESS_INFORMATION *out)
{
    return CreateProcessInternalW(NULL, application, line, process_sa, thread_sa, inherit, flags, environment, folder, info,
                                  out, NULL);
}

BOOL WINAPI CreateProcessA(const char *application, char *line, SECURITY_ATTRIBUTES *process_sa,
                           SECURITY_ATTRIBUTES *thread_sa, BOOL inherit, DWORD flags, void *environment,
                           const char *folder, STARTUPINFOA *info, PROCESS_INFORMATION *out)
{
    UNICODE_STRING strings[5] = { { 0, 0, NULL } };
    const char *const sources[5] = { application, line, folder, info->lpTitle, info->lpDesktop };
    STARTUPINFOEXW wide = { .StartupInfo = { .cb = sizeof(STARTUPINFOW) } };
    BOOL ok = TRUE;
    int i;

    memcpy(&wide, info, flags & EXTENDED_STARTUPINFO_PRESENT ? sizeof(wide) : sizeof(*info));
    for (i = 0; ok && i < 5; i++)
        if (sources[i]) ok = wide_from_file_name(&strings[i], sources[i]);
    wide.StartupInfo.lpTitle = strings[3].Buffer;
    wide.StartupInfo.lpDesktop = strings[4].Buffer;
    wide.StartupInfo.lpReserved = NULL;
    if (ok)
        ok = CreateProcessW(strings[0].Buffer, strings[1].Buffer, process_sa, thread_sa, inherit, flags, environment,
                            strings[2].Buffer, &wide.StartupInfo, out);
    for (i = 0; i < 5; i++) RtlFreeUnicodeString(&strings[i]);
    return ok;
}

UINT WINAPI WinExec(const char *line, UINT show)
{
    STARTUPINFOA info = { .cb = sizeof(info), .dwFlags = STARTF_USESHOWWINDOW, .wShowWindow = (WORD)show };
    PROCESS_INFORMATION process;
    char *copy = heap_alloc(strlen(line) + 1);
    BOOL ok = FALSE;

    if (copy)
    {
        strcpy(copy, line);
        ok = CreateProcessA(NULL, copy, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process);
        heap_free(copy);
    }
    else set_error(ERROR_NOT_ENOUGH_MEMORY);
    if (!ok) return get_error() < 32 ? get_error() : ERROR_FILE_NOT_FOUND;
    NtClose(process.hProcess);
    NtClose(process.hThread);
    return 33;
}
