/* Small PE files, made by hand: a valid one to bend. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pe
{
    unsigned char bytes[0x8000];
    size_t size;
    uint32_t nt;                /* offset of the PE header */
};

static inline void put16(struct pe *pe, size_t at, uint16_t v) { memcpy(pe->bytes + at, &v, 2); }
static inline void put32(struct pe *pe, size_t at, uint32_t v) { memcpy(pe->bytes + at, &v, 4); }
static inline void put64(struct pe *pe, size_t at, uint64_t v) { memcpy(pe->bytes + at, &v, 8); }

#define OPT(pe, offset) ((pe)->nt + 24 + (offset))
#define SECTION(pe, i, offset) ((pe)->nt + 24 + 240 + (i) * 40 + (offset))

enum { SCN_R = 0x40000000, SCN_W = (int)0x80000000, SCN_X = 0x20000000, SCN_S = 0x10000000 };

static inline void pe_section(struct pe *pe, int i, uint32_t rva, uint32_t virtual_size, uint32_t raw, uint32_t raw_size,
                              uint32_t characteristics)
{
    put32(pe, SECTION(pe, i, 8), virtual_size);
    put32(pe, SECTION(pe, i, 12), rva);
    put32(pe, SECTION(pe, i, 16), raw_size);
    put32(pe, SECTION(pe, i, 20), raw);
    put32(pe, SECTION(pe, i, 36), characteristics);
    memset(pe->bytes + raw, 'A' + i, raw_size);
    if (raw + raw_size > pe->size) pe->size = raw + raw_size;
}

/* .text (RX, 0x600 raw), .data (RW, 0x200 raw, 0x1800 virtual), .reloc (R): file alignment 0x200, or page aligned. */
static inline void pe_make(struct pe *pe, uint64_t base, uint32_t file_alignment)
{
    uint32_t raw = file_alignment < 0x400 ? 0x400 : file_alignment;

    memset(pe, 0, sizeof(*pe));
    pe->nt = 0x80;
    memcpy(pe->bytes, "MZ", 2);
    put32(pe, 60, pe->nt);
    memcpy(pe->bytes + pe->nt, "PE\0\0", 4);
    put16(pe, pe->nt + 4, 0x8664);
    put16(pe, pe->nt + 6, 3);
    put16(pe, pe->nt + 20, 240);
    put16(pe, pe->nt + 22, 0x2022);
    put16(pe, OPT(pe, 0), 0x20b);
    put32(pe, OPT(pe, 4), 0x600);               /* SizeOfCode */
    put32(pe, OPT(pe, 16), 0x1000);             /* entry */
    put64(pe, OPT(pe, 24), base);
    put32(pe, OPT(pe, 32), 0x1000);
    put32(pe, OPT(pe, 36), file_alignment);
    put16(pe, OPT(pe, 48), 6);
    put32(pe, OPT(pe, 56), 0x5000);
    put32(pe, OPT(pe, 60), raw);
    put16(pe, OPT(pe, 68), 3);
    put64(pe, OPT(pe, 72), 0x100000);
    put64(pe, OPT(pe, 80), 0x1000);
    put32(pe, OPT(pe, 108), 16);
    pe->size = raw;
    pe_section(pe, 0, 0x1000, 0x600, raw, file_alignment < 0x600 ? 0x600 : file_alignment, SCN_R | SCN_X);
    raw = pe->size;
    pe_section(pe, 1, 0x2000, 0x1800, raw, file_alignment, SCN_R | (uint32_t)SCN_W);
    raw = pe->size;
    pe_section(pe, 2, 0x4000, 12, raw, file_alignment, SCN_R);
    /* one DIR64 at 0x2010, in .data */
    put32(pe, OPT(pe, 112 + 5 * 8), 0x4000);
    put32(pe, OPT(pe, 112 + 5 * 8 + 4), 12);
    memset(pe->bytes + raw, 0, file_alignment);
    put32(pe, raw, 0x2000);
    put32(pe, raw + 4, 12);
    put16(pe, raw + 8, 10 << 12 | 0x10);
}

/* Another field of the optional header than PE32+'s, and the section table moves up: the same file for 32 bits. */
#define SECTION32(pe, i, offset) ((pe)->nt + 24 + 224 + (i) * 40 + (offset))

static inline void pe_make32(struct pe *pe, uint32_t base, uint32_t file_alignment)
{
    uint32_t raw;

    pe_make(pe, base, file_alignment);
    memmove(pe->bytes + SECTION32(pe, 0, 0), pe->bytes + SECTION(pe, 0, 0), 3 * 40);
    memset(pe->bytes + SECTION32(pe, 3, 0), 0, 16);
    put16(pe, pe->nt + 4, 0x14c);
    put16(pe, pe->nt + 20, 224);
    put16(pe, OPT(pe, 0), 0x10b);
    put32(pe, OPT(pe, 24), 0);                  /* BaseOfData */
    put32(pe, OPT(pe, 28), base);
    put32(pe, OPT(pe, 72), 0x200000);
    put32(pe, OPT(pe, 76), 0x2000);
    put32(pe, OPT(pe, 80), 0);
    put32(pe, OPT(pe, 84), 0);
    put32(pe, OPT(pe, 92), 16);
    memset(pe->bytes + OPT(pe, 96), 0, 16 * 8);
    put32(pe, OPT(pe, 96 + 5 * 8), 0x4000);
    put32(pe, OPT(pe, 96 + 5 * 8 + 4), 12);
    memcpy(&raw, pe->bytes + SECTION32(pe, 2, 20), 4);
    put16(pe, raw + 8, 3 << 12 | 0x10);         /* HIGHLOW */
}
