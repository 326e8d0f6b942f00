#!/bin/bash
# The unit tests of vm/ and those with hostile peers under the address and undefined behaviour sanitizers, and those with
# threads (of vm/ and ob/) under the thread sanitizer, with fewer operations than usual.
#
# tests/run sets ORIEL_SOURCE, ORIEL_BUILD and ORIEL_WORK; CC names the compiler.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)} work=${ORIEL_WORK:-${TMPDIR:-/tmp}}/sanitizers.$$ cc=${CC:-cc}
command -v "${cc%% *}" > /dev/null || { echo "no compiler"; exit 77; }
rm -rf "$work" && mkdir -p "$work" || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
common="-std=gnu11 -O1 -g -w -D_GNU_SOURCE -pthread -fno-omit-frame-pointer -I$source/dlls/ntdll/unix -I$source/include"

# Memory that the section manager mapped is not the sanitizer's business, its own and its tests' is. Faults are part of
# the tests: their own handlers take them.
export ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:allow_user_segv_handler=1:detect_leaks=0:abort_on_error=1:use_sigaltstack=0:intercept_memcmp=0:replace_intrin=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=handle_segv=0:handle_sigbus=0:allow_user_segv_handler=1:halt_on_error=1:use_sigaltstack=0:report_signal_unsafe=0

count=0 failed=0 flags= objects=
# The build knows where Wine's headers are, which all but vm/ needs.
build=${ORIEL_BUILD:-.} headers=$(sed -n 's/^WINE_HEADERS = //p' "${ORIEL_BUILD:-.}/Makefile" 2> /dev/null)
result() {      # good name
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}

# The kind's runtime must work here (not under every seccomp filter or randomisation of addresses does it), or its tests are
# skipped by name.
begin() {       # kind, flags
    objects=$1 flags="$common $2"
    mkdir -p "$objects"
    echo 'int main(void) { return 0; }' > probe.c
    if ! { $cc $flags probe.c -o probe && ./probe; } > log 2>&1; then
        tail -n 3 log | sed 's/^/# /'
        count=$((count + 1))
        echo "ok $count - $1 # SKIP the compiler has no runtime for it that works here"
        return 1
    fi
    for file in "$source"/dlls/ntdll/unix/vm/*.c "$source"/dlls/ntdll/unix/host/*.c; do
        $cc $flags -c "$file" -o "$objects/$(basename "$file" .c).o" || exit 99
    done
}

skip() {        # name, reason
    count=$((count + 1))
    echo "ok $count - $objects: $1 # SKIP $2"
}

# What reads what other processes say is compiled for the sanitizer; all the rest of the Unix side is that of the build.
begin_peers() {
    local unix=$source/dlls/ntdll/unix file object
    [ -d "$headers/windows" ] && [ -f "$build/obj/gen/syscall_table.o" ] || { skip peer "no build (ORIEL_BUILD)"; return 1; }
    flags="$flags -isystem $headers/windows -I$build/obj/gen"
    mkdir -p "$objects-peer"
    for file in "$unix"/ob/*.c "$unix"/ps/{peer,process,debuggee,thread_object}*.c "$unix"/nt/{peer,remote,debug,pipe,section}*.c \
                "$unix"/io/{pipe,inode,lock,file,async,socket}*.c; do
        [ -f "$file" ] || continue
        $cc $flags -c "$file" -o "$objects-peer/$(basename "$(dirname "$file")")-$(basename "$file").o" || exit 99
    done
    extra=$(echo "$objects-peer"/*.o)
    for object in "$build"/obj/dlls/ntdll/unix/{,nt/,ob/,ps/,io/}*.o "$build"/obj/gen/{syscall_table,status_names}.o; do
        file=${object#"$build"/obj/dlls/ntdll/unix/}
        [ "$file" = main.c.o ] || [ -f "$objects-peer/${file/\//-}" ] || extra="$extra $object"
    done
    extra="$extra -ldl"
}

run() {         # name of the test, its environment and arguments: [NAME=value ...] test [argument ...]
    local name=$1 status; shift
    [ -x "$objects/bin-$name" ] || $cc $flags "$source/tests/unit/$name.c" "$objects"/*.o ${extra:-} -o "$objects/bin-$name" || exit 99
    timeout 100 env "$@" > log 2>&1
    status=$?
    result $status "$objects: ${*/#.\/*bin-/}"
    [ $status = 0 ] || grep -v '^ok' log | head -n 30 | sed 's/^/# /'
}

if begin address,undefined "-fsanitize=address,undefined -fno-sanitize-recover=all"; then
    bin=./$objects/bin-
    run vm_basic ${bin}vm_basic
    run vm_errors ${bin}vm_errors
    run vm_faults ${bin}vm_faults
    run vm_model ${bin}vm_model --ops 45000 --faults 1500
    run vm_real ${bin}vm_real --ops 6000 --faults 300
    run vm_shared ${bin}vm_shared
    run image_test ${bin}image_test
    run image_errors ${bin}image_errors
    run image_errors ORIEL_DISABLE=pagemap ${bin}image_errors
    run fuzz_image ${bin}fuzz_image 3
    run fuzz_vm ${bin}fuzz_vm 3
    if begin_peers; then
        run peer_fuzz ${bin}peer_fuzz 3 0xffb22e322de49d61
        run peer_reply ${bin}peer_reply 3000
        run peer_transfer ${bin}peer_transfer 3000
        run peer_pipe_queue ${bin}peer_pipe_queue 300
        run peer_pipe_meet ${bin}peer_pipe_meet 1000
    fi
    extra=
fi
if begin thread "-fsanitize=thread"; then
    bin=./$objects/bin-
    run vm_threads ${bin}vm_threads
    # The archive has all of ob/; a test takes what it uses.
    if [ -d "$headers/windows" ]; then
        flags="$flags -isystem $headers/windows -I$build/obj/gen"
        mkdir -p ob
        for file in "$source"/dlls/ntdll/unix/ob/*.c; do
            $cc $flags -c "$file" -o "ob/$(basename "$file" .c).o" || exit 99
        done
        ar rcs libob.a ob/*.o || exit 99
        extra=libob.a run ob_cell ${bin}ob_cell
    else
        skip ob_cell "no build with Wine's headers (ORIEL_BUILD)"
    fi
fi
echo "1..$count"
exit $failed
