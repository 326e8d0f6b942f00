/* mingw-w64's <float.h> with the names of the status word's bits, which it has for the control word only. */
#pragma once
#include_next <float.h>

#ifndef _SW_INVALID
#define _SW_INVALID 0x10
#endif
