/* Structures, classes and flags of files that Wine's headers lack. Values: the Windows SDK and ntifs.h. */
#pragma once

#include "nt/nt.h"
#include "winioctl.h"

#define FILE_SUPERSEDED     0
#define FILE_OPENED         1
#define FILE_CREATED        2
#define FILE_OVERWRITTEN    3
#define FILE_EXISTS         4
#define FILE_DOES_NOT_EXIST 5

#define FSCTL_PIPE_GET_PIPE_ATTRIBUTE CTL_CODE(FILE_DEVICE_NAMED_PIPE, 10, METHOD_BUFFERED, FILE_ANY_ACCESS)

#define FILE_DISPOSITION_DELETE                     0x01
#define FILE_DISPOSITION_POSIX_SEMANTICS            0x02
#define FILE_DISPOSITION_FORCE_IMAGE_SECTION_CHECK  0x04
#define FILE_DISPOSITION_ON_CLOSE                   0x08
#define FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE  0x10

#define FILE_RENAME_REPLACE_IF_EXISTS               0x01
#define FILE_RENAME_POSIX_SEMANTICS                 0x02
#define FILE_RENAME_IGNORE_READONLY_ATTRIBUTE       0x40

#define FileIdExtdBothDirectoryInformation  63
#define FileDispositionInformationEx        64
#define FileRenameInformationEx             65
#define FileStatInformation                 68
#define FileStatLxInformation               70
#define FileCaseSensitiveInformation        71
#define FileLinkInformationEx               72

#define FileFsSectorSizeInformation         11

typedef struct
{
    ULONG Flags;
} FILE_DISPOSITION_INFORMATION_EX;

typedef struct                  /* also FILE_LINK_INFORMATION; the first byte is ReplaceIfExists */
{
    ULONG  Flags;
    HANDLE RootDirectory;
    ULONG  FileNameLength;
    WCHAR  FileName[1];
} FILE_RENAME_INFORMATION_EX;

typedef struct
{
    LARGE_INTEGER FileId;
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG FileAttributes;
    ULONG ReparseTag;
    ULONG NumberOfLinks;
    ACCESS_MASK EffectiveAccess;
} FILE_STAT_INFORMATION;
_Static_assert(sizeof(FILE_STAT_INFORMATION) == 72, "FILE_STAT_INFORMATION");

#define LX_FILE_METADATA_HAS_UID        0x1
#define LX_FILE_METADATA_HAS_GID        0x2
#define LX_FILE_METADATA_HAS_MODE       0x4

typedef struct
{
    FILE_STAT_INFORMATION Stat;         /* its fields are the first of this one */
    ULONG LxFlags;
    ULONG LxUid;
    ULONG LxGid;
    ULONG LxMode;
    ULONG LxDeviceIdMajor;
    ULONG LxDeviceIdMinor;
} FILE_STAT_LX_INFORMATION;
_Static_assert(sizeof(FILE_STAT_LX_INFORMATION) == 96, "FILE_STAT_LX_INFORMATION");

#define FileStatBasicInformation            77

typedef struct
{
    LARGE_INTEGER FileId;
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG FileAttributes;
    ULONG ReparseTag;
    ULONG NumberOfLinks;
    ULONG DeviceType;
    ULONG DeviceCharacteristics;
    ULONG Reserved;
    LARGE_INTEGER VolumeSerialNumber;
    FILE_ID_128 FileId128;
} FILE_STAT_BASIC_INFORMATION;
_Static_assert(sizeof(FILE_STAT_BASIC_INFORMATION) == 104, "FILE_STAT_BASIC_INFORMATION");

typedef struct
{
    ULONG Flags;
} FILE_CASE_SENSITIVE_INFORMATION;

typedef struct
{
    BOOLEAN IsRemote;
} FILE_IS_REMOTE_DEVICE_INFORMATION;

typedef struct
{
    LARGE_INTEGER ValidDataLength;
} FILE_VALID_DATA_LENGTH_INFORMATION;

typedef struct
{
    ULONG NextEntryOffset;
    ULONG FileIndex;
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER EndOfFile;
    LARGE_INTEGER AllocationSize;
    ULONG FileAttributes;
    ULONG FileNameLength;
    ULONG EaSize;
    ULONG ReparsePointTag;
    FILE_ID_128 FileId;
    WCHAR FileName[1];
} FILE_ID_EXTD_DIR_INFORMATION_NT;

typedef struct
{
    ULONG NextEntryOffset;
    ULONG FileIndex;
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER EndOfFile;
    LARGE_INTEGER AllocationSize;
    ULONG FileAttributes;
    ULONG FileNameLength;
    ULONG EaSize;
    ULONG ReparsePointTag;
    FILE_ID_128 FileId;
    CHAR  ShortNameLength;
    WCHAR ShortName[12];
    WCHAR FileName[1];
} FILE_ID_EXTD_BOTH_DIR_INFORMATION_NT;


typedef struct
{
    ULONG LogicalBytesPerSector;
    ULONG PhysicalBytesPerSectorForAtomicity;
    ULONG PhysicalBytesPerSectorForPerformance;
    ULONG FileSystemEffectivePhysicalBytesPerSectorForAtomicity;
    ULONG Flags;
    ULONG ByteOffsetForSectorAlignment;
    ULONG ByteOffsetForPartitionAlignment;
} FILE_FS_SECTOR_SIZE_INFORMATION_NT;

typedef struct
{
    LARGE_INTEGER FileOffset;
    LARGE_INTEGER BeyondFinalZero;
} FILE_ZERO_DATA_INFORMATION;

typedef struct
{
    LARGE_INTEGER FileOffset;
    LARGE_INTEGER Length;
} FILE_ALLOCATED_RANGE_BUFFER;
