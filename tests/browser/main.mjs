// The list of the browser's tests: each group is a file run by a process of its own, on a city of its own, a few at a time, the
// longest first. `main.mjs WORD...` runs the tests whose name holds one of the words; `main.mjs --group FILE [PART]` runs one group here.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

const groups = [
  ['ux_12.mjs'],
  ['application.mjs'],
  ['ux_03.mjs', 'applicants'],
  ['ux_03.mjs', 'offices'],
  ['ux_04.mjs'],
  ['live.mjs'],
  ['lists.mjs'],
  ['journeys.mjs'],
  ['ux_03.mjs', 'nobody'],
  ['ux_03.mjs', 'administrators'],
  ['ux_03.mjs', 'registries'],
  ['ux_03.mjs', 'halls'],
  ['hall.mjs'],
  ['ux_16.mjs'],
  ['registry.mjs'],
  ['ux_24.mjs'],
  ['ux_17.mjs'],
  ['ux_13.mjs'],
  ['ux_14.mjs'],
  ['ux_01.mjs'],
  ['ux_22.mjs'],
  ['forms.mjs'],
  ['citizen.mjs'],
  ['contacts.mjs'],
  ['colleagues.mjs'],
];

const words = process.argv.slice(2);
if (words[0] === '--group') {
  process.env.PART = words[2] || '';
  const { runAll } = await import('./lib.mjs');
  await import(`./${words[1]}`);
  await runAll((process.env.WORDS || '').split('\n').filter(Boolean));
} else {
  let passed = 0;
  let failed = 0;
  const waiting = [...groups];
  const group = ([file, part]) => new Promise((yes) => {
    const start = Date.now();
    const args = ['--group', file, ...(part ? [part] : [])];
    const p = spawn(process.execPath, [new URL(import.meta.url).pathname, ...args], { env: { ...process.env, WORDS: words.join('\n') } });
    let out = '';
    for (const s of [p.stdout, p.stderr]) s.on('data', (d) => { out += d; });
    p.once('close', (code) => {
      const count = out.match(/(\d+) passed, (\d+) failed\n$/);
      const [ok, bad] = count ? [Number(count[1]), Number(count[2])] : [0, 1];
      if (ok + bad) console.log(`== ${file} ${part || ''} (${Math.round((Date.now() - start) / 1000)} s)\n${count ? out.slice(0, count.index).trimEnd() : `FAIL ${file}: ended with ${code}\n${out}`}`);
      passed += ok;
      failed += bad;
      yes();
    });
  });
  const lane = async () => {
    while (waiting.length) await group(waiting.shift());
  };
  await Promise.all(Array.from({ length: Number(process.env.LANES) || cpus().length + 1 }, lane));
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}
