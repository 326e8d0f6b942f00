/* memoryapi.h: the whole family, as the SDK of Windows 11 has it.
 *
 * Stands in front of the header of the same name that mingw-w64 or Wine ships: that one is included
 * first, then everything it lacks is added, whatever _WIN32_WINNT and NTDDI_VERSION say, since what a
 * program finds at run time is the same either way. MapViewOfFile2, which no DLL of Windows exports, is
 * the inline function over MapViewOfFileNuma2 that it is in the SDK.
 */
#ifndef ORIEL_MEMORYAPI_H
#define ORIEL_MEMORYAPI_H

/* mingw-w64 10 declares it as an import without a calling convention. */
#define MapViewOfFile2 MapViewOfFile2_of_mingw_w64
#include_next <memoryapi.h>
#undef MapViewOfFile2

/* Wine's winbase.h declares some of this itself further down, and includes this file on its way. */
#ifdef __WINE_WINBASE_H
#define ORIEL_WINE_HEADERS 1
#else
#define ORIEL_WINE_HEADERS 0
#endif
#if ORIEL_WINE_HEADERS || !defined(NTDDI_VERSION)
#define ORIEL_MINGW_HAS(ntddi) 0
#else
#define ORIEL_MINGW_HAS(ntddi) (NTDDI_VERSION >= (ntddi))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- constants --------------------------------------------------------------------------------------- */
#ifndef FILE_MAP_WRITE
#define FILE_MAP_WRITE            0x00000002
#endif
#ifndef FILE_MAP_READ
#define FILE_MAP_READ             0x00000004
#endif
#ifndef FILE_MAP_ALL_ACCESS
#define FILE_MAP_ALL_ACCESS       0x000f001f
#endif
#ifndef FILE_MAP_COPY
#define FILE_MAP_COPY             0x00000001
#endif
#ifndef FILE_MAP_EXECUTE
#define FILE_MAP_EXECUTE          0x00000020
#endif
#ifndef FILE_MAP_RESERVE
#define FILE_MAP_RESERVE          0x80000000
#endif
#ifndef FILE_MAP_TARGETS_INVALID
#define FILE_MAP_TARGETS_INVALID  0x40000000
#endif
#ifndef FILE_MAP_LARGE_PAGES
#define FILE_MAP_LARGE_PAGES      0x20000000
#endif
#ifndef NUMA_NO_PREFERRED_NODE
#define NUMA_NO_PREFERRED_NODE    ((DWORD)-1)
#endif

#ifndef MEM_COALESCE_PLACEHOLDERS
#define MEM_COALESCE_PLACEHOLDERS 0x00000001
#endif
#ifndef MEM_PRESERVE_PLACEHOLDER
#define MEM_PRESERVE_PLACEHOLDER  0x00000002
#endif
#ifndef MEM_UNMAP_WITH_TRANSIENT_BOOST
#define MEM_UNMAP_WITH_TRANSIENT_BOOST 0x00000001
#endif
#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_REPLACE_PLACEHOLDER   0x00004000
#endif
#ifndef MEM_RESERVE_PLACEHOLDER
#define MEM_RESERVE_PLACEHOLDER   0x00040000
#endif
#ifndef MEM_DIFFERENT_IMAGE_BASE_OK
#define MEM_DIFFERENT_IMAGE_BASE_OK 0x00800000
#endif
#undef MEM_RESET_UNDO                   /* Wine 8 has one zero too many */
#define MEM_RESET_UNDO            0x01000000
#ifndef MEM_64K_PAGES
#define MEM_64K_PAGES             (MEM_LARGE_PAGES | MEM_PHYSICAL)
#endif

#ifndef PAGE_TARGETS_INVALID
#define PAGE_TARGETS_INVALID      0x40000000
#endif
#ifndef PAGE_TARGETS_NO_UPDATE
#define PAGE_TARGETS_NO_UPDATE    0x40000000
#endif
#ifndef PAGE_REVERT_TO_FILE_MAP
#define PAGE_REVERT_TO_FILE_MAP   0x80000000
#endif

