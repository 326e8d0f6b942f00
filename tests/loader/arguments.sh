# Arguments reach the program as given; stdin, stdout and the current directory are what they were.
args=$ORIEL_BUILD/obj/tests/loader/args.exe
bad=0
"$ORIEL" -- "$args" plain 'two words' '' 'quo"te' 'back\slash' 'end\' 'end space\' '\\"' '"' 'tab	tab' 'é€' '*' '%PATH%' > out || bad=1
printf '[%s]\n' plain 'two words' '' 'quo"te' 'back\slash' 'end\' 'end space\' '\\"' '"' 'tab	tab' 'é€' '*' '%PATH%' > want
tr -d '\r' < out | diff want - || bad=1
"$ORIEL" --help > out 2> err || { echo "--help fails"; bad=1; }
grep -q 'oriel' out || { echo "--help says nothing"; bad=1; }
"$ORIEL" --version > out 2> err || { echo "--version fails"; bad=1; }
grep -qE '[0-9]+\.[0-9]+' out || { echo "--version has no number"; bad=1; }
"$ORIEL" > out 2> err && { echo "no program is no error"; bad=1; }
[ -s err ] && [ ! -s out ] || { echo "no program: nothing on stderr, or something on stdout"; bad=1; }
exit $bad
