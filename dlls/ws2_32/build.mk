ws2_32_IMPORTS = kernelbase ntdll
ws2_32_ENTRY = DllMain
