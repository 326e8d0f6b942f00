ntdll_IMPORTS =
ntdll_LDLIBS = -lmingwex
# Nothing is imported from anywhere: what the C and the Windows headers declare is defined here. The compiler must
# not turn the loop inside memset() into a call of memset().
ntdll_CFLAGS = -D_NTSYSTEM_ -D_CRTIMP= -D_SECIMP= -fno-builtin -fno-tree-loop-distribute-patterns
