// bun.exe's process layer, run by bun.exe itself: children with pipes, its own shell, messages, a kill, a thread.
import { $ } from 'bun';
const self = process.execPath;

const filter = Bun.spawn([self, '-e', 'for await (const line of console) console.log(line.toUpperCase()); process.exit(5)'], { stdin: 'pipe', stdout: 'pipe' });
filter.stdin.write('one\n');
filter.stdin.end();
console.log((await new Response(filter.stdout).text()).trim(), await filter.exited);

const args = Bun.spawnSync([self, '-e', 'console.log(process.argv.slice(1).join("|"))', 'a b', 'c"d']);
console.log(args.stdout.toString().trim(), args.exitCode);

console.log((await $`echo hello from ${'the shell'} | ${self} -e 'process.stdin.pipe(process.stdout)'`.text()).trim());

const talker = Bun.spawn([self, '-e', 'process.on("message", m => { process.send({ twice: m.n * 2 }); process.disconnect(); })'],
                         { ipc(m) { console.log(JSON.stringify(m)); }, stdio: ['ignore', 'inherit', 'inherit'] });
talker.send({ n: 21 });
console.log(await talker.exited);

const sleeper = Bun.spawn([self, '-e', 'setInterval(() => {}, 1000)']);
await Bun.sleep(100);
sleeper.kill();
await sleeper.exited;
console.log(sleeper.signalCode);

const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(6 * 7)'])));
console.log(await new Promise(next => worker.onmessage = e => next(e.data)));
worker.terminate();
