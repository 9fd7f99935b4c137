// T30: what people write stays words, wherever it is shown. Payloads for every place that a page has (text, attribute, address, script, style, JSON,
// templates, spreadsheets) are typed into the fields of the demo city's forms, refused and accepted; then each role looks at its pages. Three judges: the browser's
// parser (nothing on a page but what our templates make), the browser under our CSP (no violation, no complaint), and the browser without it
// (no script runs). Whatever is typed has a mark, xq7q, which tells the field; what was typed must be seen, or nothing was judged.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { atlases, base, browser, check, inSeenCity, none, person, refuses, renew, test } from './lib.mjs';
import { routes } from './city.mjs';
import { watch } from './look.mjs';
import { agree, fillAndSubmit, restaurant } from './steps.mjs';

inSeenCity();

// ---- what is typed ----

const run = 'alert(1)';
const payloads = {
  text: [`<img src=x onerror=${run}>`, `<script>${run}</script>`, `</textarea><svg onload=${run}>`, `</title><script>${run}</script>`, `--><img src=x onerror=${run}>`],
  attribute: [`" autofocus onfocus=${run} x="`, `' autofocus onfocus=${run} x='`, `"><img src=x onerror=${run}>`, `x onmouseover=${run}`],
  address: [`javascript:${run}`, `data:text/html,<script>${run}</script>`, '//evil.example/x'],
  script: [`';${run}//`, `"-${run}-"`, `</script><script>${run}</script>`, `\\u0027;${run}//`],
  style: ['}*{background:url(//evil.example/x)}', `</style><script>${run}</script>`, '*/}body{display:none}/*'],
  json: ['"}],"x":[{"y":"', `\\u003cimg src=x onerror=${run}\\u003e`, ']}<!--<script>'],
  template: ['{{{title}}}{detail}{{/x}}', '%s%n{0}${1}'],
  twice: [`&lt;img src=x onerror=${run}&gt;`, `%3Cimg src=x onerror=${run}%3E`, `＜img src=x onerror=${run}＞`],
};
const cells = [`=HYPERLINK("http://evil.example")`, '@SUM(1)', '+1+1', '-1-1']; // what a spreadsheet would reckon: such a text begins with it
const all = Object.values(payloads).flat();
const lost = []; // forms of the journeys that were refused
const fields = []; // by number: where it was typed
const MARK = /xq(\d+)q/g;

// A text for this field that is not longer than the field takes; of long ones as much as fits, each field beginning with another payload.
function typed(where, max, whole = false) {
  const n = fields.push(where) - 1;
  const mark = `xq${n}q`;
  if (!whole && n % 7 === 6) return `${cells[(n - 6) / 7 % cells.length]} ${mark}`.slice(0, max);
  let text = mark;
  for (let i = 0; i < all.length; i++) {
    const p = all[(n * 5 + i) % all.length];
    if (whole || text.length + p.length <= max) text += p;
  }
  return text;
}

// ---- asking as somebody, without drawing pages ----

