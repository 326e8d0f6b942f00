/* What Wine's suites take from <intrin.h>. mingw-w64's defines functions that Wine's winnt.h defines too. */
#pragma once
#include <cpuid.h>

#undef __cpuidex
static inline void suite_cpuidex(int regs[4], int leaf, int subleaf)
{
    __cpuid_count(leaf, subleaf, regs[0], regs[1], regs[2], regs[3]);
}
#define __cpuidex suite_cpuidex
