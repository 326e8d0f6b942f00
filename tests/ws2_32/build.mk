ws2_32_TEST_LIBS = -lws2_32
