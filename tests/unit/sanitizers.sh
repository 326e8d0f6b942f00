#!/bin/bash
# The unit tests of vm/ under the address and undefined behaviour sanitizers, with fewer operations than usual.
#
# tests/run sets ORIEL_SOURCE and ORIEL_WORK; CC names the compiler.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)} work=${ORIEL_WORK:-${TMPDIR:-/tmp}}/sanitizers.$$ cc=${CC:-cc}
command -v "${cc%% *}" > /dev/null || { echo "no compiler"; exit 77; }
rm -rf "$work" && mkdir -p "$work/obj" || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
flags="-std=gnu11 -O1 -g -w -D_GNU_SOURCE -pthread -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
flags="$flags -I$source/dlls/ntdll/unix -I$source/include"

echo 'int main(void) { return 0; }' > probe.c
$cc $flags probe.c -o probe > log 2>&1 && ./probe > log 2>&1 || { tail -n 3 log; echo "the compiler has no sanitizer runtime that works here"; exit 77; }
for file in "$source"/dlls/ntdll/unix/vm/*.c "$source"/dlls/ntdll/unix/host/*.c; do
    $cc $flags -c "$file" -o "obj/$(basename "$file" .c).o" || exit 99
done

# Memory that the section manager mapped is not the sanitizer's business, its own and its tests' is. Faults are part of the tests: their own handlers take them. What a file system or a sandbox lacks is not the subject.
export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:allow_user_segv_handler=1:detect_leaks=0:abort_on_error=1:use_sigaltstack=0:intercept_memcmp=0:replace_intrin=0
# vm_real and image_test are left out: they map where the address sanitizer has its shadow.
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
count=0 failed=0
run() {         # name of the test, arguments
    local name=$1 status; shift
    [ -x "$name" ] || $cc $flags "$source/tests/unit/$name.c" obj/*.o -o "$name" || exit 99
    timeout 60 "./$name" "$@" > log 2>&1
    status=$?
    count=$((count + 1))
    if [ $status = 0 ]; then echo "ok $count - $name $*"; return; fi
    echo "not ok $count - $name $* (status $status)"
    grep -v '^ok' log | head -n 30 | sed 's/^/# /'
    failed=1
}
run vm_basic
run vm_errors
run vm_model --ops 45000 --faults 1500
run fuzz_image 3
run fuzz_vm 3
echo "1..$count"
exit $failed
