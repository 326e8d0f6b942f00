bcryptprimitives_IMPORTS = ntdll
