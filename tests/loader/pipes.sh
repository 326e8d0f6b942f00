# A shell's pipe as standard input and output: it can be peeked at, read to its end, and is a pipe of bytes.
test=$ORIEL_BUILD/obj/tests/kernel32_test.exe
bad=0
got=$( (printf through; sleep 0.2) | "$ORIEL" "$test" pipe none standard) || { echo "exit status $?"; bad=1; }
[ "$got" = through ] || { echo "got '$got'"; bad=1; }
got=$( (printf through; sleep 0.2) | "$ORIEL" "$test" pipe none standard | cat) || bad=1
[ "$got" = through ] || { echo "through a second pipe: got '$got'"; bad=1; }
exit $bad
