#!/bin/bash
# Every feature of the kernel that may be missing is taken away in turn (ORIEL_DISABLE), and what it is for must work all the
# same: the unit tests of vm/ and our suites. The table of them is in doc/design.md; a feature that the sources ask for and
# the table, oriel(1) or this script does not name is a failure, and so is one that exists no more.
#
# tests/run sets ORIEL_SOURCE and ORIEL_BUILD.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)} build=${ORIEL_BUILD:-.}
work=$(mktemp -d "${ORIEL_WORK:-${TMPDIR:-/tmp}}/fallbacks.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
count=0 failed=0
result() {      # good name
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
run() {         # name, command
    local name=$1; shift
    timeout 120 env "$@" > "$work/log" 2>&1 < /dev/null
    local status=$?
    result $status "$name"
    [ $status = 0 ] || grep -v '^ok' "$work/log" | head -n 15 | sed 's/^/# /'
}
unit() {        # feature, tests with arguments
    local feature=$1 test; shift
    for test; do
        [ -x "$build/obj/tests/unit/${test%% *}" ] || { echo "no ${test%% *}: build it first"; exit 77; }
        run "without $feature: $test" ORIEL_DISABLE="$feature" "$build/obj/tests/unit/${test%% *}" $(printf '%s' "${test#"${test%% *}"}")
    done
}
suites() {      # feature, suite:subject ...
    local feature=$1 test; shift
    [ -x "$build/oriel" ] || return 0
    for test; do
        [ -f "$build/obj/tests/${test%%:*}_test.exe" ] || continue
        run "without $feature: $test" ORIEL_DISABLE="$feature" WINETEST_PLATFORM=windows "$build/oriel" "$build/obj/tests/${test%%:*}_test.exe" "${test#*:}"
    done
}

# ---- the table -------------------------------------------------------------------------------------------------
asked=$(grep -rhoE 'host_disabled\("[a-z0-9_]+"\)' "$source/dlls/ntdll/unix" | sed 's/.*("\(.*\)")/\1/' | LC_ALL=C sort -u)
table=$(sed -n '/^| feature/,/^$/p' "$source/doc/design.md" | awk -F'|' '$5 ~ /^ *`[a-z0-9_]+` *$/ { gsub(/[` ]/, "", $5); print $5 }' | LC_ALL=C sort -u)
manual=$(sed -n '/Ev ORIEL_DISABLE/,/^\.It/p' "$source/doc/oriel.1" | sed -n 's/^\.Cm //p' | tr -d ' ' | tr ',' '\n' | LC_ALL=C sort -u)
tried=$(sed -n 's/^\(unit\|suites\) \([a-z0-9_]*\) .*/\2/p' "$0" | LC_ALL=C sort -u)
result "$([ "$asked" = "$table" ]; echo $?)" "doc/design.md has each feature"
result "$([ "$asked" = "$manual" ]; echo $?)" "oriel(1) has each feature"
result "$([ "$asked" = "$tried" ]; echo $?)" "each feature is taken away here"
[ $failed = 0 ] || { echo "# asked for: $(echo $asked)"; echo "# design:    $(echo $table)"; echo "# manual:    $(echo $manual)"; echo "# tried:     $(echo $tried)"; }

# ---- each of them ------------------------------------------------------------------------------------------------
unit userfaultfd vm_basic vm_errors vm_faults vm_threads "vm_real --ops 3000 --faults 100"
suites userfaultfd kernelbase:watch kernelbase:guard
unit pagemap_scan vm_basic vm_errors vm_faults image_test image_errors "vm_real --ops 3000 --faults 100"
suites pagemap_scan kernelbase:view kernelbase:watch ntdll:image kernelbase:working_set
unit pagemap vm_basic vm_errors vm_faults vm_threads image_test image_errors "vm_real --ops 3000 --faults 100"
suites pagemap kernelbase:view kernelbase:watch kernelbase:offer kernelbase:modifier kernelbase:working_set ntdll:image ntdll:section
unit hugetlb vm_basic
suites hugetlb kernelbase:large_page
unit memfd_exec vm_basic image_test image_errors
suites memfd_exec ntdll:image kernelbase:view
suites fsgsbase ntdll:exception ntdll:thread
suites membarrier ntdll:thread ntdll:exception
suites xsave ntdll:exception
suites avx512 ntdll:exception
suites process_vm kernel32:remote
unit futex_waitv ob_cell
suites futex_waitv ntdll:wait
suites filelocks kernel32:sharing
unit pagemap,userfaultfd,hugetlb,memfd_exec vm_basic
suites pagemap,hugetlb,memfd_exec,fsgsbase,membarrier,xsave kernelbase:virtual ntdll:memory_query

# What no variable takes away: a process that may not look at itself, and one that may lock nothing.
run "a process that may not read its own pagemap" "$build/obj/tests/unit/vm_basic" undumpable
run "a process that may lock nothing" "$build/obj/tests/unit/vm_basic" unlockable
echo "1..$count"
exit $failed
