#!/bin/bash
# tests/unit/clauses.sh: every promise in doc/coverage-processes.md has a test, and every test named there exists.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
table=$source/doc/coverage-processes.md
tests=$source/tests
bad=0 promises=0
complain() { echo "$1: $2"; bad=1; }

# exists SUITE:SUBJECT [FUNCTION]
exists() {
  local suite=${1%%:*} subject=${1#*:}
  case $suite in
    loader) [ -f "$tests/loader/$subject.sh" ];;
    unit) [ -f "$tests/unit/$subject.c" ] || [ -f "$tests/unit/$subject.sh" ];;
    wine) grep -q "^$subject " "$tests/wine/suites";;
    apps) grep -q "^$subject()" "$tests"/apps/run "$tests"/apps/*.sh;;
    *) grep -qE "^(static [A-Za-z0-9_ ]+ )?$2\(" "$tests/$suite/$subject.c" 2> /dev/null;;
  esac
}

while IFS='|' read -r _ promise _ places _; do
  promise=${promise// /}
  promises=$((promises + 1))
  [ -n "${places// /}" ] || complain "$promise" "no test"
  IFS=, read -ra list <<< "$places"
  for place in "${list[@]}"; do
    read -r file function <<< "$place"
    exists "$file" "${function:-}" || complain "$promise" "there is no $file ${function:-}"
  done
done < <(grep '^| P[0-9]' "$table")
[ $promises -gt 0 ] || complain "$table" "no promises"
exit $bad
