# Names where the directory is small, noexec, read-only or missing, and files that somebody cuts off.
shared=$ORIEL_BUILD/obj/tests/loader/shared.exe
bad=0
tries() {     # what, exit status, output
  local got
  got=$(timeout 30 "$ORIEL" "$shared" "$1" 2> err | tr -d '\r'; exit "${PIPESTATUS[0]}")
  local status=$?
  [ "$got" = "$3" ] && [ $status = "$2" ] || { echo "$4, $1: status $status, $got"; head -n 3 err; bad=1; }
}
empty() { [ -z "$(ls -A "$ORIEL_RUNTIME")" ] || { echo "$1: left behind: $(ls -A "$ORIEL_RUNTIME")"; bad=1; }; }

export ORIEL_RUNTIME=$PWD/names
mkdir -m 700 names
tries commit 0 good "a directory"
tries reserve 0 "all pages" "a directory"
tries execute 0 good "a directory"
tries kinds 0 "event good, mutex good, semaphore good, timer good, job good" "a directory"
empty "a directory"

# Somebody shortens the bytes: the program hears of it, by name, and no signal ends it.
( for i in $(seq 200); do [ -f names/local.shared ] && sleep 0.1 && truncate -s 0 names/local.shared && break; sleep 0.05; done ) &
tries cut 139 ready "cut off"
wait
grep -q 'in-page error' err || { echo "cut off: no in-page error"; head -n 3 err; bad=1; }
tries commit 0 good "after a crash"             # whose files are stale
empty "after a crash"

# Other bytes in the place of a section's are not taken for them.
timeout 30 "$ORIEL" "$shared" hold > held & holder=$!
for i in $(seq 200); do grep -q ready held && break; sleep 0.05; done
tries open 0 held "held by another"
cp names/local.shared bytes
mv names/local.shared aside
cp bytes names/local.shared
tries open 1 "no view, error 2" "other bytes"
mv aside names/local.shared
tries open 0 held "its own again"
printf 'enough\0' | dd of=names/local.shared conv=notrunc status=none
wait $holder || { echo "the holder: status $?"; bad=1; }
empty "held"

# Another directory than one's own: refused at the start, in one line.
chmod 755 names
tries commit 125 "" "open to others"
[ "$(wc -l < err)" = 1 ] || { echo "open to others: $(cat err)"; bad=1; }
chmod 700 names
ORIEL_RUNTIME=$PWD/none/names tries commit 125 "" "no parent"

if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=256k,mode=0700 oriel-test names 2> /dev/null; then
  tries commit 1 "error 1455" "a full directory"
  tries reserve 0 "some pages, then error 1455" "a full directory"
  mount -o remount,noexec names
  tries execute 0 good "noexec"
  tries kinds 0 "event good, mutex good, semaphore good, timer good, job good" "noexec"
  empty "a small directory"
  # not a page left, then no file left: each says so, and nothing is half made
  dd if=/dev/zero of=names/filler bs=4k 2> /dev/null
  tries kinds 0 "event 112, mutex 112, semaphore 112, timer 112, job 112" "a full directory"
  tries commit 1 "error 1455" "not a page"
  tries reserve 1 "error 112" "not a page"
  rm names/filler
  empty "a full directory"
  mount -o remount,nr_inodes=2 names
  touch names/one
  tries kinds 0 "event 112, mutex 112, semaphore 112, timer 112, job 112" "no more files"
  rm names/one
  empty "no more files"
  mount -o remount,nr_inodes=0,ro names
  tries kinds 0 "event 5, mutex 5, semaphore 5, timer 5, job 5" "read-only"
  tries commit 1 "error 5" "read-only"
  umount names
else
  echo "small and noexec directories not tried: they take a mount"
fi
exit $bad
