// deno.exe's process layer, run by deno.exe itself: children with pipes, a kill, several at once, a thread with shared memory.
const self = Deno.execPath();
const run = (code: string, options: Deno.CommandOptions = {}) => new Deno.Command(self, { args: ['eval', code, 'a b', 'c"d'], ...options });
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();

const r = await run('console.log(Deno.args.join("|")); console.error("e"); Deno.exit(7)').output();
console.log(r.code, decode(r.stdout), decode(r.stderr));

const c = run('await Deno.stdin.readable.pipeTo(Deno.stdout.writable)', { stdin: 'piped', stdout: 'piped' }).spawn();
const echoed = c.output();
const w = c.stdin.getWriter();
for (let i = 0; i < 64; i++) await w.write(new Uint8Array(16384).fill(i));
await w.close();
const out = await echoed;
console.log(out.success, out.stdout.length, out.stdout[out.stdout.length - 1]);

const k = run('setInterval(() => {}, 1000)').spawn();
await new Promise(next => setTimeout(next, 100));
k.kill();
console.log((await k.status).success);

const all = await Promise.all([1, 2, 3, 4].map(n => run(`console.log(${n} * ${n})`).output()));
console.log(all.map(o => decode(o.stdout)).join(' '));

const worker = new Worker('data:text/javascript,' + encodeURIComponent('onmessage = e => { Atomics.add(e.data, 0, 41); postMessage(1) }'), { type: 'module' });
const shared = new Int32Array(new SharedArrayBuffer(4));
shared[0] = 1;
worker.postMessage(shared);
await new Promise(next => worker.onmessage = next);
console.log(shared[0]);
worker.terminate();
try { new Deno.Command('no such program').outputSync(); } catch (e) { console.log(e.name); }
