# Our DLLs have places of their own, so that none has to be relocated when programs start.
bad=0 last_end=0 last_name=
number() { od -An -t"$3" -j"$2" -N"${3#u}" "$1" | tr -d ' '; }
for dll in "$ORIEL_BUILD"/x86_64-windows/*.dll; do
  pe=$(number "$dll" 60 u4)
  base=$(number "$dll" $((pe + 48)) u8) size=$(number "$dll" $((pe + 80)) u4)
  echo "$base $((base + size)) ${dll##*/}"
done | LC_ALL=C sort -n > bases
while read -r base end name; do
  [ "$base" -ge "$last_end" ] || { printf '%s (0x%x-0x%x) overlaps %s (which ends at 0x%x)\n' "$name" "$base" "$end" "$last_name" "$last_end"; bad=1; }
  last_end=$end last_name=$name
done < bases
[ -n "$last_name" ] || { echo "no DLLs"; bad=1; }
exit $bad
