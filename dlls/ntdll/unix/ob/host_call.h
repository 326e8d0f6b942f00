/* The host calls of what processes share, one by one: a test counts them and ends the process at the Nth
 * (tests/unit/ob_names.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

extern void (*host_call_hook)(void);    /* NULL but in a test; called before and after each */

static inline void host_call(void)
{
    if (__builtin_expect(host_call_hook != NULL, 0)) host_call_hook();
}

#define HOST_CALL(call) ({ host_call(); __typeof__(call) result_ = (call); host_call(); result_; })
