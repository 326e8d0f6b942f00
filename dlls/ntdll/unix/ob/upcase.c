/* Upper case beyond ASCII: the same table as ntdll's. */
#define CASEMAP_ON_ELF
#include "nt/nt.h"
#include "../../casemap.c"
#include "ob/upcase.h"

uint16_t upcase_slow(uint16_t c)
{
    return case_upper_slow(c);
}
