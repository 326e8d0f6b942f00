/* Functions are taken from msvcrt.dll by name: mingw-w64's library has its own of many of them. */
#pragma once
#include <stdarg.h>
#include <sys/stat.h>
#include <locale.h>
#include <errno.h>
#include <io.h>
#include <fcntl.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include "wine/test.h"

#define CRT(ret, name, args) static ret (__cdecl *p_##name) args
#define GET(name) do { p_##name = (void *)GetProcAddress(GetModuleHandleA("msvcrt.dll"), #name); \
                       ok(!!p_##name, "msvcrt.dll has no %s\n", #name); if (!p_##name) return; } while (0)

#define GIVES(call, expected) do { long long got_ = (call); ok(got_ == (long long)(expected), "%s gave %I64d\n", #call, got_); } while (0)
