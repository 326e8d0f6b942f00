# WaitOnAddress and its kind are in kernelbase alone.
kernel32_TEST_IMPORTS = kernelbase ntdll
kernel32_TEST_CFLAGS = -I$(srcdir)/tests/kernelbase
