/* What sections need of io/file.h, until that is here. */
#pragma once
NTSTATUS file_section_source(HANDLE file, ACCESS_MASK needed, int *fd, bool *writable, void **tag,
                             void (**release)(void *tag));
enum file_section { FILE_SECTION_DATA, FILE_SECTION_DATA_WRITABLE, FILE_SECTION_IMAGE };
NTSTATUS file_section_begin(void *tag, enum file_section kind);
NTSTATUS file_nt_name(void *tag, WCHAR **name, size_t *length);
