/* RtlVirtualUnwind: one frame up the stack, by the unwind information of x64 images.
 *
 * The format is described in Microsoft's "x64 exception handling" documentation. A function is in one of
 * three states: in its prologue (only the operations already done are undone), in an epilogue (the rest
 * of it is interpreted: no unwind code describes it), or in its body.
 */

#include "ldr.h"
#include "unwind.h"

enum unwind_op
{
    UWOP_PUSH_NONVOL = 0,
    UWOP_ALLOC_LARGE = 1,
    UWOP_ALLOC_SMALL = 2,
    UWOP_SET_FPREG = 3,
    UWOP_SAVE_NONVOL = 4,
    UWOP_SAVE_NONVOL_FAR = 5,
    UWOP_EPILOG = 6,
    UWOP_SPARE_CODE = 7,
    UWOP_SAVE_XMM128 = 8,
    UWOP_SAVE_XMM128_FAR = 9,
    UWOP_PUSH_MACHFRAME = 10,
};

union unwind_code
{
    struct { uint8_t offset, op : 4, info : 4; };
    uint16_t slot;
};

struct unwind_info
{
    uint8_t version : 3, flags : 5;
    uint8_t prologue_size;
    uint8_t count;
    uint8_t frame_register : 4, frame_offset : 4;
    union unwind_code codes[];
    /* then, at an even slot: handler RVA and its data, or the chained RUNTIME_FUNCTION */
};

/* Where saved registers may lie: on the thread's stack, if that is what is unwound. Information that is damaged leads
 * elsewhere, and a fault here would be an exception about an exception, without end. */
struct bounds
{
    DWORD64 start, end;
};

static struct bounds stack_bounds(const CONTEXT *context)
{
    const NT_TIB *tib = &NtCurrentTeb()->Tib;

    if (context->Rsp < (DWORD64)tib->StackLimit || context->Rsp >= (DWORD64)tib->StackBase) return (struct bounds){ 0, ~0ull };
    return (struct bounds){ (DWORD64)tib->StackLimit, (DWORD64)tib->StackBase };
}

static bool is_inside(const struct bounds *bounds, DWORD64 address, SIZE_T size)
{
    return address >= bounds->start && address < bounds->end && size <= bounds->end - address;
}

static DWORD64 *integer_register(CONTEXT *context, unsigned int number)
{
    return &context->Rax + number;      /* in the order in which instructions number them */
}

static void set_integer(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned int number, DWORD64 *from)
{
    *integer_register(context, number) = *from;
    if (pointers) pointers->IntegerContext[number] = from;
}

static void set_xmm(CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, unsigned int number, M128A *from)
{
    memcpy(&context->FltSave.XmmRegisters[number], from, sizeof(*from));
    if (pointers) pointers->FloatingContext[number] = from;
}

static const struct unwind_info *info_of(ULONG64 base, const RUNTIME_FUNCTION *function)
{
    return (const struct unwind_info *)(base + function->UnwindData);
}

static unsigned int slots_of(union unwind_code code)
{
    static const uint8_t slots[16] = { 1, 2, 1, 1, 2, 3, 1, 2, 2, 3, 1, 1, 1, 1, 1, 1 };
    return slots[code.op] + (code.op == UWOP_ALLOC_LARGE && code.info);
}

static const void *after_codes(const struct unwind_info *info)
{
    return &info->codes[(info->count + 1) & ~1];
}

/* How many bytes the information takes; 0 if its codes do not come out even. */
static SIZE_T size_of_info(const struct unwind_info *info)
{
    SIZE_T size = FIELD_OFFSET(struct unwind_info, codes) + ((info->count + 1) & ~1) * sizeof(info->codes[0]);
    unsigned int i = 0;

    while (i < info->count) i += slots_of(info->codes[i]);
    if (i > info->count) return 0;
    if (info->flags & UNW_FLAG_CHAININFO) return size + sizeof(RUNTIME_FUNCTION);
    return info->flags & (UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER) ? size + sizeof(ULONG) : size;
}

