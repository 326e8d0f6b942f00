/* Which byte of a file means what, when it is locked.
 *
 * Processes of ours tell each other what they do with a file by locks on bytes that no file has: a lock is seen by
 * whoever asks, and goes with the process, however that ends. They belong to the open file (F_OFD_SETLK), so a
 * handle that was inherited or duplicated keeps what it holds, and they refuse nobody's reads and writes.
 *
 *     HOST_LOCKS + mark * HOST_LOCK_SLOTS       what there is a mark for: io/share.c
 *     HOST_LOCK_GROW                            taken while the file is made longer: host_linux.c
 *     HOST_LOCK_MEET + process and descriptor   a memory file that belongs to the file: meet.c
 *
 * Byte locks of Windows programs and of SQLite end below HOST_LOCKS_START (io/lock.c sees to it).
 */
#pragma once

#define HOST_LOCKS      0x7fffffffff000000ll
#define HOST_LOCK_SLOTS 0x10000ll
#define HOST_LOCK_GROW  (HOST_LOCKS - 1)
#define HOST_LOCK_MEET  0x7ffff00000000000ll
#define HOST_LOCKS_START HOST_LOCK_MEET
