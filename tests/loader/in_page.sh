# EXCEPTION_IN_PAGE_ERROR: a mapped file that the shell shortens (specification 22.4).
head -c 12288 /dev/zero | tr '\0' 'x' > file
"$ORIEL" "$ORIEL_BUILD/obj/tests/loader/in_page.exe" file > out 2> err &
pid=$!
for i in $(seq 500); do grep -q mapped out && break; sleep 0.02; done
truncate -s 4096 file
wait "$pid"
status=$?
[ $status = 0 ] || { echo "in_page.exe: exit status $status"; cat out err; exit 1; }
