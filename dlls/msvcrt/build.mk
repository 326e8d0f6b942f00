# msvcrt.dll: the shared C runtime source (dlls/crt) as old mingw and system programs know it.
msvcrt_IMPORTS = kernel32 ntdll
# What kernel32 and ntdll do not have yet links with mingw-w64's import libraries; calling it says that it is missing.
msvcrt_LDLIBS = -lmingwex $(shell $(MINGW_CC) -print-file-name=libkernel32.a) $(shell $(MINGW_CC) -print-file-name=libntdll.a)
msvcrt_EXTRA_SRC = $(srcdir)/dlls/crt/*.c $(srcdir)/dlls/crt/*.S
msvcrt_CFLAGS = -I$(srcdir)/dlls/crt -D_MSVCRT_ -D_CRTBLD -D_CRTIMP= -D_SECIMP= -D__CRT__NO_INLINE -fno-builtin
msvcrt_ENTRY = DllMainCRTStartup
