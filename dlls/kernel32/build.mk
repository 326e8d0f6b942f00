kernel32_IMPORTS = kernelbase ntdll
