#!/bin/bash
# tests/unit/rules.sh: holds doc/coverage.md against the sources of our suites.
#
#   rules.sh            the table must be true, and every rule must have a check; this is the test
#   rules.sh --update   writes where each rule is checked, and how often, into the table
#
# Rules are the rows "| SECTION-NUMBER | what | where | checks |" of doc/coverage.md. A comment with "§SECTION-NUMBER"
# in tests/kernelbase, tests/ntdll or tests/loader says that the checks from its line on are of that rule: up to the next such comment
# or an empty line; before a function's first line, all of the function's checks that have no other. Counted are the
# calls of checking macros in the source, and the rows of tables in braces.
set -u
source=${ORIEL_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
table=$source/doc/coverage.md
tmp=$(mktemp -d "${TMPDIR:-/tmp}/oriel-rules.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT

# prints "rule place count" for all marks
marks() {
  cd "$source/tests" && LC_ALL=C awk '
    function add(list, n,   i, count, ids)
    {
      count = split(list, ids, " ")
      for (i = 1; i <= count; i++) { sum[ids[i] SUBSEP place] += n; if (!((ids[i] SUBSEP place) in seen)) { seen[ids[i] SUBSEP place] = 1; order[++total] = ids[i] SUBSEP place } }
    }
    function rules_of(text,   list)
    {
      list = ""
      while (match(text, /\302\247[0-9]+(\.[0-9]+)?-[0-9]+/))
      {
        list = list " " substr(text, RSTART + 2, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
      }
      return list
    }
    FNR == 1 { suite = FILENAME; sub(/\.c$/, "", suite); sub(/\//, ":", suite); place = suite; base = now = pending = ""; inside = 0 }
    {
      list = rules_of($0)
      # a function begins; tables before it belong to no function
      if (/^[A-Za-z].*\)$/ && !/;/) { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
        if (/^START_TEST/) name = "START_TEST"
        place = suite " " name; base = pending; now = ""; pending = "" }
      if (/^{/) inside = 1
      if (/^}/) { inside = 0; base = now = "" }
      if (/^$/) now = ""
      if (list != "") { if (!inside && /^(\/\*| \*)/) pending = pending list; else now = list; add(list, 0) }
      if (/^#define/ || /^[ ]*\/\*.*\*\/$/) next
      line = $0
      sub(/\/\*.*/, "", line)
      gsub(/"[^"]*"/, "", line)
      n = gsub(/(^|[^A-Za-z0-9_])(ok|ok_|works|fails|returns|refused|raises|ok_status2?|is_placeholder|check_[a-z_]+|BEND)\(/, "", line)
      if (!n && line ~ /^ *\{ /) n = gsub(/\{ /, "", line)
      if (n) add(now != "" ? now : base, n)
    }
    END { for (i = 1; i <= total; i++) { split(order[i], part, SUBSEP); if (part[1] != "") print part[1] "\t" part[2] "\t" sum[order[i]] } }
  ' kernelbase/*.c ntdll/*.c loader/*.c
}

marks > "$tmp/marks" || exit 2
awk -F '\t' '
  NR == FNR { if ($3 > 0) { where[$1] = where[$1] (where[$1] == "" ? "" : ", ") $2; count[$1] += $3 } marked[$1] = $2; next }
  {
    if (match($0, /^\| [0-9]+(\.[0-9]+)?-[0-9]+ \|/))
    {
      split($0, field, / \| /)
      rule = substr(field[1], 3)
      known[rule] = 1
      if (!count[rule]) { print "rule " rule " has no check" > "/dev/stderr" }
      print "| " rule " | " field[2] " | " where[rule] " | " count[rule] + 0 " |"
    }
    else print
  }
  END { for (rule in marked) if (!(rule in known)) print marked[rule] " checks rule " rule ", which is not in doc/coverage.md" > "/dev/stderr" }
' "$tmp/marks" "$table" > "$tmp/table" 2> "$tmp/errors"

if [ "${1:-}" = --update ]; then
  cp "$tmp/table" "$table"
elif ! cmp -s "$tmp/table" "$table"; then
  echo "doc/coverage.md does not say what the suites check: run tests/unit/rules.sh --update" >> "$tmp/errors"
  diff "$table" "$tmp/table" | head -n 20 >> "$tmp/errors"
fi
cat "$tmp/errors"
echo "$(grep -cE '^\| [0-9]+(\.[0-9]+)?-[0-9]+ \|' "$table") rules"
[ ! -s "$tmp/errors" ]
