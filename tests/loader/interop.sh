# examples/telemetry.c and examples/native/telemetry.c: what a Windows program named is there for a native one, and the
# other way round; afterwards nothing is left.
windows=$ORIEL_BUILD/obj/examples/telemetry.exe
cc=${CC:-cc}
command -v "${cc%% *}" > /dev/null || { echo "no compiler"; exit 77; }
$cc -O1 -Wall -Wextra -Werror "$ORIEL_SOURCE/examples/native/telemetry.c" -o native || exit 1
export ORIEL_RUNTIME=$PWD/names
[ -w /dev/shm ] && ORIEL_RUNTIME=/dev/shm/oriel-interop.$$
mkdir -m 700 "$ORIEL_RUNTIME" || exit 99
trap 'rm -rf "$ORIEL_RUNTIME"' EXIT
bad=0
# meet FIRST... -- SECOND...: the first makes it, the second uses it
meet() {
  local first=() asked answered
  while [ "$1" != -- ]; do first+=("$1"); shift; done
  shift
  mkfifo ready
  timeout 30 "${first[@]}" make > ready 2>> err &
  local pid=$!
  exec 3< ready
  rm ready
  read -r -t 20 line <&3
  asked=$(timeout 20 "$@" use 2>> err | tr -d '\r')
  answered=$(tr -d '\r' <&3)
  exec 3<&-
  wait $pid || { echo "${first[0]##*/} make: exit status $?"; bad=1; }
  echo "$asked / $answered"
}
got=$(meet "$ORIEL" "$windows" -- ./native)
[ "$got" = "asked by a Windows program / answered by a native program" ] || { echo "Windows makes, native uses: $got"; bad=1; }
got=$(meet ./native -- "$ORIEL" "$windows")
[ "$got" = "asked by a native program / answered by a Windows program" ] || { echo "native makes, Windows uses: $got"; bad=1; }
got=$(meet "$ORIEL" "$windows" -- "$ORIEL" "$windows")
[ "$got" = "asked by a Windows program / answered by a Windows program" ] || { echo "Windows alone: $got"; bad=1; }
left=$(ls -A "$ORIEL_RUNTIME")
[ -z "$left" ] || { echo "left behind: $left"; bad=1; }
# What nobody has locked any more is nobody's: killed makers leave files that the next one replaces.
timeout -s KILL 0.3 "$ORIEL" "$windows" make > /dev/null 2>> err
got=$(meet "$ORIEL" "$windows" -- ./native)
[ "$got" = "asked by a Windows program / answered by a native program" ] || { echo "after a kill: $got"; bad=1; }
left=$(ls -A "$ORIEL_RUNTIME")
[ -z "$left" ] || { echo "left behind after a kill: $left"; bad=1; }
[ ! -s err ] || { sed 's/^/stderr: /' err | head; }
exit $bad
