/* The random operations of vm_model.c on the real host: that the kernel does what sim_host.h says it does. */
#define REAL_HOST
#include "vm_model.c"