/* Whether all that unwinding by this entry reads is there. The tables of an image may be damaged, and this is no
 * time for a fault: an exception is being handled. What programs made for run-time code is theirs to answer for. */
bool unwind_info_is_sound(ULONG64 base, const RUNTIME_FUNCTION *function)
{
    const struct unwind_info *info;
    struct image_entry image;
    unsigned int depth;

    if (!image_table_find(base, &image) || image.base != base) return true;
    for (depth = 0; depth < 32; depth++)
    {
        ULONG64 rva = function->UnwindData & ~1u;

        if (function->UnwindData & 1)
        {
            function = (const RUNTIME_FUNCTION *)(base + rva);
            if (!image_readable((const void *)base, image.size, rva, sizeof(*function))) return false;
            continue;
        }
        info = info_of(base, function);
        if (!image_readable((const void *)base, image.size, rva, FIELD_OFFSET(struct unwind_info, codes))) return false;
        if (!image_readable((const void *)base, image.size, rva, FIELD_OFFSET(struct unwind_info, codes[info->count]))) return false;
        if (!size_of_info(info) || !image_readable((const void *)base, image.size, rva, size_of_info(info))) return false;
        if (!(info->flags & UNW_FLAG_CHAININFO)) return true;
        function = after_codes(info);
    }
    return false;
}

/* The function whose information a chain ends at: the parent of all its parts. */
static const RUNTIME_FUNCTION *primary_function(ULONG64 base, const RUNTIME_FUNCTION *function)
{
    unsigned int depth;

    for (depth = 0; depth < 32; depth++)
    {
        if (function->UnwindData & 1)   /* the entry itself points to another entry */
            function = (const RUNTIME_FUNCTION *)(base + (function->UnwindData & ~1u));
        else if (info_of(base, function)->flags & UNW_FLAG_CHAININFO)
            function = after_codes(info_of(base, function));
        else break;
    }
    return function;
}

/* ---- epilogues ------------------------------------------------------------------------------ */

/* Version 2 information lists the epilogues: is the code at this offset of the function in one? */
static bool in_listed_epilogue(const struct unwind_info *info, const RUNTIME_FUNCTION *function, ULONG offset)
{
    unsigned int size, i;
    ULONG length = function->EndAddress - function->BeginAddress;

    if (!info->count || info->codes[0].op != UWOP_EPILOG) return false;
    size = info->codes[0].offset;
    if (info->codes[0].info & 1 && offset >= length - size && offset < length) return true;
    for (i = 1; i < info->count && info->codes[i].op == UWOP_EPILOG; i++)
    {
        ULONG distance = info->codes[i].offset | info->codes[i].info << 8;
        if (distance && offset >= length - distance && offset < length - distance + size) return true;
    }
    return false;
}

/* Is what follows pc an epilogue? It may only be: an adjustment of rsp, pops of registers, and a return or
 * a jump out of the function. If so, and if context is given, does it. */
