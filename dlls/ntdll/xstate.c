/* Contexts with extended state (AVX and later): CONTEXT, CONTEXT_EX behind it, then the state in the processor's
 * standard format from the header on. Both x64's and x86's layouts, as on Windows x64.
 *
 * Behaviour from Wine's ntdll:exception tests. The compacted format is used only where its layout is the standard one:
 * KUSER_SHARED_DATA says whether.
 */

#include "ntdll_private.h"
#include "ddk/wdm.h"

#define XSTATE_BIT 0x40u                /* CONTEXT_XSTATE without its architecture */
#define NO_XSTATE  25                   /* XState.Offset where there is none */

struct part
{
    ULONG flag, start, end;             /* of the context's bytes */
};

static const struct part amd64_parts[] =
{
    { 0x01, 0x38, 0x3a }, { 0x01, 0x42, 0x48 }, { 0x01, 0x98, 0xa0 }, { 0x01, 0xf8, 0x100 },
    { 0x02, 0x78, 0x98 }, { 0x02, 0xa0, 0xf8 },
    { 0x04, 0x3a, 0x42 },
    { 0x08, 0x34, 0x38 }, { 0x08, 0x100, 0x2a0 },
    { 0x10, 0x48, 0x78 }, { 0x10, 0x4b0, 0x4d0 },
    { 0 },
};

static const struct part i386_parts[] =
{
    { 0x01, 0xb4, 0xcc }, { 0x02, 0x9c, 0xb4 }, { 0x04, 0x8c, 0x9c }, { 0x08, 0x1c, 0x8c }, { 0x10, 0x04, 0x1c },
    { 0x20, 0xcc, 0x2cc },
    { 0 },
};

static const struct layout
{
    ULONG flag, supported, size, legacy_size, ex_size, align, buffer_align, flags_offset;
    const struct part *parts;
}
layouts[] =
{
    { CONTEXT_AMD64, 0xd800005f, 0x4d0, 0x4d0, 0x20, 8, 16, 0x30, amd64_parts },
    { CONTEXT_i386,  0xd800007f, 0x2cc, 0xcc,  0x18, 4, 4,  0,    i386_parts },
};

struct xstate_header
{
    ULONG64 mask, compaction_mask, reserved[6];
};

static const XSTATE_CONFIGURATION *configuration(void)
{
    return &((const KSHARED_USER_DATA *)0x7ffe0000)->XState;
}

ULONG64 WINAPI RtlGetEnabledExtendedFeatures(ULONG64 mask)
{
    return configuration()->EnabledFeatures & mask;
}

static const struct layout *layout_of(ULONG flags)
{
    unsigned int i;

    for (i = 0; i < ARRAY_COUNT(layouts); i++)
    {
        if ((flags & (CONTEXT_AMD64 | CONTEXT_i386)) != layouts[i].flag) continue;
        return flags & ~(layouts[i].supported | layouts[i].flag) ? NULL : &layouts[i];
    }
    return NULL;
}

/* The bytes from the header to the end of the last feature. */
static ULONG state_size(ULONG64 mask)
{
    const XSTATE_CONFIGURATION *config = configuration();
    ULONG size = sizeof(struct xstate_header);
    unsigned int i;

    mask &= config->EnabledFeatures;
    for (i = 2; i < MAXIMUM_XSTATE_FEATURES; i++)
        if (mask >> i & 1) size = max(size, config->Features[i].Offset + config->Features[i].Size - sizeof(XSAVE_FORMAT));
    return size;
}

static struct xstate_header *state_of(const CONTEXT_EX *ex)
{
    return (struct xstate_header *)((char *)ex + ex->XState.Offset);
}

static ULONG64 compaction_mask(ULONG64 mask)
{
    return configuration()->CompactionEnabled ? 1ull << 63 | (configuration()->EnabledFeatures & mask) : 0;
}

/* ---- making ---------------------------------------------------------------------------------- */