#ifndef SEC_HUGE_PAGES
#define SEC_HUGE_PAGES            0x00020000
#endif
#ifndef SEC_PARTITION_OWNER_HANDLE
#define SEC_PARTITION_OWNER_HANDLE 0x00040000
#endif
#ifndef SEC_64K_PAGES
#define SEC_64K_PAGES             0x00080000
#endif
#ifndef SEC_BASED
#define SEC_BASED                 0x00200000
#endif
#ifndef SEC_NO_CHANGE
#define SEC_NO_CHANGE             0x00400000
#endif
#ifndef SEC_PROTECTED_IMAGE
#define SEC_PROTECTED_IMAGE       0x02000000
#endif
#ifndef SEC_WRITECOMBINE
#define SEC_WRITECOMBINE          0x40000000
#endif
#ifndef SEC_LARGE_PAGES
#define SEC_LARGE_PAGES           0x80000000
#endif
#ifndef SEC_IMAGE_NO_EXECUTE
#define SEC_IMAGE_NO_EXECUTE      (SEC_IMAGE | SEC_NOCACHE)
#endif

#ifndef MEM_EXTENDED_PARAMETER_GRAPHICS
#define MEM_EXTENDED_PARAMETER_GRAPHICS            0x01
#define MEM_EXTENDED_PARAMETER_NONPAGED            0x02
#define MEM_EXTENDED_PARAMETER_ZERO_PAGES_OPTIONAL 0x04
#define MEM_EXTENDED_PARAMETER_NONPAGED_LARGE      0x08
#define MEM_EXTENDED_PARAMETER_NONPAGED_HUGE       0x10
#endif
#ifndef MEM_EXTENDED_PARAMETER_SOFT_FAULT_PAGES
#define MEM_EXTENDED_PARAMETER_SOFT_FAULT_PAGES    0x20
#endif
#ifndef MEM_EXTENDED_PARAMETER_EC_CODE
#define MEM_EXTENDED_PARAMETER_EC_CODE             0x40
#endif
/* An enumerator in newer SDKs. */
#ifndef MemExtendedParameterImageMachine
#define MemExtendedParameterImageMachine ((MEM_EXTENDED_PARAMETER_TYPE)6)
#endif

#ifndef MEHC_PATROL_SCRUBBER_PRESENT
#define MEHC_PATROL_SCRUBBER_PRESENT 0x1
#endif
#ifndef CFG_CALL_TARGET_VALID
#define CFG_CALL_TARGET_VALID     0x01
#endif
#ifndef FILE_CACHE_MAX_HARD_ENABLE
#define FILE_CACHE_MAX_HARD_ENABLE  0x00000001
#define FILE_CACHE_MAX_HARD_DISABLE 0x00000002
#define FILE_CACHE_MIN_HARD_ENABLE  0x00000004
#define FILE_CACHE_MIN_HARD_DISABLE 0x00000008
#endif
#ifndef MEMORY_CURRENT_PARTITION_HANDLE
#define MEMORY_CURRENT_PARTITION_HANDLE ((HANDLE)(LONG_PTR)-1)
#define MEMORY_SYSTEM_PARTITION_HANDLE  ((HANDLE)(LONG_PTR)-2)
#endif
#ifndef WIN32_MEMORY_NUMA_PERFORMANCE_ALL_TARGET_NODE
#define WIN32_MEMORY_NUMA_PERFORMANCE_ALL_TARGET_NODE 0xffffffff
#define WIN32_MEMORY_NUMA_PERFORMANCE_READ_LATENCY    0x01
#define WIN32_MEMORY_NUMA_PERFORMANCE_READ_BANDWIDTH  0x02
#define WIN32_MEMORY_NUMA_PERFORMANCE_WRITE_LATENCY   0x04
#define WIN32_MEMORY_NUMA_PERFORMANCE_WRITE_BANDWIDTH 0x08
#endif
#ifndef VM_PREFETCH_TO_WORKING_SET
#define VM_PREFETCH_TO_WORKING_SET 0x1
#endif

/* ---- types ------------------------------------------------------------------------------------------- */
#if !ORIEL_WINE_HEADERS && !(defined(_WIN32_WINNT) && _WIN32_WINNT >= 0x0602)
typedef struct _WIN32_MEMORY_RANGE_ENTRY
{
    PVOID  VirtualAddress;
    SIZE_T NumberOfBytes;
} WIN32_MEMORY_RANGE_ENTRY, *PWIN32_MEMORY_RANGE_ENTRY;
#elif ORIEL_WINE_HEADERS
struct _WIN32_MEMORY_RANGE_ENTRY;
#endif

