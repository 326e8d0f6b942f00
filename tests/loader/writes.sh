# Nothing is written outside the runtime directory, and no process and no name outlives the last program: the system calls of
# programs with children, names, pipes, jobs and remote threads, one by one.
command -v strace > /dev/null || { echo "no strace"; exit 77; }
strace -o /dev/null true 2> /dev/null || { echo "strace may not trace"; exit 77; }
test=$ORIEL_BUILD/obj/tests/kernel32_test.exe
bad=0
export ORIEL_RUNTIME=$PWD/names TMPDIR=$PWD/temp
mkdir -m 700 names temp
calls=open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat
calls=$calls,truncate,unlink,unlinkat,rmdir,chmod,fchmodat,chown,fchownat,utimensat,setxattr,lsetxattr,bind
for suite in named job pipe parent remote_threads; do
  timeout 100 strace -f -qq -y -o trace -e trace=$calls -e signal=none "$ORIEL" "$test" $suite > out 2>&1 ||
    { echo "$suite: $(grep 'Test failed' out | head -n 3)"; bad=1; }
  # left are calls that make, change or open for writing something that is neither in the runtime directory nor a device nor
  # a file of a process (which is how a memory file is opened again), and sockets that have a place in the file system
  awk -v names="$ORIEL_RUNTIME" '
    /resumed>/ || /\+\+\+|---/ || / syscall_0x| \?\?\?\(/ { next }         # the last: newer than strace, which shows them unasked
    /, 0x[0-9a-f]+, .*<unfinished \.\.\.>$/ { next }    # killed before strace could read the name
    / bind\(/ { if ($0 ~ /sun_path="/) print; next }
    / open(at2?)?\(/ && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/ { next }
    index($0, "<" names ">, \"") || index($0, "\"" names "/") || index($0, "\"" names "\"") { seen++; next }
    /\/temp\/nam[0-9a-f]+\.tmp"/ { next }     # a file that the suite itself wants
    /"\/dev\/(null|tty|urandom)"|"\/proc\/|\/proc\/[0-9]+\/fd>, "[0-9]+"/ { next }
    { print }
    END { if (!seen) print "nothing in the runtime directory either" > "/dev/stderr" }' trace > found 2> unused
  [ ! -s found ] || { echo "$suite writes elsewhere: $(head -n 5 found)"; bad=1; }
  [ $suite != named ] || [ ! -s unused ] || { echo "$suite: $(cat unused)"; bad=1; }
  [ -z "$(ls -A names temp | grep -v ':$')" ] || { echo "$suite leaves $(ls -A names temp)"; bad=1; }
done
for exe in /proc/[0-9]*; do
  grep -qz "^ORIEL_RUNTIME=$ORIEL_RUNTIME$" "$exe/environ" 2> /dev/null || continue
  [ "$(readlink "$exe/exe")" != "$(readlink -f "$ORIEL")" ] || { echo "still there: $(tr '\0' ' ' < "$exe/cmdline")"; bad=1; }
done
exit $bad
