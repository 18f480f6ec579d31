/* Which native images this processor can run, asked before anything of .NET starts. */
#ifndef LPOM_PROCESSOR_H
#define LPOM_PROCESSOR_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/platform/x86.h>

/* x86-64-v3. Active: the processor has it, and the system saves its registers. */
static inline bool processor_has_v3(void)
{
    return CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(FMA) && CPU_FEATURE_ACTIVE(BMI1) &&
           CPU_FEATURE_ACTIVE(BMI2) && CPU_FEATURE_ACTIVE(LZCNT) && CPU_FEATURE_ACTIVE(MOVBE) && CPU_FEATURE_ACTIVE(POPCNT);
}

/* x86-64-v4: AVX-512 as servers have it. */
static inline bool processor_has_v4(void)
{
    return CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512BW) && CPU_FEATURE_ACTIVE(AVX512CD) &&
           CPU_FEATURE_ACTIVE(AVX512DQ) && CPU_FEATURE_ACTIVE(AVX512VL);
}

/* SimdLevel.OverrideVariable; what is no width either image refuses. */
static inline bool narrower_vectors_are_asked_for(void)
{
    const char *width = getenv("LPOM_SIMD");
    return width != NULL && *width != '\0' && strcmp(width, "512") != 0;
}

#endif
