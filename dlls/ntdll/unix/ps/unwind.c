/* A look at the Windows stack from outside: modules by address, and frames by the PE unwind tables. */
#include <stdio.h>
#include <strings.h>
#include "nt/nt.h"
#include "io/text.h"
#include "ps/process.h"
#include "ps/unwind.h"

/* ---- modules: the loader's own list in the PEB -------------------------------------------------------- */

/* Z:\a\b and C:\windows\system32\b as Linux paths; "" for others. */
static void set_path(struct module *module, const UNICODE_STRING *full)
{
    static const char system32[] = "C:\\windows\\system32\\";
    WCHAR name[256];
    char bytes[sizeof(name) / sizeof(name[0]) * 3 + 1], *p;
    ssize_t count;
    int length = 0;

    module->path[0] = 0;
    if (full->Length > sizeof(name) || user_read(name, full->Buffer, full->Length) ||
        (count = text_to_bytes(bytes, name, full->Length / sizeof(WCHAR))) < 0)
        return;
    bytes[count] = 0;
    if ((bytes[0] | 0x20) == 'z' && bytes[1] == ':')
        length = snprintf(module->path, sizeof(module->path), "%s", bytes + 2);
    else if (!strncasecmp(bytes, system32, sizeof(system32) - 1))
        length = snprintf(module->path, sizeof(module->path), "%s/%s", process_dll_folder, bytes + sizeof(system32) - 1);
    if ((size_t)length >= sizeof(module->path))
        module->path[0] = 0;
    for (p = module->path; *p; p++)
        if (*p == '\\')
            *p = '/';
}

bool module_find(uint64_t address, struct module *module)
{
    PEB_LDR_DATA *data;
    LIST_ENTRY *entry, *head;
    LDR_DATA_TABLE_ENTRY mod;
    WCHAR name[64];
    unsigned int i, length, limit = 4096;

    if (!process_peb || user_get(data, &process_peb->LdrData) || !data)
        return false;
    head = &data->InLoadOrderModuleList;
    if (user_get(entry, &head->Flink))
        return false;
    for (; entry && entry != head && limit--; entry = mod.InLoadOrderLinks.Flink)
    {
        if (user_read(&mod, CONTAINING_RECORD(entry, LDR_DATA_TABLE_ENTRY, InLoadOrderLinks), sizeof(mod)))
            return false;
        if (address < (uint64_t)mod.DllBase || address - (uint64_t)mod.DllBase >= mod.SizeOfImage)
            continue;
        module->base = (uint64_t)mod.DllBase;
        module->size = mod.SizeOfImage;
        length = mod.BaseDllName.Length / sizeof(WCHAR);
        if (length > sizeof(module->name) - 1)
            length = sizeof(module->name) - 1;
        if (user_read(name, mod.BaseDllName.Buffer, length * sizeof(WCHAR)))
            return false;
        for (i = 0; i < length; i++)
            module->name[i] = name[i] >= ' ' && name[i] < 127 ? (char)name[i] : '?';
        module->name[length] = 0;
        set_path(module, &mod.FullDllName);
        return true;
    }
    return false;
}

/* ---- frames ---------------------------------------------------------------------------------------------- */

enum { REG_SP = 4 };

void unwind_init(struct unwind_state *state, const CONTEXT *context)
{
    memcpy(state->registers, &context->Rax, sizeof(state->registers));
    state->rip = context->Rip;
    state->rsp = context->Rsp;
}

static bool find_function(uint64_t base, uint32_t rva, RUNTIME_FUNCTION *out)
{
    IMAGE_NT_HEADERS64 headers;
    IMAGE_DATA_DIRECTORY *dir = &headers.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXCEPTION];
    uint32_t low = 0, high;
    LONG offset;

    if (user_get(offset, &((IMAGE_DOS_HEADER *)base)->e_lfanew) ||
        user_read(&headers, (char *)base + offset, sizeof(headers)) ||
        headers.Signature != IMAGE_NT_SIGNATURE)
        return false;
    for (high = dir->Size / sizeof(*out); low < high;)
    {
        uint32_t mid = (low + high) / 2;

        if (user_read(out, (char *)base + dir->VirtualAddress + mid * sizeof(*out), sizeof(*out)))
            return false;
        if (rva < out->BeginAddress)
            high = mid;
        else if (rva >= out->EndAddress)
            low = mid + 1;
        else
            return true;
    }
    return false;
}

