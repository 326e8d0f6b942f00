# Activation contexts are not there.
s/^    test_SearchPath[AW]();$//
