/* Threads. */
#include "kernelbase.h"
#include "process_attributes.h"

HANDLE WINAPI GetCurrentThread(void)
{
    return NtCurrentThread();
}

DWORD WINAPI GetCurrentThreadId(void)
{
    return HandleToULong(NtCurrentTeb()->ClientId.UniqueThread);
}

/* ---- start and end ---------------------------------------------------------------------------------- */
/* The attributes that concern a thread; others are refused, as if this were an older system. */
static BOOL are_for_threads(const struct _PROC_THREAD_ATTRIBUTE_LIST *list)
{
    DWORD i;

    for (i = 0; i < list->count; i++)
        if (list->attributes[i].attribute != PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY &&
            list->attributes[i].attribute != PROC_THREAD_ATTRIBUTE_IDEAL_PROCESSOR)
            return fail(ERROR_NOT_SUPPORTED);
    return TRUE;
}

static NTSTATUS apply_attributes(HANDLE thread, const struct _PROC_THREAD_ATTRIBUTE_LIST *list)
{
    NTSTATUS status = STATUS_SUCCESS;
    DWORD i;

    for (i = 0; i < list->count && !status; i++)
        status = NtSetInformationThread(thread, list->attributes[i].attribute == PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY ?
                                        ThreadGroupInformation : ThreadIdealProcessorEx,
                                        list->attributes[i].value, (ULONG)list->attributes[i].size);
    return status;
}

HANDLE WINAPI CreateRemoteThreadEx(HANDLE process, SECURITY_ATTRIBUTES *sa, SIZE_T stack, LPTHREAD_START_ROUTINE start, void *parameter,
                                   DWORD flags, LPPROC_THREAD_ATTRIBUTE_LIST attributes, DWORD *id)
{
    BYTE list_buffer[offsetof(PS_ATTRIBUTE_LIST, Attributes) + 2 * sizeof(PS_ATTRIBUTE)];
    PS_ATTRIBUTE_LIST *list = (PS_ATTRIBUTE_LIST *)list_buffer;
    SIZE_T reserve = 0, commit = 0;
    OBJECT_ATTRIBUTES attr;
    CLIENT_ID client;
    TEB *teb;
    HANDLE thread;
    BOOL asked = attributes && attributes->count;
    NTSTATUS status;

    if (asked && !are_for_threads(attributes)) return NULL;
    if (flags & STACK_SIZE_PARAM_IS_A_RESERVATION) reserve = stack;
    else commit = stack;
    InitializeObjectAttributes(&attr, NULL, sa && sa->bInheritHandle ? OBJ_INHERIT : 0, NULL, sa ? sa->lpSecurityDescriptor : NULL);
    list->TotalLength = sizeof(list_buffer);
    list->Attributes[0].Attribute = PS_ATTRIBUTE_CLIENT_ID;
    list->Attributes[0].Size = sizeof(client);
    list->Attributes[0].ValuePtr = &client;
    list->Attributes[0].ReturnLength = NULL;
    list->Attributes[1].Attribute = PS_ATTRIBUTE_TEB_ADDRESS;
    list->Attributes[1].Size = sizeof(teb);
    list->Attributes[1].ValuePtr = &teb;
    list->Attributes[1].ReturnLength = NULL;
    if (!nt_result(NtCreateThreadEx(&thread, THREAD_ALL_ACCESS, &attr, process, (PRTL_THREAD_START_ROUTINE)(void *)start, parameter,
                                    asked || flags & CREATE_SUSPENDED ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, 0, commit,
                                    reserve, list)))
        return NULL;
    if (asked && (status = apply_attributes(thread, attributes)))
    {
        NtTerminateThread(thread, status);
        NtClose(thread);
        nt_result(status);
        return NULL;
    }
    if (asked && !(flags & CREATE_SUSPENDED)) NtResumeThread(thread, NULL);
    if (id) *id = HandleToULong(client.UniqueThread);
    return thread;
}

HANDLE WINAPI CreateRemoteThread(HANDLE process, SECURITY_ATTRIBUTES *sa, SIZE_T stack, LPTHREAD_START_ROUTINE start, void *parameter,
                                 DWORD flags, DWORD *id)
{
    return CreateRemoteThreadEx(process, sa, stack, start, parameter, flags, NULL, id);
}

HANDLE WINAPI CreateThread(SECURITY_ATTRIBUTES *sa, SIZE_T stack, LPTHREAD_START_ROUTINE start, void *parameter, DWORD flags, DWORD *id)
{
    return CreateRemoteThreadEx(NtCurrentProcess(), sa, stack, start, parameter, flags, NULL, id);
}

BOOL WINAPI TerminateThread(HANDLE thread, DWORD code)
{
    return nt_result(NtTerminateThread(thread, (LONG)code));
}

