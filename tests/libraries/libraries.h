/* What the suites on the small DLLs share. */
#pragma once

#define COBJMACROS
#include "win32.h"
#include "winuser.h"
#include "objbase.h"

#define gives(call, expected) \
    do \
    { \
        HRESULT result_ = (call); \
        ok(result_ == (expected), "%s: %#lx, expected %#lx\n", #call, result_, (HRESULT)(expected)); \
    } while (0)
#define returns(call, expected) \
    do \
    { \
        LONGLONG value_ = (LONGLONG)(call); \
        ok(value_ == (LONGLONG)(expected), "%s: %I64d, expected %I64d\n", #call, value_, (LONGLONG)(expected)); \
    } while (0)
