mswsock_IMPORTS = ws2_32 kernelbase ntdll
