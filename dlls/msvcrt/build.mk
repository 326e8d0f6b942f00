msvcrt_IMPORTS = kernel32 ntdll
msvcrt_LDLIBS = -lmingwex