#if ORIEL_WINE_HEADERS || !(defined(_WIN32_WINNT) && _WIN32_WINNT >= 0x0603)
typedef enum _OFFER_PRIORITY
{
    VmOfferPriorityVeryLow = 1,
    VmOfferPriorityLow,
    VmOfferPriorityBelowNormal,
    VmOfferPriorityNormal
} OFFER_PRIORITY;
#endif

#if ORIEL_WINE_HEADERS
typedef void (WINAPI BAD_MEMORY_CALLBACK_ROUTINE)(void);
typedef BAD_MEMORY_CALLBACK_ROUTINE *PBAD_MEMORY_CALLBACK_ROUTINE;
#elif !(defined(_WIN32_WINNT) && _WIN32_WINNT >= 0x0602)
typedef VOID WINAPI BAD_MEMORY_CALLBACK_ROUTINE(VOID);
typedef BAD_MEMORY_CALLBACK_ROUTINE *PBAD_MEMORY_CALLBACK_ROUTINE;
#endif

#if ORIEL_WINE_HEADERS
typedef struct _CFG_CALL_TARGET_INFO
{
    ULONG_PTR Offset;
    ULONG_PTR Flags;
} CFG_CALL_TARGET_INFO, *PCFG_CALL_TARGET_INFO;
#elif !ORIEL_MINGW_HAS(0x0A000002)      /* NTDDI_WIN10_RS1 */
typedef enum WIN32_MEMORY_INFORMATION_CLASS { MemoryRegionInfo } WIN32_MEMORY_INFORMATION_CLASS;
typedef struct WIN32_MEMORY_REGION_INFORMATION
{
    PVOID AllocationBase;
    ULONG AllocationProtect;
    __C89_NAMELESS union
    {
        ULONG Flags;
        __C89_NAMELESS struct
        {
            ULONG Private : 1;
            ULONG MappedDataFile : 1;
            ULONG MappedImage : 1;
            ULONG MappedPageFile : 1;
            ULONG MappedPhysical : 1;
            ULONG DirectMapped : 1;
            ULONG Reserved : 26;
        };
    };
    SIZE_T RegionSize;
    SIZE_T CommitSize;
} WIN32_MEMORY_REGION_INFORMATION;
#endif

typedef enum WIN32_MEMORY_PARTITION_INFORMATION_CLASS
{
    MemoryPartitionInfo,
    MemoryPartitionDedicatedMemoryInfo
} WIN32_MEMORY_PARTITION_INFORMATION_CLASS;

typedef struct DECLSPEC_ALIGN(8) WIN32_MEMORY_PARTITION_INFORMATION
{
    ULONG   Flags;
    ULONG   NumaNode;
    ULONG   Channel;
    ULONG   NumberOfNumaNodes;
    ULONG64 ResidentAvailablePages;
    ULONG64 CommittedPages;
    ULONG64 CommitLimit;
    ULONG64 PeakCommitment;
    ULONG64 TotalNumberOfPages;
    ULONG64 AvailablePages;
    ULONG64 ZeroPages;
    ULONG64 FreePages;
    ULONG64 StandbyPages;
    ULONG64 Reserved[16];
    ULONG64 MaximumCommitLimit;
    ULONG64 Reserved2;
    ULONG   PartitionId;
} WIN32_MEMORY_PARTITION_INFORMATION;

typedef struct DECLSPEC_ALIGN(8) MEMORY_PARTITION_DEDICATED_MEMORY_INFORMATION
{
    ULONG   NextEntryOffset;
    ULONG   SizeOfInformation;
    ULONG   Flags;
    ULONG   AttributesOffset;
    ULONG   AttributeCount;
    ULONG   Reserved;
    ULONG64 TypeId;
} MEMORY_PARTITION_DEDICATED_MEMORY_INFORMATION;

typedef struct WIN32_MEMORY_NUMA_PERFORMANCE_ENTRY
{
    ULONG InitiatorNodeNumber;
    ULONG TargetNodeNumber;
    UCHAR DataType;
    struct
    {
        UCHAR MinTransferSizeToAchieveValues : 1;
        UCHAR NonSequentialTransfers : 1;
        UCHAR Reserved : 6;
    } Flags;
    ULONG64 MinTransferSizeInBytes;
    ULONG64 EntryValue;
} WIN32_MEMORY_NUMA_PERFORMANCE_ENTRY;

