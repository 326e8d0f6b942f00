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

# run_test NAME SECONDS COMMAND...: exit status 0 passes, 77 skips (the last line of output says why)
run_test() {
  local name=$1 seconds=$2 log status
  shift 2
  wanted "$name" || return 0
  log=$(mktemp "$ORIEL_WORK/log.XXXXXX")
  mkdir -p "$ORIEL_WORK/cwd" && ( cd "$ORIEL_WORK/cwd" && timeout -k 5 "$seconds" "$@" ) > "$log" 2>&1 < /dev/null
  status=$?
  case $status in
    0) pass "$name $(grep -oE '[0-9]+ tests executed|[0-9]+ operations' "$log" | tail -n 1)";;
    77) skip "$name" "$(tail -n 1 "$log")";;
    124|137) fail "$name" "no end within $seconds s"; tail -n 15 "$log" | sed 's/^/#   /';;
    *) fail "$name" "exit status $status"; tail -n 25 "$log" | sed 's/^/#   /';;
  esac
  rm -rf "$log" "$ORIEL_WORK/cwd"
}
