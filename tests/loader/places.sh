# Works as another user, without HOME, on a read-only root, without /dev/shm and under a memory limit: a small program,
# and two large ones where their packages (tests/apps) can be had.
. "$ORIEL_SOURCE/tests/lib.sh"
hello=$ORIEL_BUILD/obj/examples/hello.exe
bad=0

# A folder that others can read: the build tree may lie where they cannot.
dir=$(mktemp -d "${TMPDIR:-/tmp}/oriel-places.XXXXXX")
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cp "$ORIEL" "$hello" "$dir/" && cp -r "$ORIEL_BUILD/x86_64-windows" "$dir/" || exit 1
if package=$(npm_package @vscode/ripgrep-win32-x64@1.18.0); then cp "$package/bin/rg.exe" "$dir/"; else echo "without rg.exe: $package"; fi
if package=$(npm_package @esbuild/win32-x64@0.28.2); then cp "$package/esbuild.exe" "$dir/"; else echo "without esbuild.exe: $package"; fi
printf 'one\nneedle two\nthree needles\n' > "$dir/text.txt"
printf 'export const answer = 6 * 7;\n' > "$dir/lib.mjs"
printf 'import { answer } from "./lib.mjs";\nconsole.log(answer);\n' > "$dir/main.mjs"
chmod -R a+rX "$dir"

# says WHAT EXPECTED COMMAND...
says() {
  local what=$1 want=$2 got
  shift 2
  got=$(timeout 60 "$@" 2> err | tr -d '\r')
  [ "$got" = "$want" ] || { echo "$what: '$got' $(head -n 2 err)"; bad=1; }
}
# everywhere WHAT COMMAND...: COMMAND runs what follows it, somehow
everywhere() {
  local what=$1
  shift
  says "hello.exe $what" 'hello, world' "$@" "$dir/oriel" "$dir/hello.exe"
  [ ! -f "$dir/rg.exe" ] || says "rg.exe $what" '2' "$@" "$dir/oriel" "$dir/rg.exe" --no-config --mmap --color never -c needle "$dir/text.txt"
  [ ! -f "$dir/esbuild.exe" ] || [ "$what" = "under ulimit -v 8 GiB" ] ||
    says "esbuild.exe $what" '(() => {
  // lib.mjs
  var answer = 6 * 7;

  // main.mjs
  console.log(answer);
})();' "$@" bash -c 'cd "$1" && exec ./oriel esbuild.exe main.mjs --bundle --log-level=warning' - "$dir"
}

everywhere 'as it is'
everywhere 'without HOME' env -u HOME
everywhere 'with an empty environment' env -i PATH=/usr/bin:/bin
# a Go program reserves more than that for its heap before it begins
everywhere 'under ulimit -v 8 GiB' bash -c 'ulimit -v 8388608; exec "$@"' -
if [ "$(id -u)" = 0 ]; then
  nobody='setpriv --reuid=65534 --regid=65534 --clear-groups env -u HOME'
  everywhere 'as nobody' $nobody
  # mount namespaces of their own
  if unshare -m true 2> /dev/null; then
    readonly_root='mount --rbind / /mnt && mount -o remount,ro,bind /mnt && exec chroot /mnt "$@"'
    if unshare -m bash -c 'mount --rbind / /mnt && mount -o remount,ro,bind /mnt && ! touch /mnt/oriel-test 2> /dev/null'; then
      everywhere 'on a read-only root' unshare -m bash -c "$readonly_root" -
      everywhere 'on a read-only root, as nobody' unshare -m bash -c "$readonly_root" - $nobody
    else echo 'without a read-only root: it cannot be had here'; fi
    everywhere 'without /dev/shm' unshare -m bash -c 'umount -l /dev/shm 2> /dev/null; exec "$@"' -
    everywhere 'without /dev/shm, as nobody' unshare -m bash -c 'umount -l /dev/shm 2> /dev/null; exec "$@"' - $nobody
  else echo 'without mount namespaces: they cannot be had here'; fi
fi
exit $bad
