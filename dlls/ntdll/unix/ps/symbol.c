/* Names of functions for reports, from the COFF symbol table of a module's file. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ps/unwind.h"

#define TYPE_FUNCTION  0x20
#define CLASS_EXTERNAL 2
#define CLASS_STATIC   3

struct file { const uint8_t *data; size_t size; };

/* size bytes at offset, or NULL if the file is not that long. */
static const void *at(const struct file *file, uint64_t offset, uint64_t size)
{
    return offset <= file->size && size <= file->size - offset ? file->data + offset : NULL;
}

static bool map_file(const char *path, struct file *file)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return false;
    file->data = MAP_FAILED;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
    {
        file->size = (size_t)st.st_size;
        file->data = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    return file->data != MAP_FAILED;
}

static bool search(const struct file *file, uint32_t rva, char *name, size_t name_size, uint32_t *offset)
{
    const IMAGE_DOS_HEADER *dos = at(file, 0, sizeof(*dos));
    const IMAGE_FILE_HEADER *header;
    const IMAGE_SECTION_HEADER *sections;
    const IMAGE_SYMBOL *symbols, *best = NULL;
    uint32_t i, best_rva = 0, here, strings_at;
    const char *text;

    if (!dos || !(header = at(file, (uint64_t)(uint32_t)dos->e_lfanew + 4, sizeof(*header))) ||
        !(sections = at(file, (uint64_t)(uint32_t)dos->e_lfanew + 4 + sizeof(*header) + header->SizeOfOptionalHeader,
                        header->NumberOfSections * sizeof(*sections))) ||
        !header->PointerToSymbolTable ||
        !(symbols = at(file, header->PointerToSymbolTable, (uint64_t)header->NumberOfSymbols * sizeof(*symbols))))
        return false;
    for (i = 0; i < header->NumberOfSymbols; i += 1 + symbols[i].NumberOfAuxSymbols)
    {
        if (symbols[i].Type != TYPE_FUNCTION || symbols[i].SectionNumber < 1 ||
            symbols[i].SectionNumber > header->NumberOfSections ||
            (symbols[i].StorageClass != CLASS_EXTERNAL && symbols[i].StorageClass != CLASS_STATIC))
            continue;
        here = sections[symbols[i].SectionNumber - 1].VirtualAddress + symbols[i].Value;
        if (here <= rva && (!best || here > best_rva))
        {
            best = &symbols[i];
            best_rva = here;
        }
    }
    if (!best)
        return false;
    *offset = rva - best_rva;
    if (best->N.Name.Short)
    {
        snprintf(name, name_size, "%.8s", (const char *)best->N.ShortName);
        return true;
    }
    strings_at = header->PointerToSymbolTable + header->NumberOfSymbols * (uint32_t)sizeof(*symbols);
    if (!(text = at(file, (uint64_t)strings_at + best->N.Name.Long, 1)))
        return false;
    snprintf(name, name_size, "%.*s", (int)strnlen(text, file->size - (size_t)((const uint8_t *)text - file->data)), text);
    return true;
}

bool symbol_find(const struct module *module, uint32_t rva, char *name, size_t size, uint32_t *offset)
{
    struct file file;
    bool found;

    if (!module->path[0] || !map_file(module->path, &file))
        return false;
    found = search(&file, rva, name, size, offset);
    munmap((void *)file.data, file.size);
    return found;
}
