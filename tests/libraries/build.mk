libraries_TEST_IMPORTS = ntdll
libraries_TEST_LIBS = -lversion -lole32 -loleaut32 -lshell32 -lshlwapi -luserenv -lbcrypt -lpsapi -liphlpapi -lcrypt32 -ldbghelp -lwinmm -lrpcrt4 -ladvapi32 -luser32 -luuid
libraries_TEST_CFLAGS = -I$(srcdir)/tests/kernel32
