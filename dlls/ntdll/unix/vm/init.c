/* Start of the section manager. */
#include "vm/vm_private.h"

_Static_assert(VM_USER_END % VM_GRANULARITY == 0, "the user range ends at a granule");
_Static_assert(sizeof(struct region) <= 256, "a region is four cache lines at most");

vm_status vm_init(void)
{
    host_init();
    return STATUS_SUCCESS;
}
