/* Reading SDDL: where a thing ends, or NULL if it is none. */
#pragma once

const WCHAR *sddl_number(const WCHAR *p, unsigned long long *number);   /* decimal, or hexadecimal behind 0x */
const WCHAR *sddl_sid(const WCHAR *p, PSID sid);                        /* SECURITY_MAX_SID_SIZE bytes */
