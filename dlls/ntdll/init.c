/* What the run-time library does at start and when a thread ends, and the bitmaps that TlsAlloc works on. */

#include "rtl.h"

static RTL_BITMAP tls_bitmap, tls_expansion_bitmap;

void tls_process_init(void)
{
    PEB *peb = current_peb();

    RtlInitializeBitMap(&tls_bitmap, peb->TlsBitmapBits, sizeof(peb->TlsBitmapBits) * 8);
    RtlInitializeBitMap(&tls_expansion_bitmap, peb->TlsExpansionBitmapBits, sizeof(peb->TlsExpansionBitmapBits) * 8);
    /* Slot 0 is Windows' own. */
    RtlSetBits(&tls_bitmap, 0, 1);
    peb->TlsBitmap = &tls_bitmap;
    peb->TlsExpansionBitmap = &tls_expansion_bitmap;
}

void rtl_process_init(void)
{
    env_process_init();
    params_process_init();
    tls_process_init();
    fls_thread_begin();
}

void rtl_thread_exit(void)
{
    fls_thread_exit();
}

void rtl_thread_begin(void)
{
    fls_thread_begin();
}

void rtl_thread_free(void)
{
    fls_thread_free();
}
