# Activation contexts are not there.
s/^   test_thread_actctx();$//
