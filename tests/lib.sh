# Shell functions the rings share. Sourced, by bash.

# wanted NAME: whether the command line asked for this test
wanted() {
  [ -z "${ORIEL_TEST_NAMES:-}" ] && return 0
  local n; for n in $ORIEL_TEST_NAMES; do case $1 in *"$n"*) return 0;; esac; done
  return 1
}
pass() { echo "ok - $1"; }
fail() { echo "not ok - $1"; shift; [ $# -gt 0 ] && printf '%s\n' "$*" | sed 's/^/#   /'; return 0; }
skip() { echo "ok - $1 # SKIP $2"; }

# members GROUP: the ids of the processes of a group
members() { cat /proc/[0-9]*/stat 2> /dev/null | awk -v group="$1" '{ id = $1; sub(/.*\) /, ""); if ($3 == group && $1 != "Z") print id }'; }

# bounded SECONDS FOLDER LOG COMMAND...: runs it there, as a process group of its own; sets status, and left to the number of
# processes that it leaves behind, which are ended.
bounded() {
  local seconds=$1 folder=$2 log=$3 group try
  shift 3
  ( cd "$folder" && exec timeout -k 5 "$seconds" "$@" ) > "$log" 2>&1 < /dev/null &
  group=$!
  wait "$group"
  status=$?
  for try in 1 2 3 4 5 6 7 8 9 10; do
    left=$(members "$group" | wc -l)
    [ "$left" = 0 ] && return
    sleep 0.1
  done
  kill -KILL -- "-$group"
}

# run_test NAME SECONDS COMMAND...: exit status 0 passes, 77 skips (the last line of output says why)
run_test() {
  local name=$1 seconds=$2 log status left
  shift 2
  wanted "$name" || return 0
  log=$(mktemp "$ORIEL_WORK/log.XXXXXX")
  mkdir -p "$ORIEL_WORK/cwd"
  bounded "$seconds" "$ORIEL_WORK/cwd" "$log" "$@"
  case $status in
    0|77) [ "$left" = 0 ] || { fail "$name" "processes it left behind: $left"; status=left; };;
  esac
  case $status in
    left) ;;
    0) pass "$name $(grep -oE '[0-9]+ tests executed|[0-9]+ operations|branch coverage of .*' "$log" | tail -n 1)";;
    77) skip "$name" "$(tail -n 1 "$log")";;
    124|137) fail "$name" "no end within $seconds s"; tail -n 15 "$log" | sed 's/^/#   /';;
    *) fail "$name" "exit status $status"; tail -n 25 "$log" | sed 's/^/#   /';;
  esac
  rm -rf "$log" "$ORIEL_WORK/cwd"
}

# source_package NAME FOLDER ARCHIVE [PATTERN...]: unpacks the distribution's source package into FOLDER (what matches the
# patterns; all of it if there are none). ARCHIVE is the pattern of the file that has the source. Fetched with apt-get and
# a sources list of its own, since most systems have no deb-src. Prints a reason and fails if it cannot be had.
source_package() {
  local name=$1 folder=$2 archive=$3 tmp patterns=()
  shift 3
  [ -f "$folder/.ok" ] && return 0
  [ $# -gt 0 ] && patterns=(--wildcards "$@")
  tmp=$(mktemp -d "$ORIEL_WORK/source.XXXXXX") || return 1
  command -v apt-get > /dev/null || { echo "apt-get is not here"; return 1; }
  . /etc/os-release
  mkdir -p "$tmp/lists/partial" "$tmp/etc"
  # the mirror that the system uses for its own packages, for source packages
  { grep -hE '^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2> /dev/null
    awk '/^URIs:/ { u = $2 } /^Suites:/ { for (i = 2; i <= NF; i++) print "deb " u " " $i " main" }' /etc/apt/sources.list.d/*.sources 2> /dev/null
  } | awk -v s="$VERSION_CODENAME" '{ for (i = 2; i < NF; i++) if ($i == s) { print "deb-src " $(i - 1) " " s " main"; exit } }' > "$tmp/etc/sources.list"
  [ -s "$tmp/etc/sources.list" ] || { echo "no Debian mirror is configured"; return 1; }
  local apt=(-o "Dir::Etc::SourceList=$tmp/etc/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$tmp/lists" -o APT::Sandbox::User=root)
  ( cd "$tmp" && apt-get -qq "${apt[@]}" update && apt-get -qq "${apt[@]}" source --download-only "$name" ) > "$tmp/log" 2>&1 ||
    { echo "'apt-get source $name' failed: $(tail -n 1 "$tmp/log")"; rm -rf "$tmp"; return 1; }
  mkdir -p "$folder"
  # shellcheck disable=SC2086
  tar -xf "$tmp"/$archive -C "$folder" --strip-components=1 "${patterns[@]}" && touch "$folder/.ok" ||
    { rm -rf "$folder" "$tmp"; echo "the source package $name could not be unpacked"; return 1; }
  rm -rf "$tmp"
}

# npm_package NAME@VERSION: prints its folder, fetching it if needed; a reason, and status 1, otherwise. The version and
# the content's digest are in tests/apps/packages.
npm_package() {
  local spec=$1 want dir tgz tmp
  want=$(awk -v s="$spec" '$1 == s { print $2 }' "$ORIEL_SOURCE/tests/apps/packages")
  dir=$ORIEL_CACHE/npm/$(printf '%s' "$spec" | tr '/@' '__')
  if [ ! -f "$dir/.ok" ]; then
    command -v npm > /dev/null || { echo "npm is not installed"; return 1; }
    tmp=$(mktemp -d "$ORIEL_WORK/npm.XXXXXX")
    tgz=$(cd "$tmp" && npm pack --silent --cache "$tmp/cache" "$spec" 2> /dev/null | tail -n 1)
    if [ -z "$tgz" ] || [ ! -f "$tmp/$tgz" ]; then rm -rf "$tmp"; echo "$spec could not be fetched from the npm registry"; return 1; fi
    if [ "$(openssl dgst -sha512 -binary "$tmp/$tgz" | base64 -w0)" != "$want" ]; then
      rm -rf "$tmp"; echo "$spec: the package's content is not what it was"; return 1
    fi
    mkdir -p "$dir" && tar -xzf "$tmp/$tgz" -C "$dir" && touch "$dir/.ok" || { rm -rf "$tmp"; echo "$spec could not be unpacked into $dir"; return 1; }
    rm -rf "$tmp"
  fi
  echo "$dir/package"
}
