# prepare WHO: what ./quickstart and ./check need before they build: packages, Wine's headers, a
# configured build/. Says what it does. Sourced, by bash, in the top folder.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo > /dev/null; then sudo "$@"; else
  echo "$who: need root to install packages: run as root, or install sudo; packages: $missing" >&2; return 1; fi; }

prepare() {
  who=$1
  missing=
  command -v gcc > /dev/null || missing="$missing gcc libc6-dev"
  command -v make > /dev/null || missing="$missing make"
  command -v autoreconf > /dev/null || missing="$missing autoconf"
  command -v automake > /dev/null || missing="$missing automake"
  command -v x86_64-w64-mingw32-gcc > /dev/null || missing="$missing gcc-mingw-w64-x86-64-win32 mingw-w64-x86-64-dev"
  command -v pkg-config > /dev/null || missing="$missing pkg-config"
  command -v xz > /dev/null || missing="$missing xz-utils"
  [ -f /usr/include/stdio.h ] || missing="$missing libc6-dev"
  if [ "$who" = check ]; then
    # the rings' tools; a ring whose tool cannot be had is skipped by name
    command -v npm > /dev/null || missing_optional="npm"
    command -v strace > /dev/null || missing_optional="${missing_optional:-} strace"
    command -v tclsh > /dev/null || missing_optional="${missing_optional:-} tcl"
  fi
  export DEBIAN_FRONTEND=noninteractive
  if [ -n "$missing${missing_optional:-}" ]; then
    echo "$who: installing:$missing ${missing_optional:-}" >&2
    as_root apt-get -qq update || return 1
    if [ -n "$missing" ]; then
      as_root apt-get -qq install -y --no-install-recommends $missing > /tmp/oriel-apt.$$ 2>&1 ||
        { tail -n 20 /tmp/oriel-apt.$$ >&2; rm -f /tmp/oriel-apt.$$; echo "$who: could not install:$missing" >&2; return 1; }
    fi
    for p in ${missing_optional:-}; do
      as_root apt-get -qq install -y --no-install-recommends $p > /tmp/oriel-apt.$$ 2>&1 ||
        echo "$who: $p could not be installed; what needs it will be skipped" >&2
    done
    rm -f /tmp/oriel-apt.$$
  fi
  mkdir -p build
  if [ ! -f build/wine-headers/usr/include/wine/wine/windows/winternl.h ] && [ ! -f /usr/include/wine/wine/windows/winternl.h ]; then
    sh tools/get-wine-headers build/wine-headers || { as_root apt-get -qq update && sh tools/get-wine-headers build/wine-headers; } || return 1
  fi
  if [ ! -f configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
    echo "$who: autoreconf" >&2
    autoreconf -fi > build/autoreconf.log 2>&1 || { tail -n 20 build/autoreconf.log >&2; return 1; }
  fi
  if [ ! -f build/Makefile ] || [ configure -nt build/Makefile ]; then
    echo "$who: configuring in build/" >&2
    ( cd build && ../configure -q > configure.log 2>&1 ) || { tail -n 20 build/configure.log >&2; return 1; }
  fi
}