let table;
let lab; // a page of nobody's, whose parser we use
const who = {};
const roles = ['company', 'citizen', 'window', 'food', 'food2', 'fire', 'sign', 'police', 'population', 'supervisor', 'head', 'editor', 'system', 'security', 'audit', 'hall', 'nobody'];
const rowOf = (method, path) => table.find((r) => r.method === method && r.pattern.test(path.replace(/[?#].*/, '')));

// Everybody at the beginning of a test: the one before has closed their windows.
async function enter() {
  table ??= await routes();
  lab = await (await browser.newContext()).newPage();
  for (const role of roles) {
    if (atlases[role]) await renew(role);
    who[role] ??= { role, found: new Map(), refused: [] };
    who[role].page = await person(role === 'nobody' ? null : role);
  }
}
async function wait(reply) {
  await new Promise((yes) => setTimeout(yes, 1000 * Number(reply.headers()['retry-after'] || 1)));
}
async function get(who, path) {
  const ask = () => who.page.request.get(base + path, { maxRedirects: 0 });
  let reply = await ask().catch(ask);
  for (let i = 0; i < 5 && reply.status() === 429; i++) {
    await wait(reply);
    reply = await ask();
  }
  const html = /^text\/html/.test(reply.headers()['content-type'] || '') ? await reply.text() : '';
  if (reply.status() === 200 && MARK.test(html)) who.found.set(path, html);
  MARK.lastIndex = 0;
  return { status: reply.status(), html, reply };
}

// The forms of a document that are posted: [{action, fields: [{name, type, value, max, values}], buttons}].
const formsOf = (html, path) => lab.evaluate(({ html, path, base }) => {
  const doc = new DOMParser().parseFromString(html, 'text/html');
  return [...doc.querySelectorAll('form[method=post]')].map((form) => {
    const found = new Map();
    for (const e of form.querySelectorAll('input, select, textarea')) {
      const type = e.localName === 'input' ? e.getAttribute('type') || 'text' : e.localName;
      if (!e.name || e.disabled || type === 'submit') continue;
      const f = found.get(e.name) || { name: e.name, type, values: [], value: '', max: e.maxLength > 0 ? e.maxLength : 0, numeric: /numeric|decimal|tel/.test(e.inputMode) || type === 'tel' };
      if (type === 'select') f.values = [...e.options].map((o) => o.value).filter(Boolean);
      else if (/radio|checkbox/.test(type)) f.values.push(e.value);
      if (type === 'select') f.value = e.value;
      else if (/radio|checkbox/.test(type) ? e.checked : true) f.value = /radio|checkbox/.test(type) ? e.value : e.value ?? '';
      found.set(e.name, f);
    }
    const url = new URL(form.getAttribute('action') || path, base + path);
    return { action: url.pathname + url.search, file: form.enctype.startsWith('multipart'), fields: [...found.values()], buttons: [...form.querySelectorAll('button[name]')].map((b) => [b.name, b.value]) };
  });
}, { html, path, base });

const isText = (f) => /^(text|search|textarea|url)$/.test(f.type) && !f.numeric && !/^(login|from|until|code|number)$|_id$|id$|phone|-year$|-month$|-day$|-words$/.test(f.name);
const longest = { shop_name: 40, address: 100, manager_name: 50, name: 40, recipient: 60, residence: 100, household: 20 }; // of forms that say so only when asked
const known = { login: 'planted', phone: '13800000000', password: 'Korrekt-Pferd-2026', 'password-again': 'Korrekt-Pferd-2026', citizen_id: '120101199003079966' };
function filled(form, row, who, choose, button, whole, keep) {
  const out = [];
  for (const f of form.fields) {
    const v = choose[f.name] ?? (isText(f) ? typed(`${row.id} ${f.name} by ${who.role}`, f.max || longest[f.name] || (f.type === 'textarea' ? 200 : 30), whole)
      : f.type === 'hidden' ? f.value
        : f.type === 'file' || (f.type === 'checkbox' && !f.value && !/^(agree|declared|reasons)/.test(f.name)) ? null
          : keep && f.type === 'select' ? f.value
          : /-year$/.test(f.name) ? '1990' : /-(month|day)$/.test(f.name) ? '3'
            : /phone/.test(f.name) || f.type === 'tel' ? known.phone
              : known[f.name] ?? (f.values.length ? f.value || f.values[0] : f.value || '1'));
    if (v !== null) for (const one of [v].flat()) out.push([f.name, one]);
  }
  if (button) out.push(button);
  return out;
}

// Sends a form of the page, with payloads wherever words are typed. `choose`: what the other fields say; `has`: a field that tells which form.
async function plant(who, path, choose = {}, { has, button, whole, keep } = {}) {
  const { html, status } = await get(who, path);
  check(status === 200, `${who.role}: ${path} is ${status}`);
  const form = (await formsOf(html, path)).find((f) => (has ? f.fields.some((x) => x.name === has) || f.buttons.some(([n]) => n === has) : f.fields.some(isText)));
  check(form, `${who.role}: no form on ${path}`);
  return send(who, form, choose, button ?? form.buttons[0], whole, keep);
}
async function send(who, form, choose, button, whole, keep) {
  const row = rowOf('POST', form.action);
  const body = new URLSearchParams(filled(form, row, who, choose, button, whole, keep)).toString();
  const post = () => who.page.request.post(base + form.action, { data: body, headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base }, maxRedirects: 0 });
  let reply = await post().catch(post);
  for (let i = 0; i < 5 && reply.status() === 429; i++) {
    await wait(reply);
    reply = await post();
  }
  const html = /^text\/html/.test(reply.headers()['content-type'] || '') ? await reply.text() : '';
  if (html) who.refused.push([`${row.id} ${reply.status()}`, html]);
  return { status: reply.status(), to: (reply.headers().location || '').replace(base, ''), html };
}
async function planted(who, path, choose, more) {
  const reply = await plant(who, path, choose, more);
  const said = reply.status === 303 ? '' : await lab.evaluate((html) => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('.errors, .error, h1')].map((e) => e.textContent.trim()).join(' | '), reply.html);
  if (reply.status !== 303) lost.push(`${who.role}: ${path} was not taken: ${reply.status} ${said.replace(/\s+/g, ' ').slice(0, 300)}`);
  return reply.to;
}

// A file whose name is a payload, sent as no browser would: with its quotes as they are.
async function upload(who, path) {
  const { html } = await get(who, path);
  const form = (await formsOf(html, path)).find((f) => f.file);
  check(form, `${path}: nothing can be uploaded`);
  const name = typed(`B8 file name by ${who.role}`, 90).replace(/[\\/]/g, '');
  const part = (head, value) => `--edge\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
  const file = `name="file"; filename="${name.replace(/(["\\])/g, '\\$1')}.pdf"\r\nContent-Type: text/html`;
  const body = form.fields.filter((f) => f.type === 'hidden').map((f) => part(`name="${f.name}"`, f.value)).join('') + part(file, `%PDF-1.4\n<html><script>${run}</script>\n%%EOF\n`) + '--edge--\r\n';
  const reply = await who.page.request.post(base + form.action, { data: Buffer.from(body), headers: { 'Content-Type': 'multipart/form-data; boundary=edge', Origin: base }, maxRedirects: 0 });
  check(reply.status() === 303, `${path}: the file was not taken: ${reply.status()}`);
}

