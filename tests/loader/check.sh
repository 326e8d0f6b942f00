# oriel --check: what is missing, on stdout; nothing of the program runs.
programs=$ORIEL_BUILD/obj/tests/loader
bad=0
# check WANTED-STATUS WANTED-OUTPUT PROGRAM
check() {
  local want=$1 output=$2
  shift 2
  "$ORIEL" --check "$@" > out 2> err
  local got=$?
  [ $got = "$want" ] || { echo "--check $*: exit status $got, not $want"; bad=1; }
  [ "$(cat out)" = "$output" ] || { echo "--check $*: $(cat out)"; bad=1; }
  [ ! -s err ] || { echo "--check $*: on stderr: $(head -n 2 err)"; bad=1; }
}
check 0 '' "$programs/args.exe" would be printed
check 0 '' "$programs/crash.exe" null
check 1 'kernel32.dll!FunctionThatIsMissing (needed by missing.exe)' "$programs/missing.exe"
"$ORIEL" --check "$programs/nodll.exe" > out 2> err
[ $? = 1 ] && [ "$(cat out)" = 'nowhere-at-all.dll (needed by nodll.exe)' ] && [ ! -s err ] || { echo "--check nodll.exe: $(cat out err)"; bad=1; }
# what a DLL of the program misses counts as well; a program that says it is a DLL
sed 's/nowhere-at-all.dll/missing-like-a.dll/g' "$programs/nodll.exe" > nodll.exe
cp "$programs/missing.exe" missing-like-a.dll
at=$(($(od -An -tu4 -j60 -N4 missing-like-a.dll | tr -d ' ') + 23))     # the high byte of its characteristics: IMAGE_FILE_DLL
printf "\\$(printf %o $(($(od -An -tu1 -j$at -N1 missing-like-a.dll) | 0x20)))" | dd of=missing-like-a.dll bs=1 seek=$at conv=notrunc status=none
"$ORIEL" --check ./nodll.exe > out 2> err
[ $? = 1 ] && grep -q '^kernel32.dll!FunctionThatIsMissing (needed by missing-like-a.dll)$' out || { echo "--check, in a DLL: $(cat out err)"; bad=1; }
echo 'just text' > text.exe
"$ORIEL" --check text.exe > out 2> err
[ $? = 126 ] && [ ! -s out ] && [ "$(wc -l < err)" = 1 ] || { echo "--check text.exe: $(cat out err)"; bad=1; }
"$ORIEL" --check ./not-there.exe > out 2> err
[ $? = 127 ] && [ ! -s out ] || { echo "--check of nothing: $(cat out err)"; bad=1; }
"$ORIEL" --help | grep -q -- --check || { echo "--help does not know --check"; bad=1; }
exit $bad
