#!/bin/bash
# Branch coverage of vm/ by its unit tests alone: builds both with --coverage in a temporary folder, runs them with fewer
# operations than usual, and asks gcov how many branches were taken at least once. Nothing is left out.
#
# tests/run sets ORIEL_SOURCE and ORIEL_WORK; CC names the compiler (gcc, for gcov), GCOV its gcov, COVERAGE_WANTED the
# percentage below which it fails. COVERAGE_KEEP=DIR leaves the .gcov files there.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)} work=${ORIEL_WORK:-${TMPDIR:-/tmp}}/coverage.$$
cc=${CC:-gcc} gcov=${GCOV:-gcov} wanted=${COVERAGE_WANTED:-90}
cc=${cc#ccache }
command -v "${cc%% *}" > /dev/null && command -v "$gcov" > /dev/null || { echo "1..0 # SKIP"; echo "no compiler, or no gcov"; exit 77; }
rm -rf "$work" && mkdir -p "$work/obj" || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
flags="-std=gnu11 -O0 -g -w -D_GNU_SOURCE -pthread -fprofile-update=atomic --coverage -I$source/dlls/ntdll/unix -I$source/include"

for file in "$source"/dlls/ntdll/unix/vm/*.c "$source"/dlls/ntdll/unix/host/*.c; do
    $cc $flags -c "$file" -o "obj/$(basename "$file" .c).o" > log 2>&1 && continue
    grep -q 'gcov\|coverage' log && { echo "1..0 # SKIP"; echo "the compiler cannot count branches"; exit 77; }
    cat log; exit 99
done

count=0 failed=0
result() {      # good name
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
run() {         # name of the test, its environment and arguments
    local name=$1; shift
    [ -x "$name" ] || $cc ${flags/--coverage/} "$source/tests/unit/$name.c" obj/*.o --coverage -o "$name" || exit 99
    timeout 100 env "$@" > log 2>&1
    local status=$?
    result $status "$*"
    [ $status = 0 ] || grep -v '^ok' log | head -n 20
}
run vm_basic ./vm_basic
run vm_basic ORIEL_DISABLE=pagemap,userfaultfd,hugetlb ./vm_basic
run vm_basic ORIEL_DISABLE=pagemap_scan ./vm_basic
run vm_errors ./vm_errors
run vm_errors ORIEL_DISABLE=pagemap ./vm_errors
run vm_model ./vm_model --ops 60000 --faults 3600
run vm_faults ./vm_faults
run vm_real ./vm_real --ops 6000
run vm_shared ./vm_shared
run image_test ./image_test
run image_test ORIEL_DISABLE=pagemap ./image_test
run image_errors ./image_errors
run image_errors ORIEL_DISABLE=pagemap_scan ./image_errors
run vm_threads ./vm_threads
run fuzz_image ./fuzz_image 4 1
run fuzz_vm ./fuzz_vm 3 1
run vm_corrupt ./vm_corrupt

$gcov -b -o obj obj/*.o > summary 2> /dev/null
[ -z "${COVERAGE_KEEP:-}" ] || { mkdir -p "$COVERAGE_KEEP" && cp ./*.gcov "$COVERAGE_KEEP"; }
# File '...vm/x.c' / Lines executed: / Branches executed: / Taken at least once:N% of M
awk -v q="'" '/^File /{ file = $0; gsub(".*/unix/|" q, "", file); mine = $0 ~ /\/unix\/vm\/[a-z_]*\.[ch]/ }
     mine && /^Taken at least once:/{ split($0, part, /[:% ]+/); n = $NF; p = $0; sub(/.*:/, "", p); sub(/%.*/, "", p)
        all += n; taken += n * p / 100; printf "# %6.1f %% of %4d  %s\n", p, n, file }
     END { printf "%.1f %d\n", all ? taken * 100 / all : 0, all }' summary > table
sed '$d' table | sort
read -r percent branches < <(tail -n 1 table)
echo "# branch coverage of vm/: $percent % of $branches branches"
result "$(awk -v p="$percent" -v w="$wanted" 'BEGIN { print (p + 0 < w + 0) }')" "at least $wanted % of vm's branches are taken"
echo "1..$count"
exit $failed