HANDLE WINAPI OpenThread(DWORD access, BOOL inherit, DWORD id)
{
    OBJECT_ATTRIBUTES attr;
    CLIENT_ID client;
    HANDLE thread;

    InitializeObjectAttributes(&attr, NULL, inherit ? OBJ_INHERIT : 0, NULL, NULL);
    client.UniqueProcess = NULL;
    client.UniqueThread = ULongToHandle(id);
    return nt_result(NtOpenThread(&thread, access, &attr, &client)) ? thread : NULL;
}

/* ---- what it is ------------------------------------------------------------------------------------- */
static BOOL basic_information(HANDLE thread, THREAD_BASIC_INFORMATION *info)
{
    return nt_result(NtQueryInformationThread(thread, ThreadBasicInformation, info, sizeof(*info), NULL));
}

BOOL WINAPI GetExitCodeThread(HANDLE thread, DWORD *code)
{
    THREAD_BASIC_INFORMATION info;

    if (!basic_information(thread, &info)) return FALSE;
    if (code) *code = (DWORD)info.ExitStatus;
    return TRUE;
}

DWORD WINAPI GetThreadId(HANDLE thread)
{
    THREAD_BASIC_INFORMATION info;

    return basic_information(thread, &info) ? HandleToULong(info.ClientId.UniqueThread) : 0;
}

DWORD WINAPI GetProcessIdOfThread(HANDLE thread)
{
    THREAD_BASIC_INFORMATION info;

    return basic_information(thread, &info) ? HandleToULong(info.ClientId.UniqueProcess) : 0;
}

BOOL WINAPI GetThreadTimes(HANDLE thread, FILETIME *created, FILETIME *exited, FILETIME *kernel, FILETIME *user)
{
    KERNEL_USER_TIMES times;

    if (!nt_result(NtQueryInformationThread(thread, ThreadTimes, &times, sizeof(times), NULL))) return FALSE;
    if (created) memcpy(created, &times.CreateTime, sizeof(*created));
    if (exited) memcpy(exited, &times.ExitTime, sizeof(*exited));
    if (kernel) memcpy(kernel, &times.KernelTime, sizeof(*kernel));
    if (user) memcpy(user, &times.UserTime, sizeof(*user));
    return TRUE;
}

BOOL WINAPI GetThreadIOPendingFlag(HANDLE thread, BOOL *pending)
{
    ULONG value;

    if (!nt_result(NtQueryInformationThread(thread, ThreadIsIoPending, &value, sizeof(value), NULL))) return FALSE;
    *pending = value != 0;
    return TRUE;
}

/* Names are UTF-16, as the thread's description in the kernel. */
HRESULT WINAPI SetThreadDescription(HANDLE thread, const WCHAR *description)
{
    THREAD_NAME_INFORMATION info;
    size_t length = description ? wcslen(description) * sizeof(WCHAR) : 0;
    NTSTATUS status;

    if (length > 0xfffe) return HRESULT_FROM_NT(STATUS_INVALID_PARAMETER);
    info.ThreadName.Length = info.ThreadName.MaximumLength = (USHORT)length;
    info.ThreadName.Buffer = (WCHAR *)description;
    status = NtSetInformationThread(thread, ThreadNameInformation, &info, sizeof(info));
    return status < 0 ? (HRESULT)HRESULT_FROM_NT(status) : (HRESULT)(status | FACILITY_NT_BIT);
}

HRESULT WINAPI GetThreadDescription(HANDLE thread, WCHAR **description)
{
    THREAD_NAME_INFORMATION *info;
    ULONG size = sizeof(*info) + 256;
    NTSTATUS status;

    *description = NULL;
    for (;;)
    {
        if (!(info = heap_alloc(size + sizeof(WCHAR)))) return HRESULT_FROM_NT(STATUS_NO_MEMORY);
        status = NtQueryInformationThread(thread, ThreadNameInformation, info, size, &size);
        if (status >= 0) break;
        heap_free(info);
        if (status != STATUS_INFO_LENGTH_MISMATCH && status != STATUS_BUFFER_TOO_SMALL && status != STATUS_BUFFER_OVERFLOW)
            return HRESULT_FROM_NT(status);
    }
    /* The caller frees it with LocalFree: the string moves to the start of the block. */
    size = info->ThreadName.Length;
    memmove(info, info->ThreadName.Buffer, size);
    ((WCHAR *)info)[size / sizeof(WCHAR)] = 0;
    *description = (WCHAR *)info;
    return (HRESULT)FACILITY_NT_BIT;
}

/* ---- suspend, context, APCs ------------------------------------------------------------------------- */
DWORD WINAPI SuspendThread(HANDLE thread)
{
    ULONG count;

    return nt_result(NtSuspendThread(thread, &count)) ? count : ~0u;
}

