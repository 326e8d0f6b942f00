// node.exe's own process layer (libuv), used as programs use it; run by node.exe itself. Prints one line for each part that
// did what Windows' node does, and ends with an exception at the first that did not.
'use strict';
const assert = require('assert'), cp = require('child_process'), fs = require('fs'), net = require('net'), path = require('path');
const { once } = require('events');
const { Worker } = require('worker_threads');
const cluster = require('cluster');
const node = process.execPath;

async function text(stream) {
  let all = '';
  for await (const chunk of stream.setEncoding('utf8')) all += chunk;
  return all;
}

const parts = {
  // the command line, quoted as only Windows' rules make it come out again, both outputs, the exit code
  'arguments and exit code': async () => {
    const args = ['a "b" c\\', '', 'trail\\\\', '\\"', 'ä€', '*.js', 'x'.repeat(20000)];
    const r = cp.spawnSync(node, ['-e', 'console.log(JSON.stringify(process.argv.slice(1))); console.error("e"); process.exit(7)', ...args]);
    assert.strictEqual(r.status, 7);
    assert.strictEqual(r.stderr.toString(), 'e\n');
    assert.deepStrictEqual(JSON.parse(r.stdout), args);
    assert.strictEqual(cp.spawnSync(node, ['-e', 'process.exit(0xc0000005)']).status, 0xc0000005);
  },
  'environment and directory': async () => {
    fs.mkdirSync('sub');
    const r = cp.spawnSync(node, ['-p', 'process.env.Oriel_Ä + process.env.oriel_ä + path.basename(process.cwd())'],
                           { env: { ...process.env, 'Oriel_Ä': 'ü' }, cwd: 'sub', encoding: 'utf8' });
    assert.strictEqual(r.stdout, 'üüsub\n', r.stderr);
  },
  'a megabyte through pipes': async () => {
    const input = Buffer.alloc(1 << 20, 'pipe');
    const r = cp.spawnSync(node, ['-e', 'process.stdin.pipe(process.stdout)'], { input, maxBuffer: 2 << 20 });
    assert.ok(r.stdout.equals(input));
  },
  'asynchronous pipes': async () => {
    const c = cp.spawn(node, ['-e', 'process.stdin.on("data", d => process.stdout.write(String(d).toUpperCase()))']);
    c.stdin.write('one ');
    assert.strictEqual(String((await once(c.stdout, 'data'))[0]), 'ONE ');
    c.stdin.end('two');
    assert.strictEqual(await text(c.stdout), 'TWO');
  },
  'file descriptor 3': async () => {
    const c = cp.spawn(node, ['-e', 'fs.writeSync(3, "three")'], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    assert.strictEqual(await text(c.stdio[3]), 'three');
  },
  'a file as output': async () => {
    const out = fs.openSync('out.txt', 'w');
    assert.strictEqual(cp.spawnSync(node, ['-p', '6 * 7'], { stdio: ['ignore', out, 'inherit'] }).status, 0);
    fs.closeSync(out);
    assert.strictEqual(fs.readFileSync('out.txt', 'utf8'), '42\n');
  },
  'kill': async () => {
    const c = cp.spawn(node, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
    await once(c.stdout, 'data');
    assert.ok(process.kill(c.pid, 0));
    assert.ok(c.kill());
    assert.deepStrictEqual(await once(c, 'exit'), [null, 'SIGTERM']);
    assert.throws(() => process.kill(c.pid, 0), { code: 'ESRCH' });
    assert.strictEqual(cp.spawnSync(node, ['-e', 'setInterval(() => {}, 1000)'], { timeout: 300 }).error.code, 'ETIMEDOUT');
  },
  'a program that is not there': async () => {
    const [error] = await once(cp.spawn('no such program.exe'), 'error');
    assert.strictEqual(error.code, 'ENOENT');
  },
  'messages': async () => {
    const c = cp.fork(__filename, ['child'], { serialization: 'advanced' });
    c.send(new Map([['big', 'x'.repeat(300000)], ['number', 2n ** 70n]]));
    const [answer] = await once(c, 'message');
    assert.strictEqual(answer.get('big').length, 300001);
    assert.strictEqual(answer.get('number'), 2n ** 70n + 1n);
    c.disconnect();
    assert.deepStrictEqual(await once(c, 'exit'), [0, null]);
  },
  // libuv puts them into a job that ends with its last handle
  'children end with their parent': async () => {
    const forever = 'setInterval(() => {}, 1000)';
    const code = `const c = require('child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'ignore' }); console.log(c.pid); ${forever}`;
    const c = cp.spawn(node, ['-e', code]);
    const id = Number((await once(c.stdout, 'data'))[0]);
    assert.ok(process.kill(id, 0));
    c.kill('SIGKILL');
    await once(c, 'exit');
    for (let i = 0; ; i++) {
      try { process.kill(id, 0); } catch (error) { assert.strictEqual(error.code, 'ESRCH'); break; }
      assert.ok(i < 200, 'the grandchild lives on');
      await new Promise(next => setTimeout(next, 25));
    }
  },
  'a listening socket from a child': async () => {
    const c = cp.fork(__filename, ['listener']);
    const [, server] = await once(c, 'message');
    server.on('connection', s => s.end('here'));
    c.disconnect();
    await once(c, 'exit');
    assert.strictEqual(await text(net.connect(server.address().port, '127.0.0.1')), 'here');
    server.close();
  },
  'a named pipe': async () => {
    const name = `\\\\.\\pipe\\oriel-apps-${process.pid}`;
    const server = net.createServer(c => c.on('data', d => c.end([...String(d)].reverse().join('')))).listen(name);
    await once(server, 'listening');
    const client = cp.spawn(node, ['-e', `net.connect(${JSON.stringify(name)}).on('data', d => console.log(String(d))).end('abc')`]);
    assert.strictEqual(await text(client.stdout), 'cba\n');
    server.close();
  },
  'threads with shared memory': async () => {
    const shared = new SharedArrayBuffer(8), count = new Int32Array(shared);
    const code = `const a = new Int32Array(require('worker_threads').workerData); for (let i = 0; i < 50000; i++) Atomics.add(a, 0, 1);`;
    await Promise.all([1, 2, 3, 4].map(() => once(new Worker(code, { eval: true, workerData: shared }), 'exit')));
    assert.strictEqual(count[0], 200000);
  },
  'clusters of three': async () => {
    // rr: the first process accepts and hands the sockets on; none: all share the listening socket
    for (const policy of ['rr', 'none']) {
      const r = cp.spawnSync(node, [__filename, 'cluster'], { env: { ...process.env, NODE_CLUSTER_SCHED_POLICY: policy }, encoding: 'utf8' });
      assert.strictEqual(r.status, 0, r.stderr);
      const { seen, workers } = JSON.parse(r.stdout);
      assert.strictEqual(seen.length, 9);
      assert.ok(seen.every(id => workers.includes(id)));
      if (policy === 'rr') assert.strictEqual(new Set(seen).size, 3);
    }
  },
  'a detached child lives on': async () => {
    const wait = 'const t = setInterval(() => { if (fs.existsSync("go.txt")) { clearInterval(t); fs.writeFileSync("late.txt", "x"); } }, 20)';
    const code = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(wait)}], { detached: true, stdio: 'ignore' }).unref()`;
    assert.strictEqual(cp.spawnSync(node, ['-e', code]).status, 0);
    fs.writeFileSync('go.txt', '');
    for (let i = 0; i < 200 && !fs.existsSync('late.txt'); i++) await new Promise(next => setTimeout(next, 50));
    assert.ok(fs.existsSync('late.txt'));
  },
};

async function clusterOfThree() {
  if (cluster.isWorker) return net.createServer(c => c.end(String(process.pid))).listen(0, '127.0.0.1');
  const workers = [1, 2, 3].map(() => cluster.fork());
  const [[address]] = await Promise.all(workers.map(w => once(w, 'listening')));
  const seen = [];
  for (let i = 0; i < 9; i++) seen.push(await text(net.connect(address.port, '127.0.0.1')));
  cluster.disconnect();
  for (const [code] of await Promise.all(workers.map(w => once(w, 'exit')))) assert.strictEqual(code, 0);
  console.log(JSON.stringify({ seen, workers: workers.map(w => String(w.process.pid)) }));
}

async function main() {
  for (const [name, part] of Object.entries(parts)) {
    await part();
    console.log(name);
  }
}

if (process.argv[2] === 'child')
  process.once('message', m => process.send(new Map([['big', m.get('big') + 'y'], ['number', m.get('number') + 1n]])));
else if (process.argv[2] === 'listener') {
  const server = net.createServer().listen(0, '127.0.0.1', () => process.send('listening', server));
  process.once('disconnect', () => process.exit());
} else if (process.argv[2] === 'cluster')
  clusterOfThree();
else
  main().catch(error => { console.error(error); process.exit(1); });
