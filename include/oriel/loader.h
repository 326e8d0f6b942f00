/* What the Unix side tells ntdll's loader: the third argument of LdrInitializeThunk. */
#pragma once

#define ORIEL_LOADER_CHECK 1    /* load the program and what it needs, say what is missing, run nothing (oriel --check) */
