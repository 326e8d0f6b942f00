ws2_32_TEST_LIBS = -lws2_32
ws2_32_TEST_CFLAGS = -I$(srcdir)/tests/kernel32