typedef struct WIN32_MEMORY_NUMA_PERFORMANCE_INFORMATION_OUTPUT
{
    ULONG EntryCount;
    WIN32_MEMORY_NUMA_PERFORMANCE_ENTRY PerformanceEntries[1];
} WIN32_MEMORY_NUMA_PERFORMANCE_INFORMATION_OUTPUT;

/* ---- functions --------------------------------------------------------------------------------------- */
struct _SECURITY_ATTRIBUTES;            /* Wine's winbase.h gets to it later */

WINBASEAPI PVOID  WINAPI VirtualAlloc2(HANDLE process, PVOID base, SIZE_T size, ULONG type, ULONG protect,
                                       MEM_EXTENDED_PARAMETER *parameters, ULONG count);
WINBASEAPI PVOID  WINAPI VirtualAlloc2FromApp(HANDLE process, PVOID base, SIZE_T size, ULONG type, ULONG protect,
                                              MEM_EXTENDED_PARAMETER *parameters, ULONG count);
WINBASEAPI PVOID  WINAPI VirtualAllocFromApp(PVOID base, SIZE_T size, ULONG type, ULONG protect);
WINBASEAPI LPVOID WINAPI VirtualAllocExNuma(HANDLE process, LPVOID base, SIZE_T size, DWORD type, DWORD protect, DWORD node);
WINBASEAPI BOOL   WINAPI VirtualProtectFromApp(PVOID base, SIZE_T size, ULONG protect, PULONG old);
WINBASEAPI BOOL   WINAPI VirtualUnlockEx(HANDLE process, LPVOID base, SIZE_T size);
WINBASEAPI BOOL   WINAPI QueryVirtualMemoryInformation(HANDLE process, const VOID *address, WIN32_MEMORY_INFORMATION_CLASS info_class,
                                                       PVOID info, SIZE_T size, PSIZE_T returned);
WINBASEAPI BOOL   WINAPI PrefetchVirtualMemory(HANDLE process, ULONG_PTR count, struct _WIN32_MEMORY_RANGE_ENTRY *ranges, ULONG flags);
WINBASEAPI DWORD  WINAPI DiscardVirtualMemory(PVOID base, SIZE_T size);
WINBASEAPI DWORD  WINAPI OfferVirtualMemory(PVOID base, SIZE_T size, OFFER_PRIORITY priority);
#if ORIEL_WINE_HEADERS || !(defined(_WIN32_WINNT) && _WIN32_WINNT >= 0x0603)    /* mingw-w64 forgot the const */
WINBASEAPI DWORD  WINAPI ReclaimVirtualMemory(void const *base, SIZE_T size);
#endif
WINBASEAPI BOOL   WINAPI AllocateUserPhysicalPages(HANDLE process, PULONG_PTR count, PULONG_PTR pages);
WINBASEAPI BOOL   WINAPI AllocateUserPhysicalPagesNuma(HANDLE process, PULONG_PTR count, PULONG_PTR pages, DWORD node);
WINBASEAPI BOOL   WINAPI AllocateUserPhysicalPages2(HANDLE object, PULONG_PTR count, PULONG_PTR pages,
                                                    MEM_EXTENDED_PARAMETER *parameters, ULONG parameter_count);
WINBASEAPI BOOL   WINAPI FreeUserPhysicalPages(HANDLE process, PULONG_PTR count, PULONG_PTR pages);
WINBASEAPI BOOL   WINAPI MapUserPhysicalPages(PVOID address, ULONG_PTR count, PULONG_PTR pages);
WINBASEAPI BOOL   WINAPI MapUserPhysicalPagesScatter(PVOID *addresses, ULONG_PTR count, PULONG_PTR pages);
WINBASEAPI BOOL   WINAPI GetSystemFileCacheSize(PSIZE_T minimum, PSIZE_T maximum, PDWORD flags);
WINBASEAPI BOOL   WINAPI SetSystemFileCacheSize(SIZE_T minimum, SIZE_T maximum, DWORD flags);
WINBASEAPI BOOL   WINAPI GetMemoryErrorHandlingCapabilities(PULONG capabilities);
WINBASEAPI PVOID  WINAPI RegisterBadMemoryNotification(PBAD_MEMORY_CALLBACK_ROUTINE callback);
WINBASEAPI BOOL   WINAPI UnregisterBadMemoryNotification(PVOID registration);
WINBASEAPI BOOL   WINAPI SetProcessValidCallTargets(HANDLE process, PVOID base, SIZE_T size, ULONG count, PCFG_CALL_TARGET_INFO targets);
WINBASEAPI BOOL   WINAPI SetProcessValidCallTargetsForMappedView(HANDLE process, PVOID base, SIZE_T size, ULONG count,
                                                                 PCFG_CALL_TARGET_INFO targets, HANDLE section, ULONG64 offset);
