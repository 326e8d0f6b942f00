/* RTL_USER_PROCESS_PARAMETERS: one block with all its strings behind it, whose pointers are offsets until it is
 * normalized. ntdll:env test_process_params has the layout. */

#include "rtl.h"

C_ASSERT(offsetof(RTL_USER_PROCESS_PARAMETERS, EnvironmentSize) == 0x3f0);

static void list_strings(RTL_USER_PROCESS_PARAMETERS *p, UNICODE_STRING *list[8])
{
    list[0] = &p->CurrentDirectory.DosPath;
    list[1] = &p->DllPath;
    list[2] = &p->ImagePathName;
    list[3] = &p->CommandLine;
    list[4] = &p->WindowTitle;
    list[5] = &p->Desktop;
    list[6] = &p->ShellInfo;
    list[7] = &p->RuntimeInfo;
}

/* Adds (or takes off) the address of the block wherever there is a pointer. */
static void relocate(RTL_USER_PROCESS_PARAMETERS *p, LONG_PTR delta)
{
    UNICODE_STRING *list[8];

    list_strings(p, list);
    for (int i = 0; i < 8; i++)
        if (list[i]->Buffer) list[i]->Buffer = (WCHAR *)((char *)list[i]->Buffer + delta);
}

RTL_USER_PROCESS_PARAMETERS * WINAPI RtlNormalizeProcessParams(RTL_USER_PROCESS_PARAMETERS *p)
{
    if (p && !(p->Flags & PROCESS_PARAMS_FLAG_NORMALIZED))
    {
        relocate(p, (LONG_PTR)p);
        p->Flags |= PROCESS_PARAMS_FLAG_NORMALIZED;
    }
    return p;
}

RTL_USER_PROCESS_PARAMETERS * WINAPI RtlDeNormalizeProcessParams(RTL_USER_PROCESS_PARAMETERS *p)
{
    if (p && p->Flags & PROCESS_PARAMS_FLAG_NORMALIZED)
    {
        relocate(p, -(LONG_PTR)p);
        p->Flags &= ~PROCESS_PARAMS_FLAG_NORMALIZED;
    }
    return p;
}

static SIZE_T put_string(char *base, SIZE_T at, UNICODE_STRING *to, const UNICODE_STRING *from, USHORT maximum,
                         SIZE_T alignment)
{
    to->Length = from->Length;
    to->MaximumLength = maximum;
    if (!maximum) return at;
    to->Buffer = (WCHAR *)(base + at);
    memcpy(to->Buffer, from->Buffer, from->Length);
    return ALIGN_UP(at + maximum, alignment);
}

