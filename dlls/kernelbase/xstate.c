/* Processor state beyond the legacy registers. */
#include "kernelbase.h"

DWORD64 WINAPI GetEnabledXStateFeatures(void)
{
    return RtlGetEnabledExtendedFeatures(~(ULONG64)0);
}