// ---- who writes what ----

const hrefs = (html, pattern) => [...new Set([...html.matchAll(/href="([^"#]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&')).filter((h) => pattern.test(h)))];
const newest = async (who) => hrefs((await get(who, '/zh/desk?sort=received&order=desc')).html, /\/desk\/task\/\d+$/);
const drafted = async (who, item, decision) => {
  await who.page.goto(`${base}/zh/apply/${item}`);
  await Promise.all([who.page.waitForNavigation(), who.page.locator('main form button.button').first().click()]);
  await agree(who.page, decision);
  return new URL(who.page.url()).pathname.match(/\/zh\/case\/[^/]+/)[0];
};

// An application with words in every field of words, handed in; the address of its case.
async function restaurantOf(who) {
  const at = await drafted(who, 'restaurant');
  for (const [page, choose] of [['company', {}], ['premises', { district: '120101', area: '260' }], ['business', { kinds: '1', uses_gas: 'yes', outdoor_sign: 'yes' }],
    ['people', { manager_id: restaurant.manager_id, manager_phone: restaurant.manager_phone }], ['sign', { sign_width: '300', sign_height: '80' }]])
    await planted(who, `${at}/fill/${page}`, choose, { has: Object.keys(choose)[0] });
  await planted(who, `${at}/fill/handlers/entry/new`, { duty: '1' });
  const { html } = await get(who, `${at}/fill`);
  for (const href of hrefs(html, /\/material\//)) if ((await formsOf((await get(who, href)).html, href)).some((f) => f.file)) await upload(who, href);
  await who.page.goto(`${base}${at}/fill`);
  await fillAndSubmit(who.page, restaurant);
  return at;
}

async function proofOf(who) {
  const at = await drafted(who, 'residence-proof', 'type');
  await planted(who, `${at}/fill/registered`, { purpose: '1', residence_division: '120101' }, { has: 'purpose' });
  await who.page.goto(`${base}${at}/fill`);
  await fillAndSubmit(who.page, { purpose: '1' });
  return at;
}

const decided = (who, task, move) => planted(who, task, { move, to: '' }, { has: 'move' });
const handed = (who, task, act) => planted(who, `${task}/hand`, { act }, { has: 'act' });

// Forms that nobody went through by hand: each of the role's pages, each choice of its first question, each button; first with all payloads at once,
// which is mostly refused and shown again, then with what fits.
const kept = /\/(sign-in|sign-out|identity|devices|password|lock|activate|upkeep|backups|health|messages|counter|serve|call|move|kiosk)$|\/admin\/posts|\/withdraw$|\/resume|\/progress$/;
async function generic(who, budget) {
  const done = new Set();
  let sent = 0;
  for (const p of atlases[who.role].pages.filter((x) => x.kind === 'page' && x.status === 200 && x.forms.length)) {
    const path = `/zh${p.path}`;
    const { html } = await get(who, path);
    for (const form of await formsOf(html, path)) {
      const row = rowOf('POST', form.action);
      if (!row || form.file || kept.test(row.path) || !form.fields.some(isText) || done.has(row.id)) continue;
      done.add(row.id);
      const choice = form.fields.find((f) => f.type === 'radio');
      const ways = [...(choice ? choice.values.map((v) => [{ [choice.name]: v }, form.buttons[0]]) : [[{}, form.buttons[0]]]), ...form.buttons.filter(([, v]) => !/drop|remove|propose|end/.test(v)).slice(1).map((b) => [{}, b])];
      for (const whole of [true, false])
        for (const [choose, button] of whole ? ways.slice(0, 1) : ways.slice(0, 6)) {
          if (sent++ >= budget) return;
          const again = await get(who, path); // its key is good for one
          const same = (await formsOf(again.html, path)).find((f) => f.action === form.action && f.fields.length === form.fields.length);
          if (same) await send(who, same, choose, button, whole);
        }
    }
  }
}

// ---- who sees what ----

const fetched = new Set(); // files: the first who is given one judges it
// The role's pages, and what they lead to that holds something typed; some of each row of the route table.
async function crawl(who, starts, most) {
  const due = [...starts, ...(atlases[who.role]?.pages || []).filter((p) => p.status === 200 && p.kind !== 'stream').map((p) => `/zh${p.path}`)];
  const times = new Map();
  const asked = new Set();
  const files = [];
  for (let n = 0; due.length && n < most;) {
    const path = due.shift();
    const row = rowOf('GET', path);
    const first = starts.includes(path);
    if (!row || asked.has(path) || /sign-out|as=pdf/.test(path) || (!first && (times.get(row.id) || 0) >= 2) || fetched.has(path)) continue;
    if (row.kind === 'file') fetched.add(path);
    asked.add(path);
    times.set(row.id, (times.get(row.id) || 0) + 1);
    n++;
    const { status, html, reply } = await get(who, path);
    if (status === 200 && row.kind === 'file') files.push({ path, headers: reply.headers(), body: await reply.body() });
    if (html && who.found.has(path)) due.unshift(...hrefs(html, /^\/(zh|en)\//).filter((h) => !asked.has(h)).slice(0, 30));
  }
  return files;
}

// What a document holds that none of our templates makes.
const strange = (docs) => lab.evaluate((docs) => docs.flatMap(([where, html]) => {
  const doc = new DOMParser().parseFromString(html, 'text/html');
  const faults = [];
  const walk = document.createTreeWalker(doc, NodeFilter.SHOW_COMMENT);
  while (walk.nextNode()) if (/xq\d+q/.test(walk.currentNode.data)) faults.push('a comment with what was typed');
  for (const e of doc.querySelectorAll('*')) {
    const tag = e.localName;
    if (/^(iframe|object|embed|base|style|frame|applet|template|noembed|xmp|plaintext)$/.test(tag)) faults.push(`<${tag}>`);
    if (tag === 'script' && !(/^\/assets\//.test(e.getAttribute('src') || '') && !e.textContent.trim())) faults.push(`<script> ${e.textContent.slice(0, 40)}`);
    if (tag === 'title' && e.children.length) faults.push('elements in the title');
    for (const { name, value } of e.attributes) {
      if (/^on|^style$|^srcdoc$/.test(name) || /[^a-z0-9:_-]/i.test(name) || /xq\d+q/.test(name)) faults.push(`<${tag} ${name}>`);
      if (!/^(href|src|action|formaction|xlink:href|data|poster|ping|background|cite|http-equiv)$/.test(name)) continue;
      let url;
      try { url = new URL(value, 'http://ours/'); } catch { url = { protocol: 'none:' }; }
      const ours = url.host === 'ours' || (tag === 'link' && value === 'data:,') || /^(mailto|tel):$/.test(url.protocol) || (tag === 'img' && /^data:image\/(png|svg\+xml)[;,]/.test(value)) || /^https?:\/\/127\.0\.0\.1[:/]/.test(value);
      if (!ours && (/xq\d+q|evil\.example/.test(value) || !/^https?:$/.test(url.protocol))) faults.push(`<${tag} ${name}="${value.slice(0, 60)}">`);
    }
  }
  return faults.map((f) => `${f} -- ${where}`);
}), docs);
const marksOf = (html) => new Set([...html.matchAll(MARK)].map((m) => Number(m[1])));

// Of the pages with something typed as many as show every mark once for each row of the table.
function worth(found) {
  const seen = new Set();
  const list = [...found].map(([path, html]) => ({ path, html, id: rowOf('GET', path)?.id, marks: marksOf(html) })).sort((a, b) => b.marks.size - a.marks.size);
  return list.filter((p) => {
    const fresh = [...p.marks].filter((m) => !seen.has(`${p.id} ${m}`));
    for (const m of fresh) seen.add(`${p.id} ${m}`);
    return fresh.length;
  });
}

// Opens pages as a person does, with scripts on: under our policy, or, with `free`, without it, where whatever stands as code would run.
async function open(state, paths, faults, free, at = (page, path) => page.goto(base + path)) {
  const context = await browser.newContext({ storageState: state, bypassCSP: free });
  const page = await context.newPage();
  await watch(page, faults);
  page.on('dialog', (d) => {
    faults.push(`a script ran${free ? ' where no policy forbids it' : ''}: ${d.type()} on ${page.url()}`);
    d.dismiss().catch(() => {});
  });
  for (const path of paths) {
    await at(page, path);
    await page.evaluate(() => { // whatever waits for a person
      for (const e of document.querySelectorAll('[onmouseover], [onfocus], [onclick]')) for (const kind of ['mouseover', 'focus', 'click']) e.dispatchEvent(new Event(kind));
    });
  }
  await context.close();
}

// ---- files ----

const reader = `
import sys, zipfile, xml.etree.ElementTree as x
z = zipfile.ZipFile(sys.argv[1])
for name in z.namelist():
    root = x.fromstring(z.read(name))
    if [e for e in root.iter() if e.tag.endswith('}f') or 'hyperlink' in e.tag.lower()]: print('a formula or a link in ' + name)
`;
function csvCells(text) {
  const out = [];
  for (const m of text.replace(/^\uFEFF/, '').matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) out.push(m[1].startsWith('"') ? m[1].slice(1, -1).replaceAll('""', '"') : m[1]);
  return out;
}
function fileFaults({ path, headers, body }) {
  const faults = [];
  const type = headers['content-type'] || '';
  const disposition = headers['content-disposition'] || '';
  if (headers['x-content-type-options'] !== 'nosniff') faults.push('no nosniff');
  if (!/^(application\/(pdf|json|octet-stream|zip|x-tar|openmetrics-text|vnd\.openxmlformats[a-z.-]+)|text\/(csv|plain|calendar|x-gettext-translation)|image\/(png|jpeg))(; version=1\.0\.0)?(; charset=utf-8)?$/i.test(type)) faults.push(`type ${type}`);
  if (disposition && !/^(inline|attachment)(; filename="[^"\\\r\n]*")?(; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*)?$/.test(disposition)) faults.push(`disposition ${disposition}`);
  if (/csv/.test(type)) for (const c of csvCells(body.toString())) if (/^[=+@\t\r]|^-(?!\d+(\.\d+)?$|$)/.test(c)) faults.push(`a cell to reckon: ${c.slice(0, 40)}`);
  if (/spreadsheet/.test(type)) {
    const at = `${process.env.WORK}/xss-${process.pid}.xlsx`;
    writeFileSync(at, body);
    faults.push(...execFileSync('python3', ['-c', reader, at], { encoding: 'utf8' }).split('\n').filter(Boolean));
  }
  return faults.map((f) => `${f} -- ${path}`);
}

// ---- the tests ----

let starts = {}; // role -> addresses of what the journeys made
let shown = []; // what each role saw

test('T30 payloads go into the fields of every role, refused and accepted', async () => {
  await enter();
  const { company, citizen, window, food, food2, police } = who;
  const shop = await restaurantOf(company);
  const proof = await proofOf(citizen);
  // the window takes it, the survey passes, and of the reviews one asks for more
  const [intake] = await newest(window);
  await decided(window, intake, 'accept');
  const [survey] = await newest(food);
  await decided(food, survey, 'pass');
  const { fire, sign } = who; // a joint survey: every department writes its own finding
  for (const one of [fire, sign]) await decided(one, (await newest(one))[0], 'pass');
  const [review] = await newest(food);
  await handed(food, review, 'consult');
  const asked = hrefs((await get(food2, '/zh/desk/mine?sort=received&order=desc')).html, /\/desk\/task\/\d+$/)[0];
  await planted(food2, asked, {}, { has: 'text' });
  await decided(food, review, 'supplement');
  await planted(company, `${shop}/supplement`, {}, { has: 'note' });
  const [first] = await newest(police);
  await decided(police, first, 'approve');
  // words of keepers, of lists, of administrators
  const { population, system } = who;
  const made = (await planted(population, '/zh/desk/registry/person/new', { name: '样登记', sex: '2', division: '120101', citizen_id: known.citizen_id, phone: '13800000001' }, { has: 'citizen_id' })).replace(/\?.*/, '');
  await planted(population, `${made}/unmask`, { purpose: '1' }, { has: 'purpose' });
  await planted(population, `${made}/correct`, { name: '样登记', division: '120101', citizen_id: '', phone: '13800000002' }, { has: 'phone', keep: true });
  await planted(food, '/zh/lists/new?of=%2Fdesk&as=due%3Dlate', {}, { has: 'name' });
  await planted(system, '/zh/admin/users/new', {}, { has: 'login' });
  starts = { company: [shop], citizen: [proof, `${proof}/rate`], window: [intake, '/zh/window/receipt/1'], food: [survey, review, `${review}/hand`, `${review}/clock`, '/zh/desk', '/zh/lists'], food2: [asked, '/zh/desk/mine'], police: [first],
    population: [made, `${made}/history`, `${made}/correct`], system: ['/zh/admin/users'] };
  for (const role of roles) if (role !== 'food2' && role !== 'nobody') await generic(who[role], 40);
  console.log(`   ${fields.length} texts typed into ${new Set(fields).size} fields, ${Object.values(who).reduce((n, w) => n + w.refused.length, 0)} pages in answer`);
  none(lost, 'forms that were not taken');
  check(fields.length > 150, 'too few texts');
});

test('T30 on no page does a text become anything else', async () => {
  await enter();
  const faults = [];
  const seen = new Set();
  shown = [];
  for (const role of roles) {
    const files = await crawl(who[role], starts[role] || [], 80);
    for (const f of files) faults.push(...fileFaults(f));
    const docs = [...who[role].found, ...who[role].refused];
    faults.push(...(await strange(docs)).map((f) => `${role}: ${f}`));
    for (const [, html] of docs) for (const m of marksOf(html)) seen.add(m);
    shown.push([role, worth(who[role].found), files.length]);
  }
  const places = new Set([...seen].map((n) => fields[n].replace(/ by .*/, '')));
  const missed = [...new Set(fields.map((f) => f.replace(/ by .*/, '')))].filter((f) => !places.has(f));
  console.log(`   ${places.size} fields seen again; ${shown.map(([r, p, f]) => `${r} ${p.length}+${f}`).join(', ')}; not seen: ${missed.join(', ')}`);
  none(faults, 'faults');
  check(places.size > 40, `only ${places.size} fields were seen again`);
});

test('T30 nothing runs: under our policy without a violation, and without a policy', async () => {
  await enter();
  const faults = [];
  let n = 0;
  for (const [role, pages] of shown) {
    const state = await who[role].page.context().storageState();
    const paths = pages.map((p) => p.path);
    n += paths.length;
    await open(state, paths, faults, false);
    await open(state, paths, faults, true);
  }
  console.log(`   ${n} pages`);
  none(faults, 'faults');
  check(n > 40, `only ${n} pages were opened`);
});

test('T30 control: a text that stands unescaped in any place of a page is found', async () => {
  await enter();
  const place = {
    text: (p) => `<p>${p}</p>`, attribute: (p) => (p.startsWith("'") ? `<p title='${p}'>` : p.startsWith('x ') ? `<p title=${p}>` : `<p title="${p}">`), address: (p) => `<a href="${p}">x</a>`,
    script: (p) => `<script>var a = ${/^"/.test(p) ? `"${p}"` : `'${p}'`}</script>`, style: (p) => `<style>p{${p}}</style>`, json: (p) => `<script type="application/json">${p}</script>`,
  };
  for (const [kind, make] of Object.entries(place))
    for (const p of payloads[kind]) check((await strange([[p, `<!DOCTYPE html><title>x</title>${make(p)}`]])).length, `control: ${kind}: ${p} is not found`);
  none(await strange([['x', `<!DOCTYPE html><title>x</title>${all.map((p) => `<p title="${p.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}">${p.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</p>`).join('')}`]]), 'what is escaped');
  // the same page as the program sends it and with its escapes undone
  const [role, [some]] = shown.find(([, pages]) => pages.some((p) => /xq\d+q&lt;|onerror/.test(p.html)));
  const state = await who[role].page.context().storageState();
  const bare = async (page, path) => {
    await page.route(base + path, async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, body: (await reply.text()).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#34;', '"') });
    });
    await page.goto(base + path);
  };
  const violated = [];
  await open(state, [some.path], violated, false, bare);
  await refuses(async () => none(violated, 'faults'), /CSP: script-src/, 'a page without escapes, under our policy');
  const ran = [];
  await open(state, [some.path], ran, true, bare);
  await refuses(async () => none(ran, 'faults'), /a script ran/, 'a page without escapes, without a policy');
  check(fileFaults({ path: 'x', headers: { 'content-type': 'text/csv', 'x-content-type-options': 'nosniff' }, body: Buffer.from('a,"=1+1"\r\n') }).length === 1, 'control: a formula in a file');
  check(fileFaults({ path: 'x', headers: { 'content-type': 'text/html', 'x-content-type-options': 'nosniff', 'content-disposition': 'inline; filename="a"b"' }, body: Buffer.from('') }).length === 2, 'control: a file that is a page');
});
