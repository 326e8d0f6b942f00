/* RtlGenRandom, under the name it is exported by. */
#include <stdarg.h>

#include "windef.h"

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length);
BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG length);

BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG length)
{
    return (BOOLEAN)ProcessPrng(buffer, length);
}
