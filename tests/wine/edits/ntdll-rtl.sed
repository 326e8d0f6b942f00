# The debug information of other processes (RtlCreateQueryDebugBuffer) is not there.
s/^    test_RtlQueryProcessDebugInformation();$//
