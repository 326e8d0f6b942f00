# A crowd of processes shares named sections, mutexes, pipes, events and semaphores, maps into and duplicates to one
# another, while some of them are killed at random moments. The survivors must go on and leave nothing behind.
# ORIEL_ROUNDS and ORIEL_SEED change what is done; the seed of a failure is printed.
rounds=${ORIEL_ROUNDS:-200} seed=${ORIEL_SEED:-4711} members=8 kills=3 time=150
crowd=$ORIEL_BUILD/obj/tests/loader/crowd.exe
mkdir runtime && chmod 700 runtime || exit 1
export ORIEL_RUNTIME=$PWD/runtime
bad=0 survivors=0 killed=0 swept=0
pause() { read -rt "$1" <> "$PWD/never"; }    # sleep, without a process
mkfifo never
exec 2> /dev/null       # the shell tells of each process that is killed
RANDOM=$seed
for ((round = 1; round <= rounds && bad < 5; round++)); do
  pids=() victims=' '
  for ((slot = 0; slot < members; slot++)); do
    "$ORIEL" "$crowd" work $slot $((seed * 1000003 + round * members + slot)) $time >> out 2>> err &
    pids+=($!)
  done
  for ((kill = 0; kill < kills; kill++)); do
    pause "$(printf '0.%03d' $((RANDOM % 45)))"
    victim=${pids[1 + RANDOM % (members - 1)]}   # 0 looks on to the end
    kill -KILL "$victim" && victims+="$victim "
  done
  for pid in "${pids[@]}"; do
    wait "$pid"
    status=$?
    case $status,$victims in
      0,*) survivors=$((survivors + 1));;
      137,*" $pid "*) killed=$((killed + 1));;
      *) echo "round $round: a member ended with $status"; bad=$((bad + 1));;
    esac
  done
  # if the last one alive was killed, the next program takes away what it left
  [ -z "$(ls -A runtime)" ] || { "$ORIEL" "$crowd" work 0 1 1 >> out 2>> err; swept=$((swept + 1)); }
  if left=$(ls -A runtime) && [ -n "$left" ]; then
    echo "round $round: the runtime directory still has" $left; bad=$((bad + 1)); rm -rf runtime/*
  fi
done
echo "seed $seed: $survivors survivors, $killed killed in $((round - 1)) rounds, names left $swept times; $(awk '{n += $1; if ($5 + 0 > m) m = $5 + 0} END {print n " steps, longest wait " m " ms"}' out)"
head -n 20 err
[ "$bad" = 0 ] && [ "$killed" -gt 0 ] && [ ! -s err ]
