# The names of volumes are not there.
s/^    test_GetFinalPathNameByHandle[AW]();$//
