ole32_IMPORTS = bcryptprimitives kernelbase ntdll