NTSTATUS WINAPI RtlGetExtendedContextLength2(ULONG flags, ULONG *length, ULONG64 mask);
NTSTATUS WINAPI RtlGetExtendedContextLength2(ULONG flags, ULONG *length, ULONG64 mask)
{
    const struct layout *layout = layout_of(flags);

    if (!layout) return STATUS_INVALID_PARAMETER;
    if (!(flags & XSTATE_BIT))
    {
        *length = layout->size + layout->ex_size + layout->align - 1;
        return STATUS_SUCCESS;
    }
    if (!RtlGetEnabledExtendedFeatures(~(ULONG64)0)) return STATUS_NOT_SUPPORTED;
    *length = layout->size + layout->ex_size + state_size(mask) + 63;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetExtendedContextLength(ULONG flags, ULONG *length);
NTSTATUS WINAPI RtlGetExtendedContextLength(ULONG flags, ULONG *length)
{
    return RtlGetExtendedContextLength2(flags, length, ~(ULONG64)0);
}

NTSTATUS WINAPI RtlInitializeExtendedContext2(void *buffer, ULONG flags, CONTEXT_EX **result, ULONG64 mask)
{
    const struct layout *layout = layout_of(flags);
    CONTEXT_EX *ex;
    char *context;

    if (!layout) return STATUS_INVALID_PARAMETER;
    if (flags & XSTATE_BIT && !RtlGetEnabledExtendedFeatures(~(ULONG64)0)) return STATUS_NOT_SUPPORTED;

    context = (char *)(((ULONG_PTR)buffer + layout->buffer_align - 1) & ~(ULONG_PTR)(layout->buffer_align - 1));
    *(ULONG *)(context + layout->flags_offset) = flags;
    ex = (CONTEXT_EX *)(context + layout->size);
    ex->Legacy.Offset = ex->All.Offset = -(LONG)layout->size;
    ex->Legacy.Length = flags & 0x20 ? layout->size : layout->legacy_size;
    if (flags & XSTATE_BIT)
    {
        ex->XState.Offset = (char *)((((ULONG_PTR)ex + layout->ex_size) + 63) & ~(ULONG_PTR)63) - (char *)ex;
        ex->XState.Length = state_size(mask);
        ex->All.Length = layout->size + ex->XState.Offset + ex->XState.Length;
        memset(state_of(ex), 0, sizeof(struct xstate_header));
        state_of(ex)->compaction_mask = compaction_mask(mask);
    }
    else
    {
        ex->XState.Offset = NO_XSTATE;
        ex->XState.Length = 0;
        ex->All.Length = layout->size + 24;
    }
    *result = ex;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlInitializeExtendedContext(void *buffer, ULONG flags, CONTEXT_EX **result)
{
    return RtlInitializeExtendedContext2(buffer, flags, result, ~(ULONG64)0);
}

/* ---- looking inside -------------------------------------------------------------------------- */

void * WINAPI RtlLocateLegacyContext(CONTEXT_EX *ex, ULONG *length);
void * WINAPI RtlLocateLegacyContext(CONTEXT_EX *ex, ULONG *length)
{
    if (length) *length = ex->Legacy.Length;
    return (char *)ex + ex->Legacy.Offset;
}

void * WINAPI RtlLocateExtendedFeature2(CONTEXT_EX *ex, ULONG feature, XSTATE_CONFIGURATION *config, ULONG *length)
{
    ULONG offset;

    if (feature < 2 || feature >= MAXIMUM_XSTATE_FEATURES || !(config->EnabledFeatures >> feature & 1)) return NULL;
    if (length) *length = config->Features[feature].Size;
    offset = config->Features[feature].Offset - sizeof(XSAVE_FORMAT);
    if (ex->XState.Length < offset + config->Features[feature].Size) return NULL;
    return (char *)state_of(ex) + offset;
}

void * WINAPI RtlLocateExtendedFeature(CONTEXT_EX *ex, ULONG feature, ULONG *length)
{
    return RtlLocateExtendedFeature2(ex, feature, (XSTATE_CONFIGURATION *)configuration(), length);
}

ULONG64 WINAPI RtlGetExtendedFeaturesMask(CONTEXT_EX *ex)
{
    return state_of(ex)->mask & ~(ULONG64)3;
}

void WINAPI RtlSetExtendedFeaturesMask(CONTEXT_EX *ex, ULONG64 mask)
{
    state_of(ex)->mask = RtlGetEnabledExtendedFeatures(mask) & ~(ULONG64)3;
}

/* ---- copying ---------------------------------------------------------------------------------- */

static void copy_parts(const struct layout *layout, char *to, ULONG flags, const char *from)
{
    const struct part *part;

    for (part = layout->parts; part->flag; part++)
        if (flags & part->flag) memcpy(to + part->start, from + part->start, part->end - part->start);
    *(ULONG *)(to + layout->flags_offset) |= flags;
}

NTSTATUS WINAPI RtlCopyExtendedContext(CONTEXT_EX *to, ULONG flags, CONTEXT_EX *from)
{
    const struct layout *layout = layout_of(flags);
    const XSTATE_CONFIGURATION *config;
    struct xstate_header *to_state, *from_state;
    unsigned int i;

    if (!layout) return STATUS_INVALID_PARAMETER;
    if (flags & XSTATE_BIT && !RtlGetEnabledExtendedFeatures(~(ULONG64)0)) return STATUS_NOT_SUPPORTED;
    copy_parts(layout, RtlLocateLegacyContext(to, NULL), flags, RtlLocateLegacyContext(from, NULL));
    if (!(flags & XSTATE_BIT)) return STATUS_SUCCESS;

    if (to->XState.Length < sizeof(*to_state)) return STATUS_BUFFER_OVERFLOW;
    config = configuration();
    to_state = state_of(to);
    from_state = state_of(from);
    memset(to_state, 0, sizeof(*to_state));
    to_state->mask = from_state->mask & config->EnabledFeatures & ~(ULONG64)3;
    if (from_state->compaction_mask >> 63) to_state->compaction_mask = compaction_mask(from_state->compaction_mask);
    if (to->XState.Length < state_size(to_state->mask)) return STATUS_BUFFER_OVERFLOW;
    for (i = 2; i < MAXIMUM_XSTATE_FEATURES; i++)
    {
        ULONG offset = config->Features[i].Offset - sizeof(XSAVE_FORMAT);

        if (to_state->mask >> i & 1) memcpy((char *)to_state + offset, (char *)from_state + offset, config->Features[i].Size);
    }
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlCopyContext(CONTEXT *to, DWORD flags, CONTEXT *from)
{
    const struct layout *layout = layout_of(flags);
    ULONG *to_flags, *from_flags;

    if (flags & XSTATE_BIT && !RtlGetEnabledExtendedFeatures(~(ULONG64)0)) return STATUS_NOT_SUPPORTED;
    if (!layout) return STATUS_INVALID_PARAMETER;
    to_flags = (ULONG *)((char *)to + layout->flags_offset);
    from_flags = (ULONG *)((char *)from + layout->flags_offset);
    if (!(*to_flags & layout->flag) || !(*from_flags & layout->flag)) return STATUS_INVALID_PARAMETER;
    if (flags & XSTATE_BIT)
    {
        /* Behind a context that has such state is the CONTEXT_EX which says where. */
        if (!(*to_flags & XSTATE_BIT)) return STATUS_BUFFER_OVERFLOW;
        if (*from_flags & XSTATE_BIT)
            return RtlCopyExtendedContext((CONTEXT_EX *)((char *)to + layout->size), flags, (CONTEXT_EX *)((char *)from + layout->size));
    }
    copy_parts(layout, (char *)to, flags, (const char *)from);
    return STATUS_SUCCESS;
}
