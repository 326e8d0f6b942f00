# Exit statuses and crash reports as the shell sees them (doc/oriel.1, "EXIT STATUS").
crash=$ORIEL_BUILD/obj/tests/loader/crash.exe
bad=0
# status WANTED PATTERN ARGUMENTS...: stdout must stay empty, stderr must match PATTERN ('' = be empty)
status() {
  local want=$1 pattern=$2
  shift 2
  "$ORIEL" "$crash" "$@" > out 2> err
  local got=$?
  [ $got = "$want" ] || { echo "crash.exe $*: exit status $got, not $want"; bad=1; }
  [ -s out ] && { echo "crash.exe $*: something on stdout"; bad=1; }
  if [ -n "$pattern" ]; then grep -qE "$pattern" err || { echo "crash.exe $*: no '$pattern' in: $(head -n 3 err)"; bad=1; }
  elif [ -s err ]; then echo "crash.exe $*: unexpected on stderr: $(head -n 1 err)"; bad=1; fi
}
status 139 '0xc0000005 .*at crash.exe\+0x[0-9a-f]+' null
status 136 '0xc0000094 .*at crash.exe\+0x' divide
status 132 '0xc000001d .*at crash.exe\+0x' illegal
status 133 '0x80000003 .*at crash.exe\+0x' breakpoint
status 134 '0xe0001234' raise
status 139 '0xc00000fd' stack
status 3 'terminate it in an unusual way' abort
status 0 '' exit 0
status 44 '' exit 300
status 1 '' exit 256
status 1 '' exit 0x80000000
status 44 '' return 300
status 255 '' exit -1
exit $bad
