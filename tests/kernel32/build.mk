kernel32_TEST_IMPORTS = kernelbase ntdll
kernel32_TEST_CFLAGS = -I$(srcdir)/tests/kernelbase
