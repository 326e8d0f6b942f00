# align_ptr() masks pointers with 32 bits, which cuts those above 4 GB.
s/ULONG align = sizeof(DWORD_PTR) - 1/DWORD_PTR align = sizeof(DWORD_PTR) - 1/
