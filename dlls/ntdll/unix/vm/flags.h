/* Windows' flag values that the section manager understands, for code without Windows headers. A file
 * that has included winnt.h keeps the definitions it has; the values are Windows' own. */
#pragma once

/* Allocation, free and unmap types. */
#ifndef MEM_COMMIT
#define MEM_COMMIT 0x1000u
#endif
#ifndef MEM_RESERVE
#define MEM_RESERVE 0x2000u
#endif
#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_REPLACE_PLACEHOLDER 0x4000u
#endif
#ifndef MEM_DECOMMIT
#define MEM_DECOMMIT 0x4000u
#endif
#ifndef MEM_RELEASE
#define MEM_RELEASE 0x8000u
#endif
#ifndef MEM_FREE
#define MEM_FREE 0x10000u
#endif
#ifndef MEM_PRIVATE
#define MEM_PRIVATE 0x20000u
#endif
#ifndef MEM_MAPPED
#define MEM_MAPPED 0x40000u
#endif
#ifndef MEM_RESERVE_PLACEHOLDER
#define MEM_RESERVE_PLACEHOLDER 0x40000u
#endif
#ifndef MEM_RESET
#define MEM_RESET 0x80000u
#endif
#ifndef MEM_TOP_DOWN
#define MEM_TOP_DOWN 0x100000u
#endif
#ifndef MEM_WRITE_WATCH
#define MEM_WRITE_WATCH 0x200000u
#endif
#ifndef MEM_PHYSICAL
#define MEM_PHYSICAL 0x400000u
#endif
#ifndef MEM_RESET_UNDO
#define MEM_RESET_UNDO 0x1000000u
#endif
#ifndef MEM_IMAGE
#define MEM_IMAGE 0x1000000u
#endif
#ifndef MEM_LARGE_PAGES
#define MEM_LARGE_PAGES 0x20000000u
#endif
#ifndef MEM_COALESCE_PLACEHOLDERS
#define MEM_COALESCE_PLACEHOLDERS 0x1u
#endif
#ifndef MEM_PRESERVE_PLACEHOLDER
#define MEM_PRESERVE_PLACEHOLDER 0x2u
#endif
#ifndef MEM_UNMAP_WITH_TRANSIENT_BOOST
#define MEM_UNMAP_WITH_TRANSIENT_BOOST 0x1u
#endif

/* Page protections. */
#ifndef PAGE_NOACCESS
#define PAGE_NOACCESS 0x01u
#endif
#ifndef PAGE_READONLY
#define PAGE_READONLY 0x02u
#endif
#ifndef PAGE_READWRITE
#define PAGE_READWRITE 0x04u
#endif
#ifndef PAGE_WRITECOPY
#define PAGE_WRITECOPY 0x08u
#endif
#ifndef PAGE_EXECUTE
#define PAGE_EXECUTE 0x10u
#endif
#ifndef PAGE_EXECUTE_READ
#define PAGE_EXECUTE_READ 0x20u
#endif
#ifndef PAGE_EXECUTE_READWRITE
#define PAGE_EXECUTE_READWRITE 0x40u
#endif
#ifndef PAGE_EXECUTE_WRITECOPY
#define PAGE_EXECUTE_WRITECOPY 0x80u
#endif
#ifndef PAGE_GUARD
#define PAGE_GUARD 0x100u
#endif
#ifndef PAGE_NOCACHE
#define PAGE_NOCACHE 0x200u
#endif
#ifndef PAGE_WRITECOMBINE
#define PAGE_WRITECOMBINE 0x400u
#endif
#ifndef PAGE_TARGETS_INVALID
#define PAGE_TARGETS_INVALID 0x40000000u
#endif
#ifndef PAGE_TARGETS_NO_UPDATE
#define PAGE_TARGETS_NO_UPDATE 0x40000000u
#endif
#ifndef PAGE_REVERT_TO_FILE_MAP
#define PAGE_REVERT_TO_FILE_MAP 0x80000000u
#endif

/* Section attributes. */
#ifndef SEC_HUGE_PAGES
#define SEC_HUGE_PAGES 0x20000u
#endif
#ifndef SEC_PARTITION_OWNER_HANDLE
#define SEC_PARTITION_OWNER_HANDLE 0x40000u
#endif
#ifndef SEC_64K_PAGES
#define SEC_64K_PAGES 0x80000u
#endif
#ifndef SEC_BASED
#define SEC_BASED 0x200000u
#endif
#ifndef SEC_NO_CHANGE
#define SEC_NO_CHANGE 0x400000u
#endif
#ifndef SEC_FILE
#define SEC_FILE 0x800000u
#endif
#ifndef SEC_IMAGE
#define SEC_IMAGE 0x1000000u
#endif
#ifndef SEC_PROTECTED_IMAGE
#define SEC_PROTECTED_IMAGE 0x2000000u
#endif
#ifndef SEC_RESERVE
#define SEC_RESERVE 0x4000000u
#endif
#ifndef SEC_COMMIT
#define SEC_COMMIT 0x8000000u
#endif
#ifndef SEC_NOCACHE
#define SEC_NOCACHE 0x10000000u
#endif
#ifndef SEC_IMAGE_NO_EXECUTE
#define SEC_IMAGE_NO_EXECUTE 0x11000000u
#endif
#ifndef SEC_GLOBAL
#define SEC_GLOBAL 0x20000000u
#endif
#ifndef SEC_WRITECOMBINE
#define SEC_WRITECOMBINE 0x40000000u
#endif
#ifndef SEC_LARGE_PAGES
#define SEC_LARGE_PAGES 0x80000000u
#endif
