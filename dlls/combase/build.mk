combase_IMPORTS =