NTSTATUS WINAPI RtlCreateProcessParametersEx(RTL_USER_PROCESS_PARAMETERS **result, const UNICODE_STRING *image,
                                             const UNICODE_STRING *dll_path, const UNICODE_STRING *directory,
                                             const UNICODE_STRING *command_line, WCHAR *environment,
                                             const UNICODE_STRING *title, const UNICODE_STRING *desktop,
                                             const UNICODE_STRING *shell, const UNICODE_STRING *runtime, ULONG flags)
{
    static WCHAR nothing[1];
    static const UNICODE_STRING empty = { 0, sizeof(nothing), nothing }, null;
    const RTL_USER_PROCESS_PARAMETERS *current;
    RTL_USER_PROCESS_PARAMETERS *p;
    UNICODE_STRING folder;
    const UNICODE_STRING *from[8] = { &folder, dll_path, image, command_line, title, desktop, shell, runtime };
    UNICODE_STRING *to[8];
    USHORT maximum[8];
    SIZE_T size = sizeof(*p), env_bytes, at;
    bool slash;

    RtlAcquirePebLock();
    current = current_peb()->ProcessParameters;
    if (!dll_path) from[1] = current->DllPath.MaximumLength ? &current->DllPath : &null;
    if (!command_line) from[3] = image;
    if (!title) from[4] = &empty;
    if (!desktop) from[5] = &empty;
    if (!shell) from[6] = &empty;
    if (!runtime) from[7] = &null;
    if (!environment) environment = current->Environment;
    folder = directory ? *directory : current->CurrentDirectory.DosPath;
    slash = folder.Length && folder.Buffer[folder.Length / sizeof(WCHAR) - 1] != '\\' &&
            folder.Length + 2 * sizeof(WCHAR) <= MAX_PATH * sizeof(WCHAR);

    maximum[0] = MAX_PATH * sizeof(WCHAR);
    if (folder.Length + sizeof(WCHAR) > maximum[0]) maximum[0] = folder.Length + sizeof(WCHAR);
    for (int i = 1; i < 8; i++) maximum[i] = from[i]->MaximumLength;
    for (int i = 0; i < 8; i++) size += ALIGN_UP(maximum[i], sizeof(void *));
    env_bytes = ALIGN_UP(env_length(environment) * sizeof(WCHAR), sizeof(void *));

    if (!(p = heap_alloc_zero(size + env_bytes)))
    {
        RtlReleasePebLock();
        return STATUS_NO_MEMORY;
    }
    p->AllocationSize = p->Size = (ULONG)size;
    p->Flags = PROCESS_PARAMS_FLAG_NORMALIZED;
    p->EnvironmentSize = env_bytes;
    p->ConsoleFlags = current->ConsoleFlags & 1;
    p->ProcessGroupId = current->ProcessGroupId;

    list_strings(p, to);
    at = sizeof(*p);
    for (int i = 0; i < 8; i++) at = put_string((char *)p, at, to[i], from[i], maximum[i], sizeof(void *));
    if (slash)
    {
        to[0]->Buffer[to[0]->Length / sizeof(WCHAR)] = '\\';
        to[0]->Length += sizeof(WCHAR);
    }
    p->Environment = (WCHAR *)((char *)p + at);
    memcpy(p->Environment, environment, env_length(environment) * sizeof(WCHAR));
    RtlReleasePebLock();

    *result = flags & PROCESS_PARAMS_FLAG_NORMALIZED ? p : RtlDeNormalizeProcessParams(p);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlCreateProcessParameters(RTL_USER_PROCESS_PARAMETERS **result, const UNICODE_STRING *image,
                                           const UNICODE_STRING *dll_path, const UNICODE_STRING *directory,
                                           const UNICODE_STRING *command_line, WCHAR *environment,
                                           const UNICODE_STRING *title, const UNICODE_STRING *desktop,
                                           const UNICODE_STRING *shell, const UNICODE_STRING *runtime)
{
    return RtlCreateProcessParametersEx(result, image, dll_path, directory, command_line, environment, title, desktop,
                                        shell, runtime, 0);
}

void WINAPI RtlDestroyProcessParameters(RTL_USER_PROCESS_PARAMETERS *p)
{
    heap_free(p);
}

/* What the process was started with moves to the heap: the parameters, the environment, and the current directory,
 * which keeps changing, each on its own. The strings are packed (ntdll:env). What they are copied from stays mapped: it
 * belongs to who made this process. */
void params_process_init(void)
{
    PEB *peb = current_peb();
    RTL_USER_PROCESS_PARAMETERS *old = RtlNormalizeProcessParams(peb->ProcessParameters), *p;
    UNICODE_STRING *from[8], *to[8];
    SIZE_T size = sizeof(*p), at = sizeof(*p), env_bytes = env_length(old->Environment) * sizeof(WCHAR);
    SIZE_T folder_bytes = MAX_PATH * sizeof(WCHAR);
    WCHAR *folder, *env;

    list_strings(old, from);
    for (int i = 1; i < 8; i++) size += from[i]->MaximumLength;
    p = heap_alloc_zero(size);
    env = heap_alloc(env_bytes);
    if (from[0]->Length + sizeof(WCHAR) > folder_bytes) folder_bytes = from[0]->Length + sizeof(WCHAR);
    folder = heap_alloc(folder_bytes);
    if (!p || !env || !folder) NtTerminateProcess(GetCurrentProcess(), STATUS_NO_MEMORY);

    *p = *old;
    list_strings(p, to);
    for (int i = 1; i < 8; i++) at = put_string((char *)p, at, to[i], from[i], from[i]->MaximumLength, 1);
    p->AllocationSize = p->Size = (ULONG)size;
    p->Environment = memcpy(env, old->Environment, env_bytes);
    p->EnvironmentSize = env_bytes;
    to[0]->Buffer = memcpy(folder, from[0]->Buffer, from[0]->Length + sizeof(WCHAR));
    to[0]->MaximumLength = (USHORT)folder_bytes;
    peb->ProcessParameters = p;
}
