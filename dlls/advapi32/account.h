/* The security identifiers that have names. */
#pragma once

struct account
{
    BYTE  authority, count;
    WORD  subs[2];
    SID_NAME_USE use;
    WCHAR sddl[3];              /* how SDDL calls it, or empty */
    const WCHAR *domain, *name; /* name is NULL if only SDDL knows it */
};

const struct account *account_of_sid(PSID sid);
const struct account *account_of_sddl(const WCHAR *letters);
void account_sid(const struct account *account, PSID sid);

/* The security identifier of this machine, of which accounts' are made; needs room for SECURITY_MAX_SID_SIZE bytes. */
BOOL machine_sid(PSID sid);
