bcrypt_IMPORTS = bcryptprimitives ntdll
