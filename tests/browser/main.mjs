// The list of the browser's tests: each group is a file run by a process of its own, on a city of its own, a few at a time, the
// longest first. `main.mjs WORD...` runs the tests whose name holds one of the words; `main.mjs --group FILE [PART]` runs one group here;
// `main.mjs --ux` runs what takes long: the full product of the matrix, a slow line, Lighthouse (./check ux).
import { spawn } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const looks = ['nobody', 'applicants', 'offices', 'registries', 'halls', 'administrators', 'supervisors'];
// Those that need the atlas come later: it is made while the others run.
const groups = [
  ['application.mjs'],
  ['ux_04.mjs'],
  ['journeys.mjs'],
  ['live.mjs'],
  ['ux_12.mjs'],
  ['ux_03.mjs', 'applicants'],
  ['ux_03.mjs', 'offices'],
  ['ux_24.mjs'],
  ['ux_03.mjs', 'administrators'],
  ['ux_03.mjs', 'nobody'],
  ['ux_03.mjs', 'registries'],
  ['ux_03.mjs', 'halls'],
  ['ux_03.mjs', 'supervisors'],
  ['xss.mjs'],
  ['ux_14.mjs'],
  ['lists.mjs'],
  ['find.mjs'],
  ['forms.mjs'],
  ['ux_16.mjs'],
  ['ux_17.mjs'],
  ['hall.mjs'],
  ['registry.mjs'],
  ['ux_13.mjs'],
  ['ux_01.mjs'],
  ['ux_15.mjs'],
  ['ux_25.mjs'],
  ['citizen.mjs'],
  ['mandates.mjs'],
  ['contacts.mjs'],
  ['resume.mjs'],
  ['uploads.mjs'],
  ['address.mjs'],
  ['ux_06.mjs'],
  ['colleagues.mjs'],
];
const long = [...looks.map((part) => ['ux_03.mjs', part]), ['ux_09.mjs'], ['ux_10.mjs']];

const self = new URL(import.meta.url).pathname;
const words = process.argv.slice(2);
if (words[0] === '--group') {
  process.env.PART = words[2] || '';
  const { runAll } = await import('./lib.mjs');
  await import(`./${words[1]}`);
  await runAll((process.env.WORDS || '').split('\n').filter(Boolean));
} else if (words[0] === '--atlas') await atlas();
else await all();

// Makes the atlas in a city of its own and leaves both behind, for copies.
async function atlas() {
  const { inCity } = await import('./lib.mjs');
  const { makeAtlases } = await import('./atlas.mjs');
  await inCity(async (city) => {
    writeFileSync(`${process.env.WORK}/atlas.json`, JSON.stringify(await makeAtlases()));
    await city.stop();
    cpSync(`${city.dir}/var`, `${process.env.WORK}/seen`, { recursive: true, preserveTimestamps: true });
  });
}

async function all() {
  const ux = words[0] === '--ux';
  const only = words.slice(ux ? 1 : 0);
  const env = { ...process.env, WORDS: only.join('\n'), UX: ux ? 'full' : '' };
  const waiting = ux ? [...long] : [...groups];
  const times = [];
  let passed = 0;
  let failed = 0;
  let made = null;
  const makeAtlas = () => {
    made ??= new Promise((yes) => {
      const start = Date.now();
      const p = spawn(process.execPath, [self, '--atlas'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
      p.once('close', (code) => {
        times.push([Date.now() - start, 'the atlas']);
        yes(code === 0);
      });
    });
    return made;
  };
  const group = ([file, part]) => new Promise((yes) => {
    const start = Date.now();
    const args = ['--group', file, ...(part ? [part] : [])];
    const p = spawn(process.execPath, [self, ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let out = '';
    for (const s of [p.stdout, p.stderr]) s.on('data', (d) => { out += d; });
    p.on('message', async () => p.send((await makeAtlas()) ? 'made' : 'failed'));
    p.once('close', (code) => {
      const count = out.match(/(\d+) passed, (\d+) failed\n$/);
      const [ok, bad] = count ? [Number(count[1]), Number(count[2])] : [0, 1];
      if (ok + bad) console.log(`== ${file} ${part || ''} (${Math.round((Date.now() - start) / 1000)} s)\n${count ? out.slice(0, count.index).trimEnd() : `FAIL ${file}: ended with ${code}\n${out}`}`);
      for (const m of out.matchAll(/^ok (.*) \((\d+) ms\)$/gm)) times.push([Number(m[2]), m[1]]);
      passed += ok;
      failed += bad;
      yes();
    });
  });
  const lane = async (first) => {
    await first;
    while (waiting.length) await group(waiting.shift());
  };
  const lanes = Number(process.env.LANES) || cpus().length + 1;
  const start = Date.now();
  await Promise.all(Array.from({ length: lanes }, (_, i) => lane(!i && !only.length ? makeAtlas() : null)));
  times.sort((a, b) => b[0] - a[0]);
  console.log(`== seconds, the longest first; ${Math.round((Date.now() - start) / 1000)} in all, ${lanes} at a time`);
  for (const [ms, name] of times.slice(0, 30)) console.log(`   ${(ms / 1000).toFixed(1).padStart(6)}  ${name}`);
  rmSync(`${process.env.WORK}/seen`, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}
