/* tables.exe [DLL...]: a program with every kind of table a loader reads (imports, exports, TLS, relocations, unwind
 * information, resources), which uses each. Loads the DLLs and asks them for names, ordinals and resources. It says
 * nothing: tests damage it, and whatever it says is then as good as anything else. */
#include <setjmp.h>
#include <windows.h>

__asm__(".section .rsrc$01,\"dr\"\n"
        "0: .long 0,0,0, 1 << 16, 10, 0x80000000 + 1f - 0b\n"
        "1: .long 0,0,0, 1 << 16, 1, 0x80000000 + 2f - 0b\n"
        "2: .long 0,0,0, 1 << 16, 0x409, 3f - 0b\n"
        "3: .rva 4f\n .long 8, 0, 0\n"
        "4: .ascii \"resource\"\n"
        ".text\n");

static __thread int per_thread = 42;
static jmp_buf environment;
void *pointers[] = { &environment, pointers };          /* relocations */

__declspec(dllexport) int exported(int x);
__declspec(dllexport) int exported(int x) { return x + per_thread; }

static LONG CALLBACK handler(EXCEPTION_POINTERS *pointers_)
{
    void *frames[32];

    if (pointers_->ExceptionRecord->ExceptionCode != 0xe0001234) return EXCEPTION_CONTINUE_SEARCH;
    RtlCaptureStackBackTrace(0, 32, frames, NULL);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static __attribute__((noinline)) void leave(int depth)
{
    if (!depth) longjmp(environment, 1);
}

/* Several frames to unwind. */
static __attribute__((noinline)) int jump(int depth)
{
    if (depth < 0) return 0;
    leave(depth);
    return jump(depth - 1) + depth;
}

static void look_at(HMODULE module)
{
    static const char *const names[] = { "exported", "GetFileVersionInfoA", "VerQueryValueW", "A", "zzzz" };
    HRSRC resource;
    unsigned int i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) GetProcAddress(module, names[i]);
    for (i = 1; i < 20; i++) GetProcAddress(module, (char *)(ULONG_PTR)i);
    if ((resource = FindResourceA(module, (char *)1, (char *)10))) LoadResource(module, resource);
    FindResourceA(module, "name", (char *)10);
    LoadStringA(module, 1, (char[16]){ 0 }, 16);
}

int main(int argc, char **argv)
{
    int i;

    AddVectoredExceptionHandler(1, handler);
    RaiseException(0xe0001234, 0, 0, NULL);
    if (!setjmp(environment)) jump(5);
    look_at(GetModuleHandleA(NULL));
    for (i = 1; i < argc; i++)
    {
        HMODULE dll = LoadLibraryA(argv[i]);

        if (!dll) continue;
        look_at(dll);
        RaiseException(0xe0001234, 0, 0, NULL);
        FreeLibrary(dll);
    }
    return exported(0) == 42 ? 42 : 43;
}
