# Mailslots are not there.
s/^    nt_mailslot_test();$//
