/* Memory of the Windows program, as seen by a system call.
 *
 * A pointer that came from PE code is never dereferenced; it is copied from and to with these. A
 * fault ends the copy, never the process, and says which: STATUS_ACCESS_VIOLATION,
 * STATUS_GUARD_PAGE_VIOLATION (the guard is then gone, as on Windows) or STATUS_IN_PAGE_ERROR.
 * Addresses above the user range are refused without being touched.
 *
 * A fault that the section manager can satisfy (stack growth, late commit, write watch) is not
 * seen by the caller: the copy goes on.
 */
#pragma once

NTSTATUS user_read(void *to, const void *from, size_t size);
NTSTATUS user_write(void *to, const void *from, size_t size);
NTSTATUS user_zero(void *to, size_t size);

/* One scalar. The pointer's own type says how large it is. */
#define user_get(var, ptr) user_read(&(var), (ptr), sizeof(var))
#define user_put(ptr, val) \
    ({ __typeof__(*(ptr)) user_put_val_ = (val); user_write((ptr), &user_put_val_, sizeof(user_put_val_)); })

/* Before the host kernel itself is handed a user buffer (read(), recvmsg() ...): the kernel says
 * EFAULT where it meets a guard, a write watch or a late commit, and a datagram is gone by then. So
 * touch every page first, as the kernel would. Returns STATUS_SUCCESS if all of it is accessible. */
NTSTATUS user_probe_for_read(const void *from, size_t size);
NTSTATUS user_probe_for_write(void *to, size_t size);

/* A UNICODE_STRING of the program, copied into malloc'd memory, NUL-terminated. Free it with free().
 * Length in bytes is returned through length (may be NULL). A NULL or empty string gives
 * STATUS_SUCCESS and an empty one. Odd lengths: STATUS_INVALID_PARAMETER. */
NTSTATUS user_read_unicode_string(WCHAR **out, size_t *length, const UNICODE_STRING *from);
