/* damage.exe IN OUT SEED: copies a PE file with a few changes to what a loader follows: the data directories, the
 * tables which they point to, the section table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static unsigned char *file;
static unsigned int size, state;
static IMAGE_NT_HEADERS64 *nt;

static unsigned int any(unsigned int below)
{
    state = state * 1103515245 + 12345;
    return below ? (state >> 8) % below : 0;
}

/* Where an RVA lies in the file; the size of the file if nowhere. */
static unsigned int offset_of(unsigned int rva)
{
    IMAGE_SECTION_HEADER *s = IMAGE_FIRST_SECTION(nt);

    for (int i = 0; i < nt->FileHeader.NumberOfSections; i++)
        if (rva >= s[i].VirtualAddress && rva - s[i].VirtualAddress < s[i].SizeOfRawData)
            return s[i].PointerToRawData + rva - s[i].VirtualAddress;
    return size;
}

static unsigned int get32(unsigned int offset)
{
    unsigned int value = 0;
    if (offset < size && size - offset >= 4) memcpy(&value, file + offset, 4);
    return value;
}

/* Changes 4 bytes: to what is likely to be taken for something else. */
static void spoil(unsigned int offset)
{
    unsigned int old = get32(offset), image = nt->OptionalHeader.SizeOfImage, value;

    switch (any(11))
    {
    case 0: value = 0; break;
    case 1: value = ~0u; break;
    case 2: value = 0x7fffffff; break;
    case 3: value = image - any(9); break;
    case 4: value = old + any(64); break;
    case 5: value = old - any(64); break;
    case 6: value = any(image); break;
    case 7: value = old ^ 1u << any(32); break;
    case 8: value = (old & ~0xfffu) + 0x1000 - any(9); break;
    case 9: value = old << any(32); break;
    default: value = any(0x10000) << 16 | any(0x10000); break;
    }
    if (offset < size && size - offset >= 4) memcpy(file + offset, &value, 4);
}

/* A place in a table, or in what the table points to. */
static unsigned int place_in(int index)
{
    IMAGE_DATA_DIRECTORY *directory = &nt->OptionalHeader.DataDirectory[index];
    unsigned int at = offset_of(directory->VirtualAddress), length = directory->Size, steps = any(4);

    if (length > 64 && any(2)) length = 64;
    at += any(length) & ~3u;
    while (steps--)
    {
        unsigned int next = get32(at);

        /* TLS has addresses, resources have offsets */
        if (index == IMAGE_DIRECTORY_ENTRY_TLS) next -= (unsigned int)nt->OptionalHeader.ImageBase;
        if (index == IMAGE_DIRECTORY_ENTRY_RESOURCE) next = directory->VirtualAddress + (next & 0x7fffffff);
        if ((next = offset_of(next)) >= size) break;
        at = next + (any(32) & ~3u);
    }
    return at;
}

int main(int argc, char **argv)
{
    static const int tables[] = { 0, 1, 1, 1, 2, 3, 3, 5, 5, 9, 9, 12, 13, 10 };
    FILE *f = argc == 4 ? fopen(argv[1], "rb") : NULL;
    int changes;

    if (!f) return 2;
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);
    if (!(file = malloc(size)) || fread(file, 1, size, f) != size) return 2;
    fclose(f);
    state = strtoul(argv[3], NULL, 10) * 2654435761u;
    nt = (IMAGE_NT_HEADERS64 *)(file + ((IMAGE_DOS_HEADER *)file)->e_lfanew);
    for (changes = 1 + any(4); changes; changes--)
    {
        int index = tables[any(sizeof(tables) / sizeof(tables[0]))];

        switch (any(8))
        {
        case 0: spoil((unsigned char *)&nt->OptionalHeader.DataDirectory[index] - file + 4 * any(2)); break;
        case 1: spoil((unsigned char *)IMAGE_FIRST_SECTION(nt) - file + 4 * any(10 * nt->FileHeader.NumberOfSections)); break;
        case 2: if (!any(4)) { spoil((unsigned char *)nt - file + 4 * any(66)); break; }      /* fall through */
        default: spoil(place_in(index)); break;
        }
    }
    if (!(f = fopen(argv[2], "wb")) || fwrite(file, 1, size, f) != size || fclose(f)) return 2;
    return 0;
}
