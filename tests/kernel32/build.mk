kernel32_TEST_IMPORTS = ntdll