DWORD WINAPI ResumeThread(HANDLE thread)
{
    ULONG count;

    return nt_result(NtResumeThread(thread, &count)) ? count : ~0u;
}

BOOL WINAPI GetThreadContext(HANDLE thread, CONTEXT *context)
{
    return nt_result(NtGetContextThread(thread, context));
}

BOOL WINAPI SetThreadContext(HANDLE thread, const CONTEXT *context)
{
    return nt_result(NtSetContextThread(thread, context));
}

static void WINAPI user_apc(ULONG_PTR function, ULONG_PTR parameter, ULONG_PTR unused)
{
    (void)unused;
    ((PAPCFUNC)function)(parameter);
}

DWORD WINAPI QueueUserAPC(PAPCFUNC function, HANDLE thread, ULONG_PTR parameter)
{
    return (DWORD)nt_result(NtQueueApcThread(thread, user_apc, (ULONG_PTR)function, parameter, 0));
}

BOOL WINAPI SwitchToThread(void)
{
    return NtYieldExecution() != STATUS_NO_YIELD_PERFORMED;
}

/* ---- priority and affinity -------------------------------------------------------------------------- */
INT WINAPI GetThreadPriority(HANDLE thread)
{
    THREAD_BASIC_INFORMATION info;

    if (!basic_information(thread, &info)) return THREAD_PRIORITY_ERROR_RETURN;
    return info.BasePriority;
}

BOOL WINAPI SetThreadPriority(HANDLE thread, INT priority)
{
    return nt_result(NtSetInformationThread(thread, ThreadBasePriority, &priority, sizeof(priority)));
}

BOOL WINAPI GetThreadPriorityBoost(HANDLE thread, BOOL *disabled)
{
    ULONG value;

    if (!nt_result(NtQueryInformationThread(thread, ThreadPriorityBoost, &value, sizeof(value), NULL))) return FALSE;
    *disabled = value != 0;
    return TRUE;
}

BOOL WINAPI SetThreadPriorityBoost(HANDLE thread, BOOL disable)
{
    ULONG value = disable != 0;

    return nt_result(NtSetInformationThread(thread, ThreadPriorityBoost, &value, sizeof(value)));
}

DWORD_PTR WINAPI SetThreadAffinityMask(HANDLE thread, DWORD_PTR mask)
{
    THREAD_BASIC_INFORMATION info;

    if (!basic_information(thread, &info)) return 0;
    return nt_result(NtSetInformationThread(thread, ThreadAffinityMask, &mask, sizeof(mask))) ? info.AffinityMask : 0;
}

BOOL WINAPI GetThreadGroupAffinity(HANDLE thread, GROUP_AFFINITY *affinity)
{
    if (!affinity) return fail(ERROR_INVALID_PARAMETER);
    return nt_result(NtQueryInformationThread(thread, ThreadGroupInformation, affinity, sizeof(*affinity), NULL));
}

BOOL WINAPI SetThreadGroupAffinity(HANDLE thread, const GROUP_AFFINITY *affinity, GROUP_AFFINITY *previous)
{
    if (previous && !GetThreadGroupAffinity(thread, previous)) return FALSE;
    return nt_result(NtSetInformationThread(thread, ThreadGroupInformation, (void *)affinity, sizeof(*affinity)));
}

DWORD WINAPI SetThreadIdealProcessor(HANDLE thread, DWORD processor)
{
    ULONG value = processor;
    NTSTATUS status;

    if (processor > MAXIMUM_PROCESSORS)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return ~0u;
    }
    /* The previous one comes back as the status. */
    status = NtSetInformationThread(thread, ThreadIdealProcessor, &value, sizeof(value));
    return nt_result(status) ? (DWORD)status : ~0u;
}

/* ---- stack ------------------------------------------------------------------------------------------ */
BOOL WINAPI SetThreadStackGuarantee(ULONG *size)
{
    TEB *teb = NtCurrentTeb();
    ULONG previous = teb->GuaranteedStackBytes;
    ULONG wanted = (*size + 4095) & ~4095u;

    if (wanted >= (ULONG)((BYTE *)teb->Tib.StackBase - (BYTE *)teb->DeallocationStack))
    {
        *size = previous;
        return fail(ERROR_INVALID_PARAMETER);
    }
    if (wanted > previous) teb->GuaranteedStackBytes = wanted > 0x2000 ? wanted : 0x2000;     /* two pages at least */
    *size = previous;
    return TRUE;
}

void WINAPI GetCurrentThreadStackLimits(ULONG_PTR *low, ULONG_PTR *high)
{
    *low = (ULONG_PTR)NtCurrentTeb()->DeallocationStack;
    *high = (ULONG_PTR)NtCurrentTeb()->Tib.StackBase;
}

BOOL WINAPI IsThreadAFiber(void)
{
    return (NtCurrentTeb()->SameTebFlags & 4) != 0;     /* HasFiberData */
}

