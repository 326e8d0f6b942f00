/* The section manager's calls, in another process: what vm/vm.h says holds, and STATUS_PROCESS_IS_TERMINATING when that
 * process has ended. Each drops the reference on the process that memory_process() gave. */
#pragma once

#include "nt/memory.h"
#include "ps/peer.h"
#include "ps/process_object.h"

NTSTATUS remote_allocate(struct process_object *process, uintptr_t *base, size_t *size, uint32_t type, uint32_t protect,
                         const struct vm_limits *limits, uint32_t node);
NTSTATUS remote_free(struct process_object *process, uintptr_t *base, size_t *size, uint32_t type);
NTSTATUS remote_protect(struct process_object *process, uintptr_t *base, size_t *size, uint32_t protect, uint32_t *old);

/* PEER_LOCK, PEER_UNLOCK, PEER_FLUSH, PEER_PREFETCH */
NTSTATUS remote_range(struct process_object *process, enum peer_operation operation, uintptr_t *base, size_t *size);

NTSTATUS remote_map(struct process_object *process, struct section *section, struct vm_map *map);
NTSTATUS remote_unmap(struct process_object *process, uintptr_t address, uint32_t flags);
NTSTATUS remote_get_write_watch(struct process_object *process, uintptr_t base, size_t size, bool reset,
                                uintptr_t *addresses, size_t *count);
NTSTATUS remote_reset_write_watch(struct process_object *process, uintptr_t base, size_t size);

/* NtQueryVirtualMemory once its arguments are known to be good; buffer and returned are the program's. */
NTSTATUS remote_query(struct process_object *process, uint32_t class, uintptr_t address, void *buffer, size_t length,
                      SIZE_T *returned);

/* Classes of NtQueryInformationProcess and NtSetInformationProcess that only the process itself knows, of one size and
 * without pointers. data is ours. */
NTSTATUS remote_process_query(struct process_object *process, uint32_t class, void *data, uint32_t size);
NTSTATUS remote_process_set(struct process_object *process, uint32_t class, const void *data, uint32_t size);

/* As process_spawn(), with that process as the parent, whose handles are inherited and whose jobs the child is in. */
struct spawn;
NTSTATUS remote_spawn(struct process_object *parent, struct spawn *spawn, bool breakaway, struct process_object **process,
                      int *thread_pipe);

bool remote_has_ended(const struct process_object *process);

/* A UNICODE_STRING with its characters behind it, that a stranger sent for the program's buffer. */
void remote_string(void *reply, size_t size, void *buffer);

/* Between a buffer of ours and the memory of that process, which must not be dropped: these do not. A read is all or
 * nothing, a write stops at the first page that refuses. size is at most PEER_DATA_MAX. */
NTSTATUS remote_read(struct process_object *process, void *to, uintptr_t from, size_t size);
NTSTATUS remote_write(struct process_object *process, uintptr_t to, const void *from, size_t size, size_t *done);
