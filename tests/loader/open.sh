# Programs that a shell started and that start none themselves: another one opens them by their ids.
test=$ORIEL_BUILD/obj/tests/kernel32_test.exe
bad=0
for state in busy busy_calling sleeping waiting reading suspending_itself; do
  "$ORIEL" "$test" open $state < /dev/null > /dev/null 2>&1 &
  target=$!
  sleep 0.1
  "$ORIEL" "$test" open look $((target * 4))
  got=$?
  [ $got = 0 ] || { echo "$state: exit status $got: see line $got of tests/kernel32/open.c"; bad=1; }
  kill -0 $target || { echo "$state: did not survive it"; bad=1; }
  kill -9 $target
  wait $target 2> /dev/null
done
# One that is not ours cannot be opened: the line of OpenProcess.
sleep 60 &
target=$!
"$ORIEL" "$test" open look $((target * 4)) && { echo "a Linux process was opened"; bad=1; }
kill $target
exit $bad
