# What cannot be run is refused in one line that names the cause; no file crashes the loader.
programs=$ORIEL_BUILD/obj/tests/loader
bad=0
# refused PATTERN FILE ARGUMENTS...: exit status not 0, below 128; one line on stderr that matches
refused() {
  local pattern=$1
  shift
  timeout 20 "$ORIEL" "$@" > out 2> err
  local got=$?
  { [ $got -gt 0 ] && [ $got -lt 128 ]; } || { echo "$*: exit status $got"; bad=1; }
  [ -s out ] && { echo "$*: something on stdout"; bad=1; }
  [ "$(wc -l < err)" = 1 ] || { echo "$*: not one line: $(head -n 5 err)"; bad=1; }
  grep -qiE "$pattern" err || { echo "$*: no '$pattern' in: $(head -n 2 err)"; bad=1; }
}
good=$programs/args.exe
echo 'just text' > text.exe;                       refused 'text.exe.*not a' ./text.exe
: > empty.exe;                                     refused 'empty' ./empty.exe
head -c 300 "$good" > short.exe;                   refused 'truncated|cut' ./short.exe
head -c 9000 "$good" > half.exe;                   refused 'truncated|cut' ./half.exe
refused 'nothere.exe.*(not found|No such file)' ./nothere.exe
mkdir dir.exe;                                     refused 'dir.exe.*directory' ./dir.exe
# the machine field is two bytes behind the PE signature
pe=$(od -An -tu4 -j60 -N4 "$good" | tr -d ' ')
machine() { cp "$good" "$2"; printf "$1" | dd of="$2" bs=1 seek=$((pe + 4)) conv=notrunc status=none; }
machine '\114\001' i386.exe;                       refused '32-bit' ./i386.exe
machine '\144\252' arm64.exe;                      refused 'ARM' ./arm64.exe
machine '\304\001' arm.exe;                        refused 'ARM' ./arm.exe
refused 'nowhere-at-all.dll' "$programs/nodll.exe"
refused 'nowhere-at-all.dll.*nodll.exe' "$programs/nodll.exe"

# a missing function does not stop a program that does not call it
"$ORIEL" "$programs/missing.exe" > out 2> err
[ $? = 5 ] && [ ! -s err ] || { echo "missing.exe, not calling: $(head -n 2 err)"; bad=1; }
"$ORIEL" "$programs/missing.exe" call > out 2> err
[ $? = 134 ] || { echo "missing.exe, calling: wrong exit status"; bad=1; }
[ "$(grep -c 'FunctionThatIsMissing' err)" = 1 ] || { echo "missing.exe, calling: $(head -n 3 err)"; bad=1; }
grep -q 'missing.exe.*FunctionThatIsMissing.*kernel32' err || { echo "missing.exe: the report does not name all three"; bad=1; }

# mutated files: a bounded number, from a printed seed; none may end by a signal or hang
# the same files in every run, so that a failure can be looked at; ORIEL_SEED chooses others
seed=${ORIEL_SEED:-4711}
echo "seed $seed"
RANDOM=$seed
size=$(stat -c %s "$good")
for i in $(seq 150); do
  cp "$good" fuzz.exe
  for j in $(seq $((RANDOM % 8 + 1))); do
    # most of the changes go into the headers
    at=$((RANDOM % 4 ? pe + RANDOM % 600 : (RANDOM * 32768 + RANDOM) % size))
    printf "\\$(printf %o $((RANDOM % 256)))" | dd of=fuzz.exe bs=1 seek=$at conv=notrunc status=none
  done
  timeout 20 "$ORIEL" ./fuzz.exe x > out 2> err
  got=$?
  # 139 and the like with a report are the program's own doing; a loader that crashes leaves none
  if [ $got = 124 ]; then echo "mutation $i hangs (seed $seed)"; bad=1; fi
  if [ $got -ge 128 ] && ! grep -q 'unhandled exception' err; then echo "mutation $i: exit status $got without a report (seed $seed): $(head -n 1 err)"; bad=1; fi
done

# damaged tables: a program refused by us has one line on stderr; one that runs may crash, but not we ourselves
tables=$programs/tables.exe
"$ORIEL" "$tables" > out 2> err
[ $? = 42 ] && [ ! -s out ] && [ ! -s err ] || { echo "tables.exe does not work undamaged: $(head -n 2 err)"; bad=1; }
cp "$ORIEL_BUILD/x86_64-windows/winmm.dll" good.dll
SECONDS=0 runs=0
while [ $SECONDS -lt 20 ] && [ $runs -lt 400 ]; do
  runs=$((runs + 1)) number=$((seed * 1000 + runs))
  "$ORIEL" "$programs/damage.exe" "$tables" fuzz.exe $number || { echo "damage.exe fails ($number)"; bad=1; break; }
  timeout 20 "$ORIEL" ./fuzz.exe > out 2> err
  got=$?
  [ -s out ] && { echo "damaged program $number: something on stdout"; bad=1; }
  if [ $got = 124 ]; then echo "damaged program $number hangs"; bad=1; fi
  # other statuses above 128 are the program's: a damaged import table may well make it exit with anything
  case $got in 125) [ "$(wc -l < err)" != 1 ];; 132|134|135|136|139) ! grep -q 'unhandled exception' err;; *) false;; esac && { echo "damaged program $number: exit status $got without a report: $(head -n 1 err)"; bad=1; }
  # a crash in ntdll with nothing but our DLLs above it is the loader's or the unwinder's own
  if head -n 1 err | grep -q 'unhandled exception.* at ntdll.dll' && ! grep '^  #' err | grep -qvE ' (ntdll|kernelbase|kernel32).dll[+]'; then echo "damaged program $number:"; head -n 12 err; bad=1; fi
  # DLLs: both are refused or loaded, the program goes on
  "$ORIEL" "$programs/damage.exe" good.dll one.dll $number && "$ORIEL" "$programs/damage.exe" good.dll two.dll $((number + 500)) || { echo "damage.exe fails ($number)"; bad=1; break; }
  timeout 20 "$ORIEL" "$tables" ./good.dll ./one.dll ./two.dll > out 2> err
  got=$?
  if [ $got != 42 ]; then
    if [ $got = 124 ] || ! grep -qE '^  #.*(good|one|two).dll\+| at 0x[0-9a-f]+$' err; then echo "damaged DLLs $number: exit status $got: $(head -n 12 err)"; bad=1; fi
  fi
done
echo "$runs damaged programs and pairs of DLLs"
exit $bad
