/* What the processor can do, as Windows numbers it: PF_x. Both sides ask the processor itself: the Unix side to fill
 * KUSER_SHARED_DATA, ntdll for RtlIsProcessorFeaturePresent(), which does not touch that page (touching it starts its clock).
 *
 * Include <string.h> and the headers that define PF_x before this one.
 */
#pragma once

#include <cpuid.h>

static inline void oriel_cpu_features(unsigned char *features, unsigned int size)
{
    unsigned int a, b, c1 = 0, d1 = 0, b7 = 0, c7 = 0, d7 = 0, cx = 0, dx = 0, lo = 0, hi;
    unsigned int i;

    __get_cpuid(1, &a, &b, &c1, &d1);
    __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
    __get_cpuid(0x80000001, &a, &b, &cx, &dx);
    if (c1 & bit_OSXSAVE)
        __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    const unsigned int ymm = (lo & 6) == 6, zmm = (lo & 0xe6) == 0xe6;  /* which state the kernel saves */
    const struct { unsigned int number, present; } list[] =
    {
        { PF_COMPARE_EXCHANGE_DOUBLE, 1 },
        { PF_NX_ENABLED, 1 },
        { PF_FASTFAIL_AVAILABLE, 1 },
        { PF_PAE_ENABLED, 1 },
        { PF_MMX_INSTRUCTIONS_AVAILABLE, 1 },
        { PF_XMMI_INSTRUCTIONS_AVAILABLE, 1 },
        { PF_XMMI64_INSTRUCTIONS_AVAILABLE, 1 },
        { PF_RDTSC_INSTRUCTION_AVAILABLE, 1 },
        { PF_SSE3_INSTRUCTIONS_AVAILABLE, c1 & bit_SSE3 },
        { PF_COMPARE_EXCHANGE128, c1 & bit_CMPXCHG16B },
        { PF_SSSE3_INSTRUCTIONS_AVAILABLE, c1 & bit_SSSE3 },
        { PF_SSE4_1_INSTRUCTIONS_AVAILABLE, c1 & bit_SSE4_1 },
        { PF_SSE4_2_INSTRUCTIONS_AVAILABLE, c1 & bit_SSE4_2 },
        { PF_XSAVE_ENABLED, c1 & bit_OSXSAVE },
        { PF_AVX_INSTRUCTIONS_AVAILABLE, ymm && (c1 & bit_AVX) },
        { PF_AVX2_INSTRUCTIONS_AVAILABLE, ymm && (b7 & bit_AVX2) },
        { PF_AVX512F_INSTRUCTIONS_AVAILABLE, zmm && (b7 & bit_AVX512F) },
        { PF_RDWRFSGSBASE_AVAILABLE, b7 & bit_FSGSBASE },
        { PF_RDRAND_INSTRUCTION_AVAILABLE, c1 & bit_RDRND },
        { PF_RDTSCP_INSTRUCTION_AVAILABLE, dx & (1u << 27) },
        { PF_RDPID_INSTRUCTION_AVAILABLE, c7 & (1u << 22) },
    };

    memset(features, 0, size);
    for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].number < size)
            features[list[i].number] = list[i].present != 0;
}