static bool pop(struct unwind_state *state, uint64_t *value)
{
    if (user_read(value, (void *)state->rsp, sizeof(*value)))
        return false;
    state->rsp += 8;
    return true;
}

struct unwind_header { uint8_t version_flags, prolog, count, frame; };
#define CHAINED 4

/* Undoes the codes of one UNWIND_INFO that were executed by offset bytes into the function. *machine: a
 * machine frame told rip already. */
static bool undo_codes(struct unwind_state *state, uint64_t info, const struct unwind_header *header, uint32_t offset,
                       bool *machine)
{
    uint16_t codes[256], next;
    unsigned int i, op, arg, slots;
    uint64_t frame = state->rsp, value;

    if (user_read(codes, (void *)(info + sizeof(*header)), header->count * sizeof(codes[0])))
        return false;
    if (header->frame & 15)
        for (i = 0; i < header->count; i++)
            if ((codes[i] >> 8 & 15) == 3 && (codes[i] & 0xff) <= offset)
                frame = state->registers[header->frame & 15] - (header->frame >> 4) * 16u;
    for (i = 0; i < header->count; i += slots)
    {
        op = codes[i] >> 8 & 15;
        arg = codes[i] >> 12;
        next = i + 1 < header->count ? codes[i + 1] : 0;
        slots = op == 1 ? (arg ? 3 : 2) : op == 4 || op == 8 || op == 6 ? 2 : op == 5 || op == 9 ? 3 : 1;
        if ((codes[i] & 0xff) > offset)
            continue;
        switch (op)
        {
        case 0:                                 /* push */
            if (!pop(state, &state->registers[arg]))
                return false;
            break;
        case 1:                                 /* large allocation */
            state->rsp += arg ? next | (uint32_t)(i + 2 < header->count ? codes[i + 2] : 0) << 16 : next * 8u;
            break;
        case 2:
            state->rsp += arg * 8 + 8;
            break;
        case 3:                                 /* frame pointer */
            state->rsp = frame;
            break;
        case 4: case 5:                         /* saved register */
            value = op == 4 ? next * 8u : next | (uint32_t)(i + 2 < header->count ? codes[i + 2] : 0) << 16;
            if (user_read(&state->registers[arg], (void *)(frame + value), 8))
                return false;
            break;
        case 10:                                /* machine frame */
            if (arg)
                state->rsp += 8;
            if (user_read(&state->rip, (void *)state->rsp, 8) ||
                user_read(&state->rsp, (void *)(state->rsp + 24), 8))
                return false;
            *machine = true;
            return true;
        }
    }
    return true;
}

bool unwind_step(struct unwind_state *state)
{
    uint64_t before = state->rsp;
    struct unwind_header header;
    RUNTIME_FUNCTION function;
    struct module module;
    bool machine = false;

    state->registers[REG_SP] = state->rsp;
    if (module_find(state->rip, &module) && find_function(module.base, (uint32_t)(state->rip - module.base), &function))
    {
        uint32_t offset = (uint32_t)(state->rip - module.base) - function.BeginAddress;
        unsigned int chain;

        for (chain = 0; chain < 32; chain++)
        {
            uint64_t info = module.base + function.UnwindData;

            if (user_read(&header, (void *)info, sizeof(header)) || (header.version_flags & 7) > 2 ||
                !undo_codes(state, info, &header, offset, &machine))
                return false;
            if (!(header.version_flags >> 3 & CHAINED) || machine)
                break;
            if (user_read(&function, (void *)(info + sizeof(header) + ((header.count + 1) & ~1u) * 2), sizeof(function)))
                return false;
            offset = ~0u;                       /* the chained part's prologue is complete */
        }
    }
    if (!machine && !pop(state, &state->rip))
        return false;
    state->registers[REG_SP] = state->rsp;
    return state->rip && (state->rsp > before || machine);
}
