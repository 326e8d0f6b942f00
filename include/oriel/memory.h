/* Classes of NtSetInformationVirtualMemory between kernelbase and the Unix side: OfferVirtualMemory and its relatives, for
 * which Windows has no documented call. One range; no further information. */
#pragma once

#define ORIEL_MEMORY_OFFER   0x4f520001
#define ORIEL_MEMORY_RECLAIM 0x4f520002
#define ORIEL_MEMORY_DISCARD 0x4f520003
