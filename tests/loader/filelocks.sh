# Where files cannot be locked (ORIEL_DISABLE=filelocks), share modes and what sections forbid hold inside each process.
set -eu
export ORIEL_DISABLE=filelocks WINETEST_PLATFORM=windows
"$ORIEL" "$ORIEL_BUILD/obj/tests/kernel32_test.exe" sharing
"$ORIEL" "$ORIEL_BUILD/obj/tests/kernelbase_test.exe" mapped_file
"$ORIEL" "$ORIEL_BUILD/obj/tests/ntdll_test.exe" file
