kernelbase_IMPORTS = ntdll
# Not everything in ntdll that this stands on exists yet: what is missing links with mingw-w64's import
# library, and kernelbase.def lists only what needs none of it.
kernelbase_LDLIBS = $(shell $(MINGW_CC) -print-file-name=libntdll.a)
