# Kernel modules, batteries and the power of processors: there are no drivers that would tell.
s/^    test_query_module();$//
s/^    test_query_battery();$//
s/^    test_query_processor_power_info();$//
