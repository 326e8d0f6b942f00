/* Upper case of one UTF-16 unit, as object and key names compare without regard to case. */
#pragma once

#include <stdint.h>

uint16_t upcase_slow(uint16_t c);

static inline uint16_t upcase(uint16_t c)
{
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    return upcase_slow(c);
}
