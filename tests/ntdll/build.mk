ntdll_TEST_IMPORTS = ntdll