/* ---- thread-local storage --------------------------------------------------------------------------- */
static ULONG find_free_bit(RTL_BITMAP *bitmap, ULONG first)
{
    return RtlFindClearBitsAndSet(bitmap, 1, first);
}

DWORD WINAPI TlsAlloc(void)
{
    PEB *peb = NtCurrentTeb()->Peb;
    ULONG index;

    RtlAcquirePebLock();
    /* Index 0 is never given out: some programs take it for "none". */
    index = find_free_bit(peb->TlsBitmap, 1);
    if (index != ~0u) NtCurrentTeb()->TlsSlots[index] = NULL;
    else
    {
        index = find_free_bit(peb->TlsExpansionBitmap, 0);
        if (index != ~0u)
        {
            TEB *teb = NtCurrentTeb();

            if (!teb->TlsExpansionSlots)
                teb->TlsExpansionSlots = heap_zalloc(8 * sizeof(peb->TlsExpansionBitmapBits) * sizeof(void *));
            if (!teb->TlsExpansionSlots)
            {
                RtlClearBits(peb->TlsExpansionBitmap, index, 1);
                index = ~0u;
                set_error(ERROR_NOT_ENOUGH_MEMORY);
            }
            else
            {
                teb->TlsExpansionSlots[index] = NULL;
                index += TLS_MINIMUM_AVAILABLE;
            }
        }
        else set_error(ERROR_NO_MORE_ITEMS);
    }
    RtlReleasePebLock();
    return index;
}

BOOL WINAPI TlsFree(DWORD index)
{
    PEB *peb = NtCurrentTeb()->Peb;
    BOOL used;

    RtlAcquirePebLock();
    if (index >= TLS_MINIMUM_AVAILABLE)
    {
        used = index - TLS_MINIMUM_AVAILABLE < 8 * sizeof(peb->TlsExpansionBitmapBits) &&
               RtlAreBitsSet(peb->TlsExpansionBitmap, index - TLS_MINIMUM_AVAILABLE, 1);
        if (used) RtlClearBits(peb->TlsExpansionBitmap, index - TLS_MINIMUM_AVAILABLE, 1);
    }
    else
    {
        used = RtlAreBitsSet(peb->TlsBitmap, index, 1);
        if (used) RtlClearBits(peb->TlsBitmap, index, 1);
    }
    /* The slot is zero in every thread when it is given out again. */
    if (used) NtSetInformationThread(NtCurrentThread(), ThreadZeroTlsCell, &index, sizeof(index));
    else set_error(ERROR_INVALID_PARAMETER);
    RtlReleasePebLock();
    return used;
}

void *WINAPI TlsGetValue(DWORD index)
{
    TEB *teb = NtCurrentTeb();

    /* Success clears the last error: NULL is a value. */
    if (index < TLS_MINIMUM_AVAILABLE)
    {
        teb->LastErrorValue = ERROR_SUCCESS;
        return teb->TlsSlots[index];
    }
    index -= TLS_MINIMUM_AVAILABLE;
    if (index >= 8 * sizeof(teb->Peb->TlsExpansionBitmapBits))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    set_error(ERROR_SUCCESS);
    return teb->TlsExpansionSlots ? teb->TlsExpansionSlots[index] : NULL;
}

BOOL WINAPI TlsSetValue(DWORD index, void *value)
{
    TEB *teb = NtCurrentTeb();

    if (index < TLS_MINIMUM_AVAILABLE)
    {
        teb->TlsSlots[index] = value;
        return TRUE;
    }
    index -= TLS_MINIMUM_AVAILABLE;
    if (index >= 8 * sizeof(teb->Peb->TlsExpansionBitmapBits)) return fail(ERROR_INVALID_PARAMETER);
    if (!teb->TlsExpansionSlots)
    {
        teb->TlsExpansionSlots = heap_zalloc(8 * sizeof(teb->Peb->TlsExpansionBitmapBits) * sizeof(void *));
        if (!teb->TlsExpansionSlots) return fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    teb->TlsExpansionSlots[index] = value;
    return TRUE;
}

/* ---- fiber-local storage ---------------------------------------------------------------------------- */
DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION callback)
{
    ULONG index;

    return nt_result(RtlFlsAlloc(callback, &index)) ? index : FLS_OUT_OF_INDEXES;
}

BOOL WINAPI FlsFree(DWORD index)
{
    return nt_result(RtlFlsFree(index));
}

void *WINAPI FlsGetValue(DWORD index)
{
    void *value;

    if (!nt_result(RtlFlsGetValue(index, &value))) return NULL;
    set_error(ERROR_SUCCESS);
    return value;
}

BOOL WINAPI FlsSetValue(DWORD index, void *value)
{
    return nt_result(RtlFlsSetValue(index, value));
}
