rpcrt4_IMPORTS = bcryptprimitives kernelbase ntdll