static bool epilogue(ULONG64 base, const RUNTIME_FUNCTION *function, const struct unwind_info *info, const uint8_t *pc,
                     const struct bounds *bounds, CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    DWORD64 rsp = context->Rsp;
    bool perform = false;
    const uint8_t *start = pc;
    unsigned int number;

again:
    pc = start;
    if (pc[0] == 0x48 && pc[1] == 0x83 && pc[2] == 0xc4)                /* add $imm8,%rsp */
    {
        if (perform) rsp += (int8_t)pc[3];
        pc += 4;
    }
    else if (pc[0] == 0x48 && pc[1] == 0x81 && pc[2] == 0xc4)           /* add $imm32,%rsp */
    {
        if (perform) rsp += *(const int32_t *)(pc + 3);
        pc += 7;
    }
    else if ((pc[0] & 0xfe) == 0x48 && pc[1] == 0x8d && info->frame_register)   /* lea disp(%frame),%rsp */
    {
        number = (pc[2] & 7) | (pc[0] & 1) << 3;
        if ((pc[2] & 0x38) == 0x20 && number == info->frame_register)
        {
            DWORD64 frame = *integer_register(context, number);

            if ((pc[2] & 0xc0) == 0x40) rsp = perform ? frame + (int8_t)pc[3] : rsp, pc += 4;
            else if ((pc[2] & 0xc0) == 0x80) rsp = perform ? frame + *(const int32_t *)(pc + 3) : rsp, pc += 7;
        }
    }

    for (;;)
    {
        if ((pc[0] & 0xf8) == 0x58) number = pc[0] & 7, pc++;                          /* pop */
        else if (pc[0] == 0x41 && (pc[1] & 0xf8) == 0x58) number = 8 + (pc[1] & 7), pc += 2;
        else break;
        if (number == 4) return false;
        if (perform)
        {
            if (!is_inside(bounds, rsp, 8)) return false;
            set_integer(context, pointers, number, (DWORD64 *)rsp);
            rsp += 8;
        }
    }

    if (pc[0] == 0xc3 || pc[0] == 0xc2 || (pc[0] == 0xf3 && pc[1] == 0xc3)) ;          /* ret, ret n, rep ret */
    else if (pc[0] == 0xeb || pc[0] == 0xe9)                                           /* jmp */
    {
        const uint8_t *target = pc[0] == 0xeb ? pc + 2 + (int8_t)pc[1] : pc + 5 + *(const int32_t *)(pc + 1);
        ULONG64 rva = (ULONG64)target - base;
        const RUNTIME_FUNCTION *primary = primary_function(base, function);

        /* Inside the function it is a loop or a branch. Its very start is a tail call of itself, but not from
         * a part whose information is chained. */
        if (rva >= function->BeginAddress && rva < function->EndAddress
            && (rva != function->BeginAddress || info->flags & UNW_FLAG_CHAININFO)) return false;
        if (primary != function && rva > primary->BeginAddress && rva < primary->EndAddress) return false;
    }
    else if (pc[0] == 0xff && (pc[1] & 0x38) == 0x20) ;                                /* jmp *mem */
    else if (pc[0] == 0x48 && pc[1] == 0xff && (pc[2] & 0x38) == 0x20) ;               /* rex.w jmp */
    else if ((pc[0] & 0xf8) == 0x48 && pc[1] == 0xff && (pc[2] & 0xf8) == 0xe0) ;      /* jmp *%reg */
    else return false;

    if (!perform)
    {
        perform = true;
        goto again;
    }
    if (!is_inside(bounds, rsp, 8)) return false;
    context->Rip = *(DWORD64 *)rsp;
    context->Rsp = rsp + 8;
    return true;
}

/* ---- the codes ------------------------------------------------------------------------------ */

/* Where a code's operation saved its register. False: it saved none. */
static bool saved_at(union unwind_code code, const uint16_t *operand, DWORD64 frame, const CONTEXT *context, DWORD64 *at)
{
    switch (code.op)
    {
    case UWOP_PUSH_NONVOL: *at = context->Rsp; return true;
    case UWOP_SAVE_NONVOL: *at = frame + operand[0] * 8u; return true;
    case UWOP_SAVE_XMM128: *at = frame + operand[0] * 16u; return true;
    case UWOP_SAVE_NONVOL_FAR:
    case UWOP_SAVE_XMM128_FAR: *at = frame + ((DWORD)operand[0] | (DWORD)operand[1] << 16); return true;
    case UWOP_PUSH_MACHFRAME: *at = context->Rsp + (code.info ? 8 : 0); return true;
    default: return false;
    }
}

