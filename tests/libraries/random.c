/* Random bytes under their three names (bcrypt, advapi32, bcryptprimitives), and winmm's clock. */
#include "libraries.h"
#include "bcrypt.h"
#include "wincrypt.h"
#include "mmsystem.h"

BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG length);

static BOOL filled(const BYTE *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) if (bytes[i] != 0x55) return TRUE;
    return FALSE;
}

static void test_bcrypt(void)
{
    BCRYPT_ALG_HANDLE algorithm = (BCRYPT_ALG_HANDLE)1;
    BYTE bytes[64];

    returns(BCryptOpenAlgorithmProvider(NULL, BCRYPT_RNG_ALGORITHM, NULL, 0), STATUS_INVALID_PARAMETER);
    returns(BCryptOpenAlgorithmProvider(&algorithm, NULL, NULL, 0), STATUS_INVALID_PARAMETER);
    returns(BCryptOpenAlgorithmProvider(&algorithm, L"no such", NULL, 0), STATUS_NOT_FOUND);
    ok(!algorithm, "%p\n", algorithm);
    returns(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_RNG_ALGORITHM, L"no such", 0), STATUS_NOT_FOUND);
    returns(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_RNG_ALGORITHM, MS_PRIMITIVE_PROVIDER, 0), STATUS_SUCCESS);
    memset(bytes, 0x55, sizeof(bytes));
    returns(BCryptGenRandom(algorithm, bytes, 32, 0), STATUS_SUCCESS);
    ok(filled(bytes, 32) && !filled(bytes + 32, 32), "not as many as asked for\n");
    returns(BCryptGenRandom(algorithm, NULL, 32, 0), STATUS_INVALID_PARAMETER);
    returns(BCryptGenRandom(NULL, bytes, 32, 0), STATUS_INVALID_HANDLE);
    returns(BCryptGenRandom((BCRYPT_ALG_HANDLE)&bytes, bytes, 32, 0), STATUS_INVALID_HANDLE);
    memset(bytes, 0x55, sizeof(bytes));
    returns(BCryptGenRandom(NULL, bytes, 32, BCRYPT_USE_SYSTEM_PREFERRED_RNG), STATUS_SUCCESS);
    ok(filled(bytes, 32), "nothing came\n");
    returns(BCryptGenRandom(NULL, bytes, 0, BCRYPT_USE_SYSTEM_PREFERRED_RNG), STATUS_SUCCESS);
    returns(BCryptCloseAlgorithmProvider(algorithm, 0), STATUS_SUCCESS);
    returns(BCryptCloseAlgorithmProvider(NULL, 0), STATUS_INVALID_HANDLE);
}

static void test_provider(void)
{
    HCRYPTPROV provider = 1;
    BYTE bytes[64];

    fails(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_FULL, 0), (DWORD)NTE_BAD_KEYSET);
    returns(provider, 1);
    fails(CryptAcquireContextW(&provider, NULL, NULL, 0, CRYPT_VERIFYCONTEXT), (DWORD)NTE_BAD_PROV_TYPE);
    works(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT | CRYPT_SILENT));
    memset(bytes, 0x55, sizeof(bytes));
    works(CryptGenRandom(provider, 32, bytes));
    ok(filled(bytes, 32) && !filled(bytes + 32, 32), "not as many as asked for\n");
    works(CryptReleaseContext(provider, 0));
    works(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    fails(CryptReleaseContext(provider, 1), (DWORD)NTE_BAD_FLAGS);      /* and yet it is gone */
    fails(CryptGenRandom(0, 32, bytes), ERROR_INVALID_PARAMETER);
}

static void test_policy(void)
{
    BOOLEAN enabled = 0x55;

    returns(BCryptGetFipsAlgorithmMode(&enabled), STATUS_SUCCESS);
    returns(enabled, FALSE);
    returns(BCryptGetFipsAlgorithmMode(NULL), STATUS_INVALID_PARAMETER);
    returns(GetSystemMetrics(SM_CLEANBOOT), 0);
    returns(GetSystemMetrics(SM_REMOTESESSION), 0);
    ok(GetSystemMetrics(SM_NETWORK) & 1, "no network\n");
    returns(GetSystemMetrics(-1), 0);
}

static void test_others(void)
{
    BOOL (WINAPI *prng)(BYTE *, SIZE_T);
    HMODULE module = LoadLibraryA("bcryptprimitives.dll");
    BYTE bytes[64];

    prng = (void *)GetProcAddress(module, "ProcessPrng");
    ok(prng != NULL, "no ProcessPrng\n");
    memset(bytes, 0x55, sizeof(bytes));
    returns(prng(bytes, 32), TRUE);
    ok(filled(bytes, 32) && !filled(bytes + 32, 32), "not as many as asked for\n");
    returns(prng(NULL, 0), TRUE);
    FreeLibrary(module);
    memset(bytes, 0x55, sizeof(bytes));
    returns(SystemFunction036(bytes, 32), TRUE);
    ok(filled(bytes, 32) && !filled(bytes + 32, 32), "not as many as asked for\n");
}

static void test_clock(void)
{
    DWORD before, after, ticks;
    TIMECAPS caps;
    MMTIME time;

    returns(timeGetDevCaps(NULL, sizeof(caps)), TIMERR_NOCANDO);
    returns(timeGetDevCaps(&caps, sizeof(caps) - 1), TIMERR_NOCANDO);
    returns(timeGetDevCaps(&caps, sizeof(caps)), TIMERR_NOERROR);
    ok(caps.wPeriodMin == 1 && caps.wPeriodMax == 1000000, "%u to %u\n", caps.wPeriodMin, caps.wPeriodMax);
    returns(timeBeginPeriod(0), TIMERR_NOCANDO);
    returns(timeBeginPeriod(1000001), TIMERR_NOCANDO);
    returns(timeBeginPeriod(1), TIMERR_NOERROR);
    returns(timeEndPeriod(1), TIMERR_NOERROR);
    returns(timeEndPeriod(0), TIMERR_NOCANDO);
    before = timeGetTime();
    Sleep(20);
    after = timeGetTime();
    ok(after - before >= 19 && after - before < 5000, "%lu ms\n", after - before);
    ticks = GetTickCount();
    ok(ticks - timeGetTime() + 5000 < 10000, "another clock than GetTickCount\n");
    returns(timeGetSystemTime(&time, sizeof(time) - 1), TIMERR_STRUCT);
    returns(timeGetSystemTime(&time, sizeof(time)), TIMERR_NOERROR);
    ok(time.wType == TIME_MS && time.u.ms - after < 5000, "type %u\n", time.wType);
}

START_TEST(random)
{
    test_bcrypt();
    test_provider();
    test_policy();
    test_others();
    test_clock();
}
