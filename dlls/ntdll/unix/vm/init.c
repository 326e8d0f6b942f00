/* Start of the section manager. */
#include "vm/vm_private.h"

_Static_assert(VM_USER_END % VM_GRANULARITY == 0, "the user range ends at a granule");
_Static_assert(sizeof(struct region) <= 192, "a region is three cache lines at most");
_Static_assert(offsetof(struct region, pages.count) < 64, "a query of a plain region looks at one cache line");

vm_status vm_init(void)
{
    host_init();
    return STATUS_SUCCESS;
}
