/* Features of the processor. */
#include "rtl.h"
#include "oriel/cpu_features.h"

BOOLEAN WINAPI RtlIsProcessorFeaturePresent(UINT feature)
{
    static BOOLEAN features[64];
    static LONG ready;

    if (feature >= sizeof(features)) return FALSE;
    /* Threads that race write the same bytes. */
    if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
    {
        BOOLEAN found[sizeof(features)];

        oriel_cpu_features(found, sizeof(found));
        memcpy(features, found, sizeof(found));
        __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    }
    return features[feature];
}
