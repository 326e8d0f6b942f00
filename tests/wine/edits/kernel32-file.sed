# ReadFileScatter, WriteFileGather and the names of volumes are not there.
s/^    test_WriteFileGather();$//
s/^    test_GetFinalPathNameByHandle[AW]();$//
