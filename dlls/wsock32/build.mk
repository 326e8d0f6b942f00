wsock32_IMPORTS = ws2_32
