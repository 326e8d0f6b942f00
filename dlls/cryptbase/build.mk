cryptbase_IMPORTS = bcryptprimitives ntdll