WINBASEAPI HANDLE WINAPI OpenDedicatedMemoryPartition(HANDLE partition, ULONG64 type, ACCESS_MASK access, BOOL inherit);
WINBASEAPI BOOL   WINAPI QueryPartitionInformation(HANDLE partition, WIN32_MEMORY_PARTITION_INFORMATION_CLASS info_class, PVOID info,
                                                   ULONG length);
WINBASEAPI BOOL   WINAPI GetMemoryNumaClosestInitiatorNode(ULONG target, PULONG initiator);
WINBASEAPI BOOL   WINAPI GetMemoryNumaPerformanceInformation(ULONG node, UCHAR type,
                                                             WIN32_MEMORY_NUMA_PERFORMANCE_INFORMATION_OUTPUT **output);
WINBASEAPI HANDLE WINAPI CreateFileMappingNumaW(HANDLE file, struct _SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high,
                                                DWORD size_low, LPCWSTR name, DWORD node);
WINBASEAPI HANDLE WINAPI CreateFileMappingNumaA(HANDLE file, struct _SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high,
                                                DWORD size_low, LPCSTR name, DWORD node);
WINBASEAPI HANDLE WINAPI CreateFileMappingFromApp(HANDLE file, struct _SECURITY_ATTRIBUTES *security, ULONG protect, ULONG64 size, PCWSTR name);
WINBASEAPI HANDLE WINAPI CreateFileMapping2(HANDLE file, struct _SECURITY_ATTRIBUTES *security, ULONG access, ULONG protect, ULONG attributes,
                                            ULONG64 size, PCWSTR name, MEM_EXTENDED_PARAMETER *parameters, ULONG count);
WINBASEAPI HANDLE WINAPI OpenFileMappingFromApp(ULONG access, BOOL inherit, PCWSTR name);
WINBASEAPI PVOID  WINAPI MapViewOfFileFromApp(HANDLE section, ULONG access, ULONG64 offset, SIZE_T size);
WINBASEAPI LPVOID WINAPI MapViewOfFileExNuma(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size,
                                             LPVOID base, DWORD node);
WINBASEAPI PVOID  WINAPI MapViewOfFileNuma2(HANDLE section, HANDLE process, ULONG64 offset, PVOID base, SIZE_T size, ULONG type,
                                            ULONG protect, ULONG node);
WINBASEAPI PVOID  WINAPI MapViewOfFile3(HANDLE section, HANDLE process, PVOID base, ULONG64 offset, SIZE_T size, ULONG type,
                                        ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count);
WINBASEAPI PVOID  WINAPI MapViewOfFile3FromApp(HANDLE section, HANDLE process, PVOID base, ULONG64 offset, SIZE_T size, ULONG type,
                                               ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count);
WINBASEAPI BOOL   WINAPI UnmapViewOfFile2(HANDLE process, PVOID base, ULONG flags);
WINBASEAPI BOOL   WINAPI UnmapViewOfFileEx(PVOID base, ULONG flags);
WINBASEAPI SIZE_T WINAPI GetLargePageMinimum(void);

/* Inline in Windows' SDK too: no DLL of Windows has it. */
#ifndef ORIEL_NO_INLINE
static inline PVOID MapViewOfFile2(HANDLE section, HANDLE process, ULONG64 offset, PVOID base, SIZE_T size, ULONG type,
                                   ULONG protect)
{
    return MapViewOfFileNuma2(section, process, offset, base, size, type, protect, NUMA_NO_PREFERRED_NODE);
}
#endif

#ifdef __cplusplus
}
#endif

#undef ORIEL_MINGW_HAS
#endif
