# 32-bit programs do not run here: these two parts start one and read its contexts through what is only there for such.
s/^    test_debug_registers_wow64();$//
s/^    test_wow64_context();$//
# Any DLL of the system will do.
s/msxml3\.dll/winmm.dll/
s/{'m','s','x','m','l','3','.','d','l','l',0}/{'w','i','n','m','m','.','d','l','l',0}/
