/* The one table from errno to NTSTATUS, for calls on files. */
#pragma once

#include "nt/nt.h"

NTSTATUS status_from_errno(int error);
