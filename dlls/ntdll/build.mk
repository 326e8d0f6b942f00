ntdll_IMPORTS =
ntdll_LDLIBS = -lmingwex
