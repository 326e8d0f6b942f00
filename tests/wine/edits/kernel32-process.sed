# Any program will do where the suite takes winver.exe or Internet Explorer, which are not here.
s/cmdline\[\] = "winver\.exe"/cmdline[] = "kernel32_test.exe"/
s/CreateProcessA(cmdline, NULL, NULL, NULL, FALSE, CREATE_SUSPENDED/CreateProcessA(selfname, NULL, NULL, NULL, FALSE, CREATE_SUSPENDED/
