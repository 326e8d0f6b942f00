# Sourced by tests/apps/run: two databases that live on mapped files, from the distribution's source packages, built with
# plain mingw-w64 as Windows programs; they know nothing of Oriel.

# database NAME SECONDS FUNCTION: in a new folder; its status decides
database() {
  local name=apps:$1 status
  wanted "$name" || return 0
  mkdir -p "$work/$1"
  ( cd "$work/$1" && export -f "$3" oriel die source_package sqlite_build && export work here && timeout -k 5 "$2" bash -c "set -u; $3" ) > "$work/log" 2>&1 < /dev/null
  status=$?
  case $status in
    0) pass "$name";;
    77) skip "$name" "$(tail -n 1 "$work/log")";;
    124|137) fail "$name" "no end within $2 s"; tail -n 25 "$work/log" | sed 's/^/#   /';;
    *) fail "$name" "exit status $status"; tail -n 25 "$work/log" | sed 's/^/#   /';;
  esac
  rm -rf "${work:?}/$1"
}

# ---- LMDB: its own tests ---------------------------------------------------------------------------------------------------
lmdb() {
  local src=$ORIEL_CACHE/lmdb-source t
  source_package lmdb "$src" 'lmdb_*.orig.tar.*' || exit 77
  src=$src/libraries/liblmdb
  for t in mtest mtest2 mtest3 mtest4 mtest5; do
    "${MINGW_CC:-x86_64-w64-mingw32-gcc}" -O1 -w -I"$src" "$src/$t.c" "$src/mdb.c" "$src/midl.c" -o $t.exe -lntdll || die "$t does not build"
    rm -rf testdb
    mkdir testdb
    oriel ./$t.exe > $t.out 2>&1 || { tail -n 5 $t.out; die "$t.exe failed"; }
    [ "$(wc -l < $t.out)" -gt 10 ] || die "$t.exe printed next to nothing"
    [ -s testdb/data.mdb ] && [ -s testdb/lock.mdb ] || die "$t.exe left no database"
  done
}

# ---- SQLite: its benchmark, which verifies what it reads, and processes that share a database ----------------------------------

# sqlite_build SOURCE OUTPUT: SOURCE and the library to OUTPUT, in $work/sqlite-build, made once
sqlite_build() {
  local src=$ORIEL_CACHE/sqlite-source dir=$work/sqlite-build
  command -v tclsh > /dev/null || { echo "tclsh, with which SQLite's source is put together, is not here"; exit 77; }
  source_package sqlite3 "$src" 'sqlite3_*.orig.tar.xz' || exit 77
  mkdir -p "$dir"
  if [ ! -f "$dir/sqlite3.o" ]; then
    ( cd "$dir" && "$src/configure" --disable-tcl --disable-readline --disable-load-extension && make sqlite3.c ) > "$dir/log" 2>&1 ||
      { tail -n 5 "$dir/log"; die "SQLite's source could not be put together"; }
    "${MINGW_CC:-x86_64-w64-mingw32-gcc}" -O1 -w -c "$dir/sqlite3.c" -o "$dir/sqlite3.o" || die "SQLite does not build"
  fi
  case $1 in /*) ;; *) set -- "$src/$1" "$2";; esac
  "${MINGW_CC:-x86_64-w64-mingw32-gcc}" -O1 -w -I"$dir" "$1" "$dir/sqlite3.o" -o "$2" || die "$1 does not build"
}

sqlite() {
  sqlite_build test/speedtest1.c speedtest1.exe
  # what is read from memory is what must be read from a file with a write-ahead log, mapped
  oriel ./speedtest1.exe --verify --size 20 :memory: > memory.out || die "speedtest1.exe failed in memory"
  oriel ./speedtest1.exe --verify --size 20 --journal wal --mmap 268435456 file.db > file.out || die "speedtest1.exe failed on a file"
  grep '^Verification Hash' memory.out > want || die "no hash: $(tail -n 1 memory.out)"
  grep '^Verification Hash' file.out | diff want - || die "the file is not read as the memory is"
  [ "$(stat -c %s file.db)" -gt 100000 ] || die "the database is too small to be one"
}

# four processes write to and read from one database for 20 seconds
sqlite_processes() {
  local i total=0 n pids=
  sqlite_build "$here/wal.c" wal.exe
  oriel ./wal.exe shared.db create || die "the database could not be made"
  for i in 1 2 3 4; do
    oriel ./wal.exe shared.db $i 20 > $i.out 2> $i.err &
    pids="${pids:-} $!"
  done
  # each by its id: "wait -n" says 127 when two ended at once
  for i in $pids; do wait "$i" || { n=$?; cat ./*.err; die "one of the processes ended with status $n"; }; done
  for i in 1 2 3 4; do
    n=$(tr -d '\r' < $i.out)
    [ "${n:-0}" -gt 0 ] || die "process $i wrote nothing"
    total=$((total + n))
  done
  oriel ./wal.exe shared.db check $total || die "the database is damaged"
  echo "$total transactions"
}

database lmdb 120 lmdb
database sqlite 300 sqlite
database sqlite-processes 300 sqlite_processes
rm -rf "${work:?}/sqlite-build"
