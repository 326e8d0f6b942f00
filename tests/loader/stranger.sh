# Of what one user's processes share, another user's see nothing, whichever of the two is root; and nothing is left of either.
[ "$(id -u)" = 0 ] || { echo "becoming another user takes root"; exit 77; }
command -v setpriv > /dev/null || { echo "no setpriv"; exit 77; }
bad=0
# A folder that others can read: the build tree may lie where they cannot.
dir=$(mktemp -d "${TMPDIR:-/tmp}/oriel-stranger.XXXXXX")
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cp "$ORIEL" "$ORIEL_BUILD/obj/tests/loader/stranger.exe" "$dir/" && cp -r "$ORIEL_BUILD/x86_64-windows" "$dir/" || exit 1
chmod -R a+rX "$dir"
one=() two=(setpriv --reuid=65534 --regid=65534 --clear-groups) three=(setpriv --reuid=65533 --regid=65533 --clear-groups)
unset ORIEL_RUNTIME
same='event 0, section 0, pipe 0, process 0'
others='event 2, section 2, pipe 2, process 5'

# meet WANTED SERVER... -- CLIENT...
meet() {
  local want=$1 server=() id got
  shift
  while [ "$1" != -- ]; do server+=("$1"); shift; done
  shift
  mkfifo in out
  timeout 60 "${server[@]}" "$dir/oriel" "$dir/stranger.exe" serve < in > out 2> err &
  local pid=$!
  exec 3> in 4< out
  rm in out
  read -r -t 20 id <&4
  id=${id%$'\r'}
  got=$(timeout 20 "$@" "$dir/oriel" "$dir/stranger.exe" look "$id" 2>> err | tr -d '\r')
  exec 3>&- 4<&-
  wait $pid || { echo "${server[*]}: exit status $?"; bad=1; }
  [ "$got" = "$want" ] || { echo "${server[*]} serves, $* looks: $got"; head -n 3 err; bad=1; }
}
meet "$same" "${one[@]}" -- "${one[@]}"
meet "$same" "${two[@]}" -- "${two[@]}"
meet "$others" "${one[@]}" -- "${two[@]}"
meet "$others" "${two[@]}" -- "${one[@]}"
meet "$others" "${two[@]}" -- "${three[@]}"

# Somebody else's directory is refused in one line, whoever asks for it.
mkdir -m 700 "$dir/mine" "$dir/theirs"
chown 65534 "$dir/theirs"
for pair in "mine two" "theirs one" "theirs three"; do
  set -- $pair
  declare -n who=$2
  ORIEL_RUNTIME=$dir/$1 timeout 20 "${who[@]}" "$dir/oriel" "$dir/stranger.exe" look 4 > out 2> err
  status=$?
  { [ $status = 125 ] && [ ! -s out ] && [ "$(wc -l < err)" = 1 ]; } || { echo "$pair: status $status: $(head -n 3 err) $(cat out)"; bad=1; }
done
[ -z "$(ls -A "$dir/mine" "$dir/theirs" | grep -v :$)" ] || { echo "something was made there: $(ls -A "$dir/mine" "$dir/theirs")"; bad=1; }

for exe in /proc/[0-9]*/exe; do
  [ "$(readlink "$exe")" != "$dir/oriel" ] || { echo "still there: ${exe%/exe}"; bad=1; }
done
exit $bad
