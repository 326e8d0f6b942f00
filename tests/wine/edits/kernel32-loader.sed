# Any DLL of the system will do where the suite takes one that is not here.
s/winver\.exe/version.dll/
s/secur32\.dll/dbghelp.dll/
s/SealMessage/SymFromAddr/
# Nothing is used of these two, so the program that is made of the suite does not import them.
s/test_dll_file( \("advapi32.dll"\|"user32.dll"\) )/LoadLibraryA( \1 ), &/