/* Undoes what the codes say, from the one that was done last. False if that leads off the stack. */
static bool undo(const struct unwind_info *info, unsigned int prologue_offset, DWORD64 frame, const struct bounds *bounds,
                 CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers, bool *machine_frame)
{
    unsigned int i;

    for (i = 0; i < info->count; i += slots_of(info->codes[i]))
    {
        union unwind_code code = info->codes[i];
        const uint16_t *operand = &info->codes[i + 1].slot;
        DWORD64 at = 0;

        if (prologue_offset < code.offset && code.op != UWOP_EPILOG) continue;      /* not done yet */
        if (saved_at(code, operand, frame, context, &at) && !is_inside(bounds, at, code.op >= UWOP_SAVE_XMM128 ? 16 : 8)) return false;
        switch (code.op)
        {
        case UWOP_PUSH_NONVOL:
            context->Rsp += 8;
            set_integer(context, pointers, code.info, (DWORD64 *)at);
            break;
        case UWOP_ALLOC_LARGE:
            context->Rsp += code.info ? (DWORD)operand[0] | (DWORD)operand[1] << 16 : operand[0] * 8u;
            break;
        case UWOP_ALLOC_SMALL:
            context->Rsp += (code.info + 1) * 8;
            break;
        case UWOP_SET_FPREG:
            context->Rsp = *integer_register(context, info->frame_register) - info->frame_offset * 16;
            break;
        case UWOP_SAVE_NONVOL:
        case UWOP_SAVE_NONVOL_FAR:
            set_integer(context, pointers, code.info, (DWORD64 *)at);
            break;
        case UWOP_SAVE_XMM128:
        case UWOP_SAVE_XMM128_FAR:
            set_xmm(context, pointers, code.info, (M128A *)at);
            break;
        case UWOP_PUSH_MACHFRAME:
            if (!is_inside(bounds, at, 4 * sizeof(DWORD64))) return false;
            context->Rip = ((const DWORD64 *)at)[0];
            context->Rsp = ((const DWORD64 *)at)[3];
            *machine_frame = true;
            break;
        default:                        /* epilogue descriptions of version 2, spare slots */
            break;
        }
    }
    return true;
}

void * WINAPI RtlVirtualUnwind(ULONG type, ULONG64 base, ULONG64 pc, RUNTIME_FUNCTION *function, CONTEXT *context,
                               void **data, ULONG64 *frame_ret, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    const RUNTIME_FUNCTION *part = function;
    const struct unwind_info *info;
    const struct bounds bounds = stack_bounds(context);
    bool sound, machine_frame = false, body = true;
    unsigned int offset, depth;
    DWORD64 frame;

    while (part->UnwindData & 1) part = (const RUNTIME_FUNCTION *)(base + (part->UnwindData & ~1u));
    info = info_of(base, part);
    offset = pc - base - part->BeginAddress;

    /* The frame by which handlers know this activation, the same at every instruction after the prologue. */
    frame = context->Rsp;
    if (info->frame_register)
    {
        bool set = offset >= info->prologue_size || info->flags & UNW_FLAG_CHAININFO;
        unsigned int i;

        for (i = 0; !set && i < info->count; i += slots_of(info->codes[i]))
            set = info->codes[i].op == UWOP_SET_FPREG && offset >= info->codes[i].offset;
        if (set) frame = *integer_register(context, info->frame_register) - info->frame_offset * 16;
    }
    *frame_ret = frame;

    if (offset >= info->prologue_size)
    {
        bool possible = info->version < 2 || in_listed_epilogue(info, part, offset);

        if (possible && epilogue(base, part, info, (const uint8_t *)pc, &bounds, context, pointers)) return NULL;
        offset = ~0u;
    }
    else body = false;

    sound = undo(info, offset, frame, &bounds, context, pointers, &machine_frame);
    for (depth = 0; sound && info->flags & UNW_FLAG_CHAININFO && depth < 32; depth++)
    {
        part = after_codes(info);
        while (part->UnwindData & 1) part = (const RUNTIME_FUNCTION *)(base + (part->UnwindData & ~1u));
        info = info_of(base, part);
        sound = undo(info, ~0u, frame, &bounds, context, pointers, &machine_frame);
    }
    if (!sound || (!machine_frame && !is_inside(&bounds, context->Rsp, 8)))
    {
        context->Rip = context->Rsp = 0;        /* nowhere: whoever walks the stack stops */
        return NULL;
    }
    if (!machine_frame)
    {
        context->Rip = *(DWORD64 *)context->Rsp;
        context->Rsp += 8;
    }

    if (!body || !(info->flags & type & (UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER))) return NULL;
    *data = (void *)((const DWORD *)after_codes(info) + 1);
    return (void *)(base + *(const DWORD *)after_codes(info));
}
