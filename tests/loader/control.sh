# Signals of the terminal: events for a program that listens, the usual end for one that does not.
control=$ORIEL_BUILD/obj/tests/loader/control.exe
bad=0
# sends SIGNAL STATUS OUTPUT ARGUMENT...
sends() {
  local signal=$1 want=$2 output=$3
  shift 3
  # --foreground: else the group gets a second signal, which may come after the first was handled
  timeout --foreground --preserve-status -s "$signal" 0.5 "$ORIEL" "$control" "$@" > out 2> err
  local got=$?
  [ $got = "$want" ] || { echo "SIG$signal, $*: exit status $got, not $want"; bad=1; }
  [ "$(tr -d '\r' < out | tr '\n' ' ')" = "$output" ] || { echo "SIG$signal, $*: $(tr '\r\n' '  ' < out)"; bad=1; }
}
sends INT  130 'ready '
sends TERM 143 'ready '
sends INT  5   'ready event 0 ' handle
sends QUIT 131 'ready event 1 ' handle
sends TERM 143 'ready event 2 ' handle
sends INT  5   'ready ' ignore
sends TERM 143 'ready ' ignore

# What a shell lets its programs ignore: Ctrl-C stays ignored, also by children; SIGCHLD is not, for children have exit codes.
test=$ORIEL_BUILD/obj/tests/kernel32_test.exe
"$ORIEL" "$control" handle > out 2> err &                # in the background: that ignores it
sleep 0.5
kill -INT $!
wait $!
status=$?
{ [ $status = 5 ] && [ "$(tr -d '\r' < out)" = ready ]; } || { echo "SIGINT ignored: status $status, $(cat out)"; bad=1; }
( trap '' CHLD; exec "$ORIEL" "$test" process ) > out 2> err || { echo "SIGCHLD ignored: $(head -n 3 out err)"; bad=1; }
# Nobody reads what it writes: an error for the program, not its end.
"$ORIEL" "$test" named 2> err | true
status=${PIPESTATUS[0]}
[ "$status" -lt 128 ] || { echo "nobody reads: status $status"; bad=1; }
exit $bad
