// A city of one's own: a copy of the demo city that `run` made (`from` is "var"), or of the one in which the atlas was made ("seen"), served on a free port, that can be stopped and started again, with `more` options.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function freePort() {
  return new Promise((yes, no) => {
    const s = createServer();
    s.once('error', no);
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => yes(port));
    });
  });
}

export async function openCity(from = 'var') {
  const dir = mkdtempSync(`${process.env.WORK}/city-`);
  cpSync(`${process.env.WORK}/${from}`, `${dir}/var`, { recursive: true, preserveTimestamps: true });
  const port = await freePort();
  const city = { base: `http://127.0.0.1:${port}`, dir };
  city.start = async () => {
    const log = openSync(`${dir}/serve.log`, 'a');
    city.server = spawn(`${root}/build/tongban`, ['serve', '--data', `${dir}/var`, '--listen', `127.0.0.1:${port}`, ...(city.more || [])], { cwd: root, stdio: ['ignore', log, log] });
    city.gone = new Promise((yes) => city.server.once('exit', (code, signal) => yes(signal || code)));
    for (let i = 0; i < 300; i++) {
      if (city.server.exitCode !== null) throw new Error(`the city ended with ${city.server.exitCode}`);
      if (await fetch(`${city.base}/zh/`).then((r) => r.ok, () => false)) return city;
      await new Promise((yes) => setTimeout(yes, 50));
    }
    throw new Error('the city does not answer');
  };
  city.stop = async (signal = 'SIGTERM') => {
    city.server.kill(signal);
    return city.gone;
  };
  city.close = async () => {
    if (city.server.exitCode === null && !city.server.signalCode) await city.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return city.start();
}

// The route table of the program under test: what there is to look at.
export async function routes() {
  const p = spawn(`${root}/build/tongban`, ['routes'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of p.stdout) text += part;
  return text.trim().split('\n').map((line) => {
    const [id, method, path, kind, power] = line.split('\t');
    return { id, method, path, kind, power, pattern: new RegExp(`^/(zh|en)${path.replace(/\{[a-z_]+\}/g, '[^/]+').replace(/\/$/, '/?')}$`) };
  });
}
