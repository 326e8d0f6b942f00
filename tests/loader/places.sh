# Works as another user, without HOME, on a read-only root, without /dev/shm and under a memory limit.
hello=$ORIEL_BUILD/obj/examples/hello.exe
bad=0
says() {
  local what=$1 got
  shift
  got=$("$@" 2> err | tr -d '\r')
  [ "$got" = "hello, world" ] || { echo "$what: '$got' $(head -n 2 err)"; bad=1; }
}
says 'as it is' "$ORIEL" "$hello"
says 'without HOME' env -u HOME "$ORIEL" "$hello"
says 'with an empty environment' env -i "$ORIEL" "$hello"
says 'under ulimit -v 8 GiB' bash -c 'ulimit -v 8388608; exec "$0" "$1"' "$ORIEL" "$hello"
if [ "$(id -u)" = 0 ]; then
  # readable for nobody: a copy, since a build tree may lie in a folder that is closed to others
  dir=$(mktemp -d /tmp/oriel-places.XXXXXX)
  chmod 755 "$dir"
  cp "$ORIEL" "$hello" "$dir/" && cp -r "$ORIEL_BUILD/x86_64-windows" "$dir/"
  says 'as nobody' setpriv --reuid=65534 --regid=65534 --clear-groups env -u HOME "$dir/oriel" "$dir/hello.exe"
  # a mount namespace of its own: read-only root, no /dev/shm
  if unshare -m true 2> /dev/null; then
    says 'on a read-only root' unshare -m bash -c 'mount -o remount,ro,bind / 2> /dev/null || mount --bind / / && mount -o remount,ro,bind /; exec "$0" "$1"' "$dir/oriel" "$dir/hello.exe"
    says 'without /dev/shm' unshare -m bash -c 'umount -l /dev/shm 2> /dev/null; exec "$0" "$1"' "$dir/oriel" "$dir/hello.exe"
  fi
  rm -rf "$dir"
fi
exit $bad
