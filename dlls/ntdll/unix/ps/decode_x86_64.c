/* Just enough of x86 decoding to tell exceptions apart that arrive as one signal. */
#include <signal.h>
#include "nt/nt.h"
#include "ps/exception.h"

#define MAX_INSTRUCTION 15

struct instruction
{
    uint8_t bytes[MAX_INSTRUCTION + 1];         /* zero filled */
    unsigned int opcode;                        /* index of the first byte after the prefixes */
    uint8_t rex;
    bool operand16, address32;
    uint8_t segment;
};

static bool fetch(uint64_t rip, struct instruction *in)
{
    unsigned int i, size = MAX_INSTRUCTION;

    memset(in, 0, sizeof(*in));
    while (size && user_read(in->bytes, (const void *)rip, size))
        size = size > (4096 - (rip & 4095)) ? 4096 - (rip & 4095) : 0;  /* up to the end of its page */
    for (i = 0; i < size; i++)
    {
        uint8_t b = in->bytes[i];

        if (b >= 0x40 && b <= 0x4f)
        {
            in->rex = b;
            continue;
        }
        if (b == 0x66)
            in->operand16 = true;
        else if (b == 0x67)
            in->address32 = true;
        else if (b == 0x64 || b == 0x65)
            in->segment = b;
        else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 && b != 0xf0 && b != 0xf2 && b != 0xf3)
            break;
        in->rex = 0;                            /* only counts right before the opcode */
    }
    in->opcode = i;
    return i < size;
}

/* Where an icebp goes on. A processor is behind it already when it traps; KVM stops at it. */
uint64_t decode_after_icebp(uint64_t rip)
{
    static const uint8_t icebp = 0xf1;
    uint8_t at = 0, before = 0;

    user_read(&at, (const void *)rip, 1);
    user_read(&before, (const void *)(rip - 1), 1);
    return at == icebp && before != icebp ? rip + 1 : rip;
}

enum gp_kind decode_gp(uint64_t rip, unsigned int *vector)
{
    struct instruction in;
    uint8_t b, next;

    if (!fetch(rip, &in))
        return GP_ACCESS_VIOLATION;
    b = in.bytes[in.opcode];
    next = in.bytes[in.opcode + 1];
    switch (b)
    {
    case 0xcd:                                  /* int nn */
        *vector = next;
        return GP_INTERRUPT;
    case 0x6c: case 0x6d: case 0x6e: case 0x6f: /* ins, outs */
    case 0xe4: case 0xe5: case 0xe6: case 0xe7: /* in, out */
    case 0xec: case 0xed: case 0xee: case 0xef:
    case 0xf4: case 0xfa: case 0xfb:            /* hlt, cli, sti */
        return GP_PRIVILEGED;
    case 0x0f:
        switch (next)
        {
        case 0x06: case 0x07: case 0x08: case 0x09:     /* clts, sysret, invd, wbinvd */
        case 0x20: case 0x21: case 0x22: case 0x23:     /* mov crN, drN */
        case 0x30: case 0x32: case 0x35:                /* wrmsr, rdmsr, sysexit */
            return GP_PRIVILEGED;
        case 0x00:                                      /* lldt, ltr */
            return (in.bytes[in.opcode + 2] >> 3 & 7) == 2 || (in.bytes[in.opcode + 2] >> 3 & 7) == 3
                   ? GP_PRIVILEGED : GP_ACCESS_VIOLATION;
        case 0x01:                                      /* lgdt, lidt, lmsw, invlpg */
            switch (in.bytes[in.opcode + 2] >> 3 & 7)
            {
            case 2: case 3: case 6: case 7:
                return GP_PRIVILEGED;
            }
        }
    }
    return GP_ACCESS_VIOLATION;
}

static uint64_t get_register(const CONTEXT *context, unsigned int number)
{
    return (&context->Rax)[number];             /* the order of CONTEXT is the processor's */
}

/* The address of a ModRM memory operand; end is the index after the displacement. */
static uint64_t effective_address(const CONTEXT *context, const struct instruction *in, unsigned int at)
{
    uint8_t modrm = in->bytes[at++], mod = modrm >> 6, rm = modrm & 7, sib;
    uint64_t address = 0;
    int32_t disp = 0;

    if (rm == 4)
    {
        sib = in->bytes[at++];
        if ((sib & 7) != 5 || mod)
            address = get_register(context, (sib & 7) | (in->rex & 1) << 3);
        else
            mod = 2;                            /* no base, disp32 */
        if ((sib >> 3 & 7) != 4 || (in->rex & 2))
            address += get_register(context, (sib >> 3 & 7) | (in->rex & 2) << 2) << (sib >> 6);
    }
    else if (rm == 5 && !mod)                   /* rip relative; div has no immediate */
    {
        memcpy(&disp, in->bytes + at, 4);
        return context->Rip + at + 4 + (int64_t)disp;
    }
    else
        address = get_register(context, rm | (in->rex & 1) << 3);
    if (mod == 1)
        disp = (int8_t)in->bytes[at];
    else if (mod == 2)
        memcpy(&disp, in->bytes + at, 4);
    address += (int64_t)disp;
    if (in->address32)
        address = (uint32_t)address;
    if (in->segment == 0x65)
        address += (uint64_t)(uintptr_t)current_teb();
    return address;
}

bool decode_division_overflow(const CONTEXT *context)
{
    struct instruction in;
    uint64_t divisor = 0;
    unsigned int size;
    uint8_t modrm;

    if (!fetch(context->Rip, &in) || (in.bytes[in.opcode] & 0xfe) != 0xf6 || in.opcode > MAX_INSTRUCTION - 7)
        return false;
    modrm = in.bytes[in.opcode + 1];
    size = !(in.bytes[in.opcode] & 1) ? 1 : (in.rex & 8) ? 8 : in.operand16 ? 2 : 4;
    if (modrm >> 6 != 3)
    {
        if (user_read(&divisor, (const void *)effective_address(context, &in, in.opcode + 1), size))
            return false;
    }
    else if (size == 1 && !in.rex && (modrm & 4))
        divisor = get_register(context, modrm & 3) >> 8;        /* ah, ch, dh, bh */
    else
        divisor = get_register(context, (modrm & 7) | (in.rex & 1) << 3);
    if (size < 8)
        divisor &= ((uint64_t)1 << size * 8) - 1;
    return divisor != 0;
}
