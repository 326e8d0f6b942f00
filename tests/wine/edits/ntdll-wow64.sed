# 32-bit programs do not run here.
s/^    test_query_architectures();$//
