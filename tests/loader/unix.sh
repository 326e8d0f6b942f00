# Programs of the host as children of Windows programs: arguments, environment, standard handles, ends, jobs, search.
unix=$ORIEL_BUILD/obj/tests/loader/unix.exe
bad=0
mkdir sub uname || exit 1
cp "$unix" both.exe
printf 'for w; do printf "[%%s]" "$w"; done; echo\n' > args
printf '#!/bin/sh\nIFS=,; echo "script: $*"\n' > script
printf '#!/nowhere/sh\n' > badscript
printf '#!/bin/sh\nexit 22\n' > both
printf '#!/bin/sh\necho "below: $1"\n' > sub/below
printf '#!/bin/sh\necho "two words: $1"\n' > 'two words'
printf '#!/bin/sh\n' > notexec
printf 'neither this nor that, but long enough to be looked at as a program: %512s' '' > garbage
printf 'data\n' > id
printf 'echo batch\r\n' > batch.bat
: > empty
{ printf '\177ELF\001\001\001'; head -c 100 /dev/zero; } > elf32
chmod +x script badscript both sub/below 'two words' garbage empty batch.bat elf32
"$ORIEL" "$unix" "$PWD" 2> err || { echo "exit status $?"; bad=1; }
grep -v 'badscript: cannot be started: No such file or directory' err && bad=1

# What the shell gives the first process, the program has: a pipe, and the exit code.
got=$(echo through | "$ORIEL" "$unix" run 'tr a-z A-Z'; echo $?)
[ "$got" = "THROUGH
0" ] || { echo "got '$got'"; bad=1; }

# Whoever is killed with a job that is to end with it leaves nothing behind.
mkfifo end
exec 3>&2 2> /dev/null          # the shell tells of those who are killed
(read -r _ < end) & reader=$!
"$ORIEL" "$unix" hold x > out 9> end & holder=$!
for i in $(seq 100); do [ -s out ] && break; sleep 0.05; done
kill -KILL $holder
wait $holder
for i in $(seq 100); do kill -0 $reader 2> /dev/null || break; sleep 0.05; done
kill -0 $reader 2> /dev/null && { echo "something outlived the job"; kill $reader; bad=1; }

exec 2>&3 3>&-

# A signal for the process is for the program; the terminal's reaches both, and counts once.
"$ORIEL" "$unix" run 'sh -c "trap \"echo term; exit 33\" TERM; echo $PPID > keeper; while :; do sleep 0.05; done"' > out & runner=$!
for i in $(seq 100); do [ -s keeper ] && break; sleep 0.05; done
deputy=$(sed -n 's/^PPid:\t//p' "/proc/$(cat keeper)/status")
kill -TERM "$deputy"
wait $runner; status=$?
[ $status = 33 ] && [ "$(cat out)" = term ] || { echo "SIGTERM: exit status $status, '$(cat out)'"; bad=1; }

# What the shell had it ignore, it ignores.
got=$( (trap '' HUP TERM; "$ORIEL" "$unix" run 'sh -c "kill -HUP $$; kill -TERM $$; echo on"') )
[ "$got" = on ] || { echo "ignored signals: '$got'"; bad=1; }

# Without its keeper a program ends, too.
"$ORIEL" "$unix" run 'sh -c "echo $$ $PPID > ids; while :; do sleep 0.05; done"' & runner=$!
for i in $(seq 100); do [ -s ids ] && break; sleep 0.05; done
read -r program keeper < ids
kill -KILL "$keeper"
wait $runner; status=$?
[ $status = 1 ] || { echo "keeper killed: exit status $status"; bad=1; }
for i in $(seq 100); do kill -0 "$program" 2> /dev/null || break; sleep 0.05; done
kill -0 "$program" 2> /dev/null && { echo "the program outlived its keeper"; kill "$program"; bad=1; }
exit $bad
