/* Upper case beyond ASCII: the pairs whose distance is regular. */
#include "ob/upcase.h"

uint16_t upcase_slow(uint16_t c)
{
    if (c < 0x100) return (c >= 0xe0 && c != 0xf7 && c != 0xff) ? c - 32 : c == 0xff ? 0x178 : c;
    if (c < 0x138) return c != 0x131 ? c & ~1 : c;                              /* Latin Extended-A */
    if (c >= 0x14a && c < 0x178) return c & ~1;
    if (c >= 0x3b1 && c <= 0x3cb && c != 0x3c2) return c - 32;                  /* Greek */
    if (c >= 0x430 && c <= 0x44f) return c - 32;                                /* Cyrillic */
    if (c >= 0x450 && c <= 0x45f) return c - 80;
    if (c >= 0x460 && c <= 0x481) return c & ~1;
    if (c >= 0x561 && c <= 0x586) return c - 48;                                /* Armenian */
    return c;
}
