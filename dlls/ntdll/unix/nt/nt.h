/* What every file of nt/, ob/, ps/ and io/ sees of Windows: types, statuses, structures. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>
#include <stdlib.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"

#include "nt/syscall.h"
#include "nt/user.h"
