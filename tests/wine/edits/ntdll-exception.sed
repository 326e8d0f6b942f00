# 32-bit programs do not run here: these two parts start one and read its contexts through what is only there for such.
s/^    test_debug_registers_wow64();$//
s/^    test_wow64_context();$//
