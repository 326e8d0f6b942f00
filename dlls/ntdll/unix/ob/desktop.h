/* The window station and the desktop of the process: places without windows, which programs ask for to learn where they
 * run. */
#pragma once

#include "ob/object.h"

/* Handles on both, the same ones each time. */
NTSTATUS desktop_handles(HANDLE handles[2]);
