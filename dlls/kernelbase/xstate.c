/* Contexts with processor state beyond the legacy registers. The structures are ntdll's. */
#include "kernelbase.h"

DECLSPEC_IMPORT NTSTATUS WINAPI RtlGetExtendedContextLength2(ULONG flags, ULONG *length, ULONG64 mask);
DECLSPEC_IMPORT void * WINAPI RtlLocateLegacyContext(CONTEXT_EX *ex, ULONG *length);

DWORD64 WINAPI GetEnabledXStateFeatures(void)
{
    return RtlGetEnabledExtendedFeatures(~(ULONG64)0);
}

BOOL WINAPI InitializeContext2(void *buffer, DWORD flags, CONTEXT **context, DWORD *length, ULONG64 mask)
{
    const DWORD xstate = CONTEXT_XSTATE & ~CONTEXT_AMD64;
    CONTEXT_EX *ex;
    NTSTATUS status;
    ULONG needed;

    status = RtlGetExtendedContextLength2(flags, &needed, mask);
    if (status == STATUS_NOT_SUPPORTED && flags & xstate)
    {
        flags &= ~xstate;               /* a processor without: the rest is still good */
        status = RtlGetExtendedContextLength2(flags, &needed, mask);
    }
    if (status)
    {
        SetLastError(RtlNtStatusToDosError(status));
        return FALSE;
    }
    if (!buffer || *length < needed)
    {
        *length = needed;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *length = needed;
    if ((status = RtlInitializeExtendedContext2(buffer, flags, &ex, mask)))
    {
        SetLastError(RtlNtStatusToDosError(status));
        return FALSE;
    }
    *context = RtlLocateLegacyContext(ex, NULL);
    return TRUE;
}

BOOL WINAPI InitializeContext(void *buffer, DWORD flags, CONTEXT **context, DWORD *length)
{
    return InitializeContext2(buffer, flags, context, length, ~(ULONG64)0);
}

BOOL WINAPI CopyContext(CONTEXT *to, DWORD flags, CONTEXT *from)
{
    NTSTATUS status = RtlCopyContext(to, flags, from);

    if (status) SetLastError(RtlNtStatusToDosError(status));
    return !status;
}

static BOOL has_xstate(const CONTEXT *context)
{
    return (context->ContextFlags & CONTEXT_XSTATE) == CONTEXT_XSTATE;
}

void * WINAPI LocateXStateFeature(CONTEXT *context, DWORD feature, DWORD *length)
{
    if (!(context->ContextFlags & CONTEXT_AMD64)) return NULL;
    switch (feature)
    {
    case 0:
        if (length) *length = FIELD_OFFSET(XSAVE_FORMAT, XmmRegisters);
        return &context->FltSave;
    case 1:
        if (length) *length = sizeof(context->FltSave.XmmRegisters);
        return context->FltSave.XmmRegisters;
    default:
        return has_xstate(context) ? RtlLocateExtendedFeature((CONTEXT_EX *)(context + 1), feature, length) : NULL;
    }
}

BOOL WINAPI SetXStateFeaturesMask(CONTEXT *context, DWORD64 mask)
{
    if (!(context->ContextFlags & CONTEXT_AMD64)) return FALSE;
    if (mask & 3) context->ContextFlags |= CONTEXT_FLOATING_POINT;
    if (!has_xstate(context)) return !(mask & ~(DWORD64)3);
    RtlSetExtendedFeaturesMask((CONTEXT_EX *)(context + 1), mask);
    return TRUE;
}

BOOL WINAPI GetXStateFeaturesMask(CONTEXT *context, DWORD64 *mask)
{
    if (!(context->ContextFlags & CONTEXT_AMD64)) return FALSE;
    *mask = (context->ContextFlags & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT ? 3 : 0;
    if (has_xstate(context)) *mask |= RtlGetExtendedFeaturesMask((CONTEXT_EX *)(context + 1));
    return TRUE;
}
