#!/bin/bash
# Plants each bug of tests/unit/bugs in a copy of the section manager and sees that vm_model finds it.
#
# tests/run sets ORIEL_SOURCE and ORIEL_WORK (a folder for the copies); CC may name a compiler, PLANTED_BUG the bugs ("10*"). TAP; the exit status is
# 1 if a bug stays hidden.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)} work=${ORIEL_WORK:-${TMPDIR:-/tmp}}/planted-bugs.$$ cc=${CC:-cc}
command -v "$cc" > /dev/null && command -v patch > /dev/null || { echo "1..0 # SKIP no compiler, or no patch(1)"; exit 77; }
cflags="-std=gnu11 -O1 -w -D_GNU_SOURCE -pthread"
rm -rf "$work" && mkdir -p "$work/obj" || exit 99
trap 'rm -rf "$work"' EXIT
cp -r "$source/dlls/ntdll/unix/vm" "$source/dlls/ntdll/unix/host" "$work/" || exit 99

compile() { $cc $cflags -I"$work" -c "$work/$1" -o "$work/obj/$(echo "$1" | tr / _).o"; }
for file in $(cd "$work" && echo vm/*.c host/*.c); do compile "$file" || exit 99; done
$cc $cflags -I"$work" -c "$source/tests/unit/vm_model.c" -o "$work/vm_model.o" || exit 99
link() { $cc -pthread "$work/vm_model.o" "$work"/obj/*.o -o "$work/vm_model"; }

count=0 failed=0
result() {      # good name
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
# Without a bug it passes, or nothing that follows means anything.
link && timeout 300 "$work/vm_model" --ops 90000 --faults 3000 > /dev/null
result $? "no bug is planted, none is found"
for patch in "$source"/tests/unit/bugs/${PLANTED_BUG:-*}.patch; do
    file=$(sed -n 's,^--- a/dlls/ntdll/unix/,,p' "$patch")
    name=$(basename "$patch" .patch)
    cp "$work/$file" "$work/saved"
    if patch -s -d "$work" -p4 < "$patch" && compile "$file" && link; then
        timeout 300 "$work/vm_model" --ops 90000 --faults 3000 > "$work/out" 2>&1
        case $? in 0|124) result 1 "$name stays hidden" ;; *) result 0 "$name is found" ;; esac
    else
        result 1 "$name can be planted"
    fi
    cp "$work/saved" "$work/$file"
    compile "$file"
done
echo "1..$count"
exit $failed
