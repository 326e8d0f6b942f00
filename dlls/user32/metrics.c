/* What there is to say of a system without displays, windows and a mouse. */
#include <stdarg.h>

#define _USER32_
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winuser.h"

/* Sizes of screens and of parts of windows do not exist here: failure is zero, and sets no error. Zero is also the true
   answer to whether the system was started in safe mode, is remote or shutting down, and how many monitors it has. */
int WINAPI GetSystemMetrics(int index)
{
    switch (index)
    {
    case SM_NETWORK: return 3;          /* the lowest bit says that there is one, and both are always set */
    case SM_SAMEDISPLAYFORMAT: return 1;
    default: return 0;
    }
}
