# A process that has been stopped (SIGSTOP) answers nobody; who asks it waits, but can be ended, and holds nobody else up.
programs=$ORIEL_BUILD/obj/tests/loader
mkfifo lines
"$ORIEL" "$programs/victim.exe" target < lines > said & target=$!
exec 9> lines
trap 'kill -KILL $target 2> /dev/null' EXIT
for ((i = 0; i < 200; i++)); do grep -q ready said && break; sleep 0.05; done
bad=0
check() { "$@" || { echo "$* failed: $?"; bad=1; }; }
# one who asks before has started its control thread; one who does not finds none
check timeout 20 "$ORIEL" "$programs/stopped.exe" $((target * 4)) ask
kill -STOP $target
begin=$SECONDS
check timeout 20 "$ORIEL" "$programs/stopped.exe" $((target * 4))
[ $((SECONDS - begin)) -le 8 ] || { echo "it ended late"; bad=1; }
timeout -s KILL 1 "$ORIEL" "$programs/stopped.exe" $((target * 4)) ask > /dev/null 2>&1
[ $? = 137 ] || { echo "a stopped process answered"; bad=1; }
kill -CONT $target
check timeout 20 "$ORIEL" "$programs/stopped.exe" $((target * 4)) ask
exec 9>&-
wait $target || { echo "the target ended with $?"; bad=1; }
[ $bad = 0 ]
