/* crypt32: stores, which are empty. dbghelp: what can be said of code without symbol files. */
#include "libraries.h"
#include "wincrypt.h"
#include "winver.h"
#include "dbghelp.h"

static void test_stores(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"ROOT");

    ok(store != NULL, "error %lu\n", GetLastError());
    SetLastError(0xdead);
    ok(!CertEnumCertificatesInStore(store, NULL) && GetLastError() == (DWORD)CRYPT_E_NOT_FOUND, "error %#lx\n", GetLastError());
    ok(!CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_ANY, NULL, NULL) && GetLastError() == (DWORD)CRYPT_E_NOT_FOUND,
       "error %#lx\n", GetLastError());
    ok(CertDuplicateStore(store) == store, "another store\n");
    fails(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG), (DWORD)CRYPT_E_PENDING_CLOSE);
    works(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
    works(CertCloseStore(NULL, 0));
    works(CertFreeCertificateContext(NULL));
    fails_handle(CertOpenStore((const char *)99, 0, 0, 0, NULL) ? NULL : INVALID_HANDLE_VALUE, ERROR_FILE_NOT_FOUND);
    store = CertOpenSystemStoreA(0, "MY");
    ok(store != NULL, "error %lu\n", GetLastError());
    works(CertCloseStore(store, 0));
    store = CertOpenStore("memory", 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    ok(store != NULL, "error %lu\n", GetLastError());
    works(CertCloseStore(store, 0));
}

static void test_symbols(void)
{
    HANDLE self = GetCurrentProcess();
    struct { SYMBOL_INFO info; char name[64]; } symbol;
    char *function = (char *)GetProcAddress(GetModuleHandleA("kernelbase.dll"), "GetTickCount64");
    DWORD64 offset = 0;

    memset(&symbol, 0, sizeof(symbol));
    symbol.info.SizeOfStruct = sizeof(symbol.info);
    fails(SymCleanup(self), ERROR_INVALID_HANDLE);
    returns(SymSetOptions(SYMOPT_LOAD_LINES | SYMOPT_UNDNAME), SYMOPT_LOAD_LINES | SYMOPT_UNDNAME);
    returns(SymGetOptions(), SYMOPT_LOAD_LINES | SYMOPT_UNDNAME);
    works(SymInitialize(self, NULL, TRUE));
    fails(SymInitialize(self, NULL, TRUE), ERROR_INVALID_PARAMETER);
    ok(SymGetModuleBase64(self, (DWORD64)function) == (DWORD64)GetModuleHandleA("kernelbase.dll"), "another module\n");
    ok(!SymGetModuleBase64(self, 0x10), "a module at NULL\n");
    symbol.info.MaxNameLen = sizeof(symbol.name);
    works(SymFromAddr(self, (DWORD64)function + 1, &offset, &symbol.info));
    ok(!strcmp(symbol.info.Name, "GetTickCount64") && offset == 1 && symbol.info.Address == (DWORD64)function, "%s+%llu\n", symbol.info.Name, offset);
    returns(symbol.info.NameLen, 14);
    symbol.info.MaxNameLen = 8;
    works(SymFromAddr(self, (DWORD64)function, NULL, &symbol.info));
    ok(!strcmp(symbol.info.Name, "GetTick"), "%s\n", symbol.info.Name);
    fails(SymFromAddr(self, 0x10, NULL, &symbol.info), ERROR_MOD_NOT_FOUND);
    ok(SymFunctionTableAccess64(self, (DWORD64)GetModuleHandleA(NULL)) == NULL, "a function in a header\n");
    works(SymCleanup(self));
    fails(SymFromAddr(self, (DWORD64)function, NULL, &symbol.info), ERROR_INVALID_HANDLE);
}

START_TEST(store)
{
    test_stores();
    test_symbols();
}
