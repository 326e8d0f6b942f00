/* The version resource of a DLL, which programs read to learn the version of Windows. build.mk assembles it for each:
 * DLL_FILE is its file name.
 *
 * A block is: its length, its value's length, whether the value is text (three words), the name, the value aligned to four
 * bytes, the child blocks. All offsets are counted from the resource's begin, which is aligned.
 */
#define BUILD 26100

    .section .rsrc, "dr"
directory:
    .long 0, 0, 0
    .word 0, 1                          /* one type, by number: */
    .long 16, 0x80000000 + names - directory        /* RT_VERSION */
names:
    .long 0, 0, 0
    .word 0, 1
    .long 1, 0x80000000 + languages - directory     /* VS_VERSION_INFO */
languages:
    .long 0, 0, 0
    .word 0, 1
    .long 0x409, entry - directory                  /* en-US */
entry:
    .rva  version
    .long version_end - version, 0, 0

    .macro text name, value
    .balign 4
1:  .word 3f - 1b, (3f - 2f) / 2, 1
    .string16 "\name"
    .balign 4
2:  .string16 "\value"
3:
    .endm

    .balign 8
version:
    .word version_end - version, fixed_end - fixed, 0
    .string16 "VS_VERSION_INFO"
    .balign 4
fixed:
    .long 0xfeef04bd, 0x10000           /* signature, the structure's version */
    .long 0x000a0000, BUILD << 16 + 1   /* file: 10.0.BUILD.1 */
    .long 0x000a0000, BUILD << 16 + 1   /* product */
    .long 0x3f, 0                       /* which flags mean something, flags */
    .long 0x40004, 2, 0                 /* VOS_NT_WINDOWS32, VFT_DLL */
    .long 0, 0                          /* date */
fixed_end:

strings:
    .word strings_end - strings, 0, 1
    .string16 "StringFileInfo"
    .balign 4
table:
    .word strings_end - table, 0, 1
    .string16 "040904B0"                /* en-US, UTF-16 */
    text CompanyName, "Oriel"
    text FileDescription, DLL_FILE
    text FileVersion, "10.0.26100.1"
    text InternalName, DLL_FILE
    text OriginalFilename, DLL_FILE
    text ProductName, "Oriel"
    text ProductVersion, "10.0.26100.1"
strings_end:

    .balign 4
variables:
    .word version_end - variables, 0, 1
    .string16 "VarFileInfo"
    .balign 4
translation:
    .word version_end - translation, 4, 0
    .string16 "Translation"
    .balign 4
    .word 0x409, 1200
version_end:
