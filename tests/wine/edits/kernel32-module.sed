# Any DLL of the system will do where the suite takes one that is not here.
s/authz\.dll/winmm.dll/
s/comctl32\.dll/version.dll/
