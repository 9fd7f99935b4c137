// http_peer: what node makes of requests, for t21_http.py: its HTTP parser (llhttp, strict), URL (WHATWG) and forms (undici). In: for each input a letter
// (R: bytes of a connection; F: a form, its content type to the first line end, then the body), its length (four bytes, the lowest first) and its
// bytes. Out: a line of JSON each; texts are of bytes (latin1).
import { readFileSync } from 'node:fs';

const { HTTPParser, methods } = process.binding('http_parser');
const latin = (b) => Buffer.from(b).toString('latin1');

function requests(bytes) {
  const found = [];
  let now = null;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, 1 << 20, 0);
  const begin = () => { now ??= { headers: [], url: '', body: '' }; return now; };
  parser[HTTPParser.kOnMessageBegin | 0] = () => { now = null; begin(); };
  parser[HTTPParser.kOnHeaders | 0] = (headers, url) => { begin().headers.push(...headers); now.url += url; };
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, headers, method, url, code, message, upgrade, alive) => {
    Object.assign(begin(), { version: minor, method: methods[method], url: now.url + (url || ''), alive, upgrade });
    if (headers) now.headers.push(...headers);
    return 0;
  };
  parser[HTTPParser.kOnBody | 0] = (b, at, n) => { begin().body += latin(at === undefined ? b : b.subarray(at, at + n)); };
  parser[HTTPParser.kOnMessageComplete | 0] = () => { found.push(now); now = null; };
  const done = parser.execute(bytes);
  const wrong = done instanceof Error ? done.code : null;
  parser.close?.();
  for (const r of found) {
    try {
      const u = new URL(r.url, 'http://a.example');
      r.path = latin(Buffer.from(decodeURIComponent(u.pathname)));
      r.host = u.host;
      r.query = [...u.searchParams].map((p) => p.map((t) => latin(Buffer.from(t))));
    } catch (e) {
      r.path = null;
    }
  }
  return { found, wrong };
}

async function form(bytes) {
  const at = bytes.indexOf(10);
  try {
    const data = await new Response(bytes.subarray(at + 1), { headers: { 'content-type': latin(bytes.subarray(0, at)) } }).formData();
    const parts = [];
    for (const [name, value] of data) parts.push(typeof value === 'string' ? [latin(Buffer.from(name)), latin(Buffer.from(value))] : [latin(Buffer.from(name)), latin(Buffer.from(value.name)), latin(await value.arrayBuffer())]);
    return { parts };
  } catch {
    return { parts: null };
  }
}

const all = readFileSync(0);
for (let at = 0; at < all.length;) {
  const n = all.readUInt32LE(at + 1);
  const input = all.subarray(at + 5, at + 5 + n);
  console.log(JSON.stringify(all[at] === 82 ? requests(input) : await form(input)));
  at += 5 + n;
}
