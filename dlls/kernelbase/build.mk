kernelbase_IMPORTS = ntdll
