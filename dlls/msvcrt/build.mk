# msvcrt.dll: the shared C runtime source (dlls/crt) as old mingw and system programs know it.
msvcrt_IMPORTS = kernel32 ntdll
msvcrt_LDLIBS = -lmingwex -lkernel32
msvcrt_EXTRA_SRC = $(srcdir)/dlls/crt/*.c $(srcdir)/dlls/crt/*.S
msvcrt_CFLAGS = -I$(srcdir)/dlls/crt -D_MSVCRT_ -D_CRTBLD -D_CRTIMP= -D_SECIMP= -D__CRT__NO_INLINE -fno-builtin
msvcrt_ENTRY = DllMainCRTStartup
