/* Security descriptors: kept with the objects that were given one, looked at when somebody else opens them.
 *
 * All names of a session belong to one user, so a descriptor only ever keeps a program from what it has forbidden
 * itself. An object without one may be opened by whoever knows it.
 */
#pragma once

#include "nt/nt.h"

struct token;

struct security                         /* never changes once made */
{
    unsigned int refs;                  /* atomic */
    uint32_t     size;
    SECURITY_DESCRIPTOR_RELATIVE sd;    /* size bytes from here on; all offsets are checked */
};

/* A descriptor of the program, absolute or self-relative. STATUS_INVALID_SECURITY_DESCR, STATUS_INVALID_SID,
 * STATUS_INVALID_ACL. */
NTSTATUS security_read(struct security **out, const void *user);
struct security *security_ref(struct security *security);
void             security_unref(struct security *security);     /* NULL is allowed */

/* What objects without a descriptor of their own have: token's owner and group, all rights for owner and system. */
struct security *security_default(struct token *token, ACCESS_MASK all);

/* A new one: the parts in information from changes, the others from base. NULL: no memory. */
struct security *security_merge(const struct security *base, const struct security *changes,
                                SECURITY_INFORMATION information);

/* May token have desired (no generic rights; MAXIMUM_ALLOWED and ACCESS_SYSTEM_SECURITY are)? *granted is told with
 * STATUS_SUCCESS only. STATUS_ACCESS_DENIED, STATUS_PRIVILEGE_NOT_HELD. */
NTSTATUS security_check(const struct security *security, struct token *token, ACCESS_MASK desired,
                        const GENERIC_MAPPING *mapping, ACCESS_MASK *granted);

/* Parts of a descriptor; NULL: it has none. */
static inline const void *security_part(const struct security *security, uint32_t offset)
{
    return offset ? (const char *)&security->sd + offset : NULL;
}
