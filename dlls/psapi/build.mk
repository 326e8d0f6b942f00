psapi_IMPORTS =
