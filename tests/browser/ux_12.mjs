// UX-12: every form, submitted empty, wrong, over-long and hostile: 422, a title that says so, a summary whose links lead to the fields,
// the same words there, marks for a screen reader, all good input kept, a sentence that says how to mend it. And the state is under axe.
// What needs no browser is sent without drawing a page, which is most of it; where the focus goes and how it looks, is drawn.
import { atlases, base, check, go, inSeenCity, none, person, press, refuses, renew, test } from './lib.mjs';
import { roles, routes } from './atlas.mjs';
import { clean, inRow, watch } from './look.mjs';
import { covering, text } from './matrix.mjs';
import { pdf, restaurant } from './steps.mjs';

inSeenCity();
let names = 0; // five wrong passwords lock a name: each try has its own

const good = {
  ...restaurant, purpose: '1', recipient: '天津市演示学校', opinion: '材料齐全，符合条件', basis: '《行政许可法》第三十八条', reason: '暂缓开业', note: '已经补正，请看新的布局图',
  words: '窗口很耐心', level: '5', get login() { return `new-clerk-${++names}`; }, name: '样新人', number: '20261121-000001-9', tail: '1234', password: 'a-long-password-2026', declared: 'yes',
  citizen_id: '120101199003079990', sex: '1', 'birth_date-year': '1990', 'birth_date-month': '3', 'birth_date-day': '7', division: '120101', phone: '13800000009', why: '换了号码', by: 'citizen_id', value: '120101199003079990',
};
const hostile = '示\u0007例\u202e<script>globalThis.hacked=1</script>"\'&{{name}}';
// Buttons rather than forms: nothing to fill in, nothing to get wrong.
const named = (f) => f.fields.filter((x) => x.type !== 'hidden').length;

// What is done with forms in a page, be it the one that is shown or one that was only fetched: found, filled in, read, sent, judged.
function install() {
  const all = (doc) => [...doc.querySelectorAll('main form[method=post]')];
  const formsOn = (doc) => all(doc).map((form, at) => ({
    at,
    action: form.getAttribute('action'),
    fields: [...form.elements].filter((e) => e.name && e.tagName !== 'BUTTON' && e.type !== 'hidden').map((e) => ({
      name: e.name, type: e.type, tag: e.tagName, id: e.id, mode: e.inputMode, max: e.maxLength,
      optional: !!e.closest('.field')?.querySelector('.optional'), readonly: e.readOnly,
    })),
  }));
  // Good values everywhere, then what `bad` says: a value, or null for nothing at all.
  const fill = (doc, form, bad, good) => {
    const e = all(doc)[form.at];
    for (const f of form.fields) {
      const list = [...e.elements].filter((x) => x.name === f.name);
      const has = f.name in bad;
      const value = has ? bad[f.name] : good[f.name];
      for (const x of list) {
        if (x.type === 'file') continue;
        if (x.type === 'radio' || x.type === 'checkbox') {
          if (has) x.checked = value !== null && x === list[0];
          else if (!list.some((y) => y.checked) && !(x.type === 'checkbox' && f.optional)) (list.find((y) => y.value === value) || list[0]).checked = true;
          if (has && value !== null && x === list[0]) x.value = value;
        } else if (x.tagName === 'SELECT') {
          if (has && value !== null) x.options[x.options.length - 1].value = value;
          if (has) x.selectedIndex = value === null ? -1 : x.options.length - 1;
          else if (value !== undefined && [...x.options].some((o) => o.value === value)) x.value = value;
          else if (!x.value) x.selectedIndex = x.options.length - 1;
        } else if (has) x.value = value ?? '';
        else if (!x.value && value !== undefined) x.value = value;
      }
    }
  };
  const values = (doc, form) => {
    const e = all(doc)[form.at];
    const out = {};
    for (const f of form.fields) {
      const list = [...(e?.elements || [])].filter((x) => x.name === f.name && x.type !== 'file' && x.type !== 'password');
      out[f.name] = list.map((x) => (x.type === 'radio' || x.type === 'checkbox' ? (x.checked ? x.value : '') : x.value)).join('|');
    }
    return out;
  };
  // What a refused page says: its title, and of each link of its summary what stands at the field it leads to.
  const told = (doc) => ({
    title: doc.title,
    runs: [...doc.querySelectorAll('script')].some((x) => x.textContent.includes('hacked')),
    links: [...doc.querySelectorAll('.errors a')].map((a) => {
      const href = a.getAttribute('href');
      const id = href.slice(1);
      const e = doc.getElementById(id);
      const group = e?.matches('input[type=radio], input[type=checkbox]') ? e.closest('fieldset') : null;
      const said = e && (doc.getElementById(`${id}-error`) || e.closest('.field')?.querySelector('.error'));
      const marks = [e, group].filter(Boolean);
      return {
        href, text: a.textContent.trim(), there: !!e,
        words: said ? [...said.childNodes].filter((n) => !(n.nodeType === 1 && n.classList.contains('hidden'))).map((n) => n.textContent).join('').trim() : null,
        invalid: marks.some((m) => m.getAttribute('aria-invalid') === 'true'),
        described: !!said && marks.some((m) => (m.getAttribute('aria-describedby') || '').split(' ').includes(said.id)),
      };
    }),
  });
  // Nobody types this quickly: where the city says how long to wait, it is waited.
  const ask = async (url, init) => {
    for (let i = 0; ; i++) {
      const reply = await fetch(url, init);
      if (reply.status !== 429 || i > 40) return reply;
      await new Promise((yes) => setTimeout(yes, 1000 * Number(reply.headers.get('retry-after') || 1)));
    }
  };
  const read = async (path) => {
    const reply = await ask(path);
    if (reply.redirected && reply.url.includes('/sign-in')) throw new Error(`${path} asks to sign in`);
    return new DOMParser().parseFromString(await reply.text(), 'text/html');
  };
  // A form as the browser would send it, without drawing its page nor the reply.
  const send = async (path, at, bad, good) => {
    const doc = await read(path);
    const form = formsOn(doc)[at];
    if (!form) return null;
    fill(doc, form, bad, good);
    const before = values(doc, form);
    const e = all(doc)[at];
    if (!e.noValidate && !e.checkValidity()) return { status: 'the browser does not send it', told: told(doc), before, after: before };
    const data = new FormData(e, e.querySelector('button.button'));
    let body = data;
    if (e.enctype !== 'multipart/form-data') {
      body = new URLSearchParams();
      for (const [name, value] of data) body.append(name, typeof value === 'string' ? value.replace(/\r?\n|\r/g, '\r\n') : value.name);
    }
    const reply = await ask(new URL(e.getAttribute('action') || path, location.origin + path), { method: 'POST', body });
    if (reply.redirected && /\/sign-in\?back=/.test(reply.url)) return { asks: true };
    const back = new DOMParser().parseFromString(await reply.text(), 'text/html');
    return { status: reply.status, told: told(back), before, after: values(back, form) };
  };
  globalThis.atForms = { formsOn, fill, values, told, read, send };
}
const formsOn = async (page) => {
  await page.evaluate(install);
  return page.evaluate(() => globalThis.atForms.formsOn(document));
};
const fillForm = (page, form, bad) => page.evaluate(({ form, bad, good }) => globalThis.atForms.fill(document, form, bad, good), { form, bad, good });
const valuesOf = async (page, form) => {
  await page.evaluate(install);
  return page.evaluate((form) => globalThis.atForms.values(document, form), form);
};
const textual = (f) => (f.tag === 'TEXTAREA' || ['text', 'search', 'tel', 'email', 'password', 'number'].includes(f.type)) && !f.readonly;

// Good values that did not come back.
const lost = (before, after, bad) => Object.keys(before).filter((name) => !(name in bad) && after[name] !== before[name]).map((name) => `${name} was "${before[name]}" and is "${after[name]}"`);

// Nobody sends this quickly: where the city says how long to wait, it is waited, and the form that came back is sent again.
async function send(page, form) {
  let reply = await sendOnce(page, form);
  for (let i = 0; i < 20 && reply.status() === 429; i++) {
    await new Promise((yes) => setTimeout(yes, 1000 * Number(reply.headers()['retry-after'] || 1)));
    reply = await sendOnce(page, form);
  }
  return reply;
}
async function sendOnce(page, form) {
  const button = page.locator('main form[method=post]').nth(form.at).locator('button.button').first();
  const reply = page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303, { timeout: 10000 });
  await Promise.all([reply, button.click({ timeout: 10000 })]).catch((e) => {
    throw new Error(`${page.url()} form ${form.at}: no reply: ${e.message}`);
  });
  await page.waitForLoadState();
  return reply;
}

// What must hold of what a refused form comes back with, drawn or not.
function judged(status, told, field, lang = 'zh') {
  const faults = [];
  const say = (text) => faults.push(text);
  // A file over the limit has a status of its own (RFC 9110, 413); the page is the same.
  if (status !== 422 && !(field?.name === 'file' && status === 413)) return [`status ${status} (${told.title.slice(0, 40)})`];
  if (!told.title.startsWith(lang === 'zh' ? '错误：' : 'Error: ')) say(`title "${told.title}"`);
  if (!told.links.length) return [...faults, 'no summary of what is wrong'];
  for (const { href, text, there, words, invalid, described } of told.links) {
    if (!there) say(`the summary leads to ${href}, which is nowhere`);
    else {
      if (words !== text) say(`the summary says "${text}", the field ${href} "${words}"`);
      if (!invalid) say(`${href} is not aria-invalid`);
      if (!described) say(`${href} is not described by its error`);
    }
    if (lang === 'zh' && ((text.match(/[\u4e00-\u9fff]/g) || []).length < 4 || !/请|应|不能|不要|不超过|最多|最长|至少|只能|重新|改|填|选|上传/.test(text))) say(`"${text}" does not say how to mend it`);
  }
  if (field && !field.secret && !told.links.some((l) => l.href === `#${field.id}` || l.href === `#${field.name}` || l.href.startsWith(`#${field.name}-`) || l.href === `#${field.name.replace(/-(year|month|day)$/, '')}`)) say(`the summary does not lead to ${field.name}: ${told.links.map((l) => l.href)}`);
  if (told.runs) say('the script that was typed is a script of the page');
  return faults;
}

// What must hold of the page that a refused form comes back with, in the browser: the same, and where the focus is and goes. Links whose
// way has been `followed` before on a page of this form are not followed again. `look` sees the page before anybody moves on it.
async function refused(page, reply, field, { lang = 'zh', followed = new Set(), look } = {}) {
  await page.evaluate(install);
  const told = await page.evaluate(() => globalThis.atForms.told(document));
  const faults = judged(reply.status(), told, field, lang);
  if (!told.links.length || faults[0]?.startsWith('status')) return faults;
  let led = false;
  for (let i = 0; i < 100 && !led; i++) {
    led = await page.evaluate(() => !!document.activeElement?.classList.contains('errors'));
    if (!led) await new Promise((yes) => setTimeout(yes, 20));
  }
  if (!led) faults.push('the focus is not on the summary');
  if (look) faults.push(...(await look()));
  for (const { href, there } of told.links) {
    if (!there || followed.has(href)) continue;
    followed.add(href);
    await page.locator(`.errors a[href="${href}"]`).first().click();
    if (!(await page.evaluate((id) => document.activeElement?.id === id, href.slice(1)))) faults.push(`the link to ${href} does not move the focus there`);
  }
  if (await page.evaluate(() => 'hacked' in globalThis)) faults.push('the script that was typed has run');
  return faults;
}

// The submissions of one form: [what, values, the field that is at fault].
function submissions(form) {
  const list = [];
  const must = form.fields.filter((f) => !f.optional && f.type !== 'file');
  if (must.length) list.push(['empty', Object.fromEntries(form.fields.map((f) => [f.name, null])), null]);
  for (const f of form.fields) {
    if (f.type === 'radio' || f.tag === 'SELECT' || (f.type === 'checkbox' && f.name !== 'declared')) list.push(['wrong', { [f.name]: 'forged-value' }, f]);
    else if (['numeric', 'decimal', 'tel'].includes(f.mode)) list.push(['wrong', { [f.name]: 'abc' }, f]);
  }
  const signsIn = form.fields.map((f) => f.name).sort().join() === 'login,password';
  for (const f of form.fields.filter(textual)) {
    if (signsIn && f.type === 'password') continue; // whatever it holds it is right or wrong, and the sixth wrong one locks: forms.mjs
    list.push(['over-long', { [f.name]: '长'.repeat(1500) }, f]);
    list.push(['hostile', { [f.name]: hostile }, f]);
    list.push(['NUL', { [f.name]: '示\u0000例' }, f]);
  }
  const once = new Set();
  return list.filter(([what, , f]) => !f || (!once.has(what + f.name) && once.add(what + f.name)));
}

// A page of ours for what is fetched: somebody's, and from the city itself.
async function atCity(role) {
  await renew(role);
  const page = await person(role === 'nobody' ? null : role, { js: true });
  await go(page, '/zh/');
  await page.evaluate(install);
  return page;
}

// Each form of the program once: the page where it stands, and who sees it there.
async function allForms() {
  const table = await routes();
  const callOf = (action) => table.find((r) => r.method === 'POST' && r.pattern.test(action.replace(/[?#].*/, '')))?.id;
  const found = new Map();
  const visited = new Set();
  for (const role of roles) {
    let page = null;
    for (const p of atlases[role].pages.filter((x) => x.kind === 'page' && x.status === 200 && !(role !== 'nobody' && x.common))) {
      const kinds = p.forms.map((f) => `${p.route.id} ${callOf(f.action)} ${f.fields}`);
      if (kinds.every((k) => visited.has(k))) continue; // a page without forms, or with those of another
      page ??= await atCity(role);
      for (const form of await page.evaluate(async (path) => globalThis.atForms.formsOn(await globalThis.atForms.read(path)), `/zh${p.path}`)) {
        const call = callOf(form.action);
        for (const k of kinds) if (k.startsWith(`${p.route.id} ${call} `)) visited.add(k); // a form that is gone meanwhile may stand on another page
        const key = `${p.route.id} ${call} ${form.fields.map((f) => f.name)}`;
        if (!found.has(key)) found.set(key, { role, path: p.path, form, key });
      }
    }
    await page?.context().close();
  }
  return [...found.values()];
}

let forms = [];
const faultsOf = { sent: [], drawn: [] };
const counts = { sent: 0, registry: 0, drawn: 0 };

// Each of these forms in each of the ways, one role's after another's. All are sent and judged without drawing; then, in the browser, one
// that is empty, in a row of the matrix, one that is hostile throughout, and as many more as it takes to follow each link once. Gives back
// those that ask a visitor to sign in before they say anything: they are somebody's to judge who has.
async function submitAll(role, some, cover) {
  const page = await atCity(role);
  const later = [];
  for (const { path, form, key } of some) {
    const ways = new Map(); // link of a summary -> a submission that shows it
    const all = submissions(form);
    let asks = false;
    for (const [what, bad, field] of all) {
      const got = await page.evaluate(({ path, at, bad, good }) => globalThis.atForms.send(path, at, bad, good), { path: `/zh${path}`, at: form.at, bad, good });
      if (!got) break;
      if (role === 'nobody' && got.asks) {
        asks = true;
        break;
      }
      counts.sent++;
      if (role === 'population') counts.registry++;
      const where = `${key} (${role}) ${what}${field ? ` ${field.name}` : ''}`;
      for (const f of judged(got.status, got.told, secretOf(role, field))) faultsOf.sent.push(`${where}: ${f}`);
      if (got.status === 422) for (const f of lost(got.before, got.after, bad)) faultsOf.sent.push(`${where}: ${f}`);
      for (const l of got.told.links) if (!ways.has(l.href)) ways.set(l.href, [what, bad, field]);
    }
    if (asks) {
      later.push({ role: 'citizen', path, form, key });
      continue;
    }
    const followed = new Set();
    const [row] = cover.take(key, true);
    for (const [what, bad, field] of all.filter(([what]) => what === 'empty')) await submitDrawn(page, { role, path, form, key }, [what, bad, field], followed, row);
    const worst = form.fields.filter((f) => textual(f) && all.some(([what, , field]) => what === 'hostile' && field.name === f.name));
    if (worst.length) await submitDrawn(page, { role, path, form, key }, ['hostile', Object.fromEntries(worst.map((f) => [f.name, hostile])), worst[0]], followed);
    for (const [href, way] of ways) if (!followed.has(href)) await submitDrawn(page, { role, path, form, key }, way, followed);
  }
  await page.context().close();
  return later;
}
// Signing in never tells which of the two was wrong.
const secretOf = (role, field) => (field && role === 'nobody' && field.name === 'login' ? { ...field, secret: true } : field);

async function submitDrawn(known, { role, path, form, key }, [what, bad, field], followed, row) {
  const page = row ? await inRow(row, await known.context().storageState()) : await known.context().newPage();
  const lang = row?.lang || 'zh';
  const complaints = [];
  if (row) await watch(page, complaints);
  await go(page, `/${lang}${path}`);
  const here = (await formsOn(page)).find((f) => f.at === form.at);
  if (here) {
    await fillForm(page, here, bad);
    const reply = await send(page, here).catch((e) => ({ status: () => e.message }));
    counts.drawn++;
    const look = row ? () => clean(page, reply) : null;
    const faults = await refused(page, reply, secretOf(role, field), { lang, followed, look });
    // A refusal is no fault of the page, but the console repeats its status.
    if (row) faults.push(...complaints.filter((c) => !/console error.*status of 422/.test(c)));
    for (const f of faults) faultsOf.drawn.push(`${key} (${role}) ${what} ${row ? text(row) : ''}: ${f}`);
  }
  await (row ? page.context() : page).close();
}

test('UX-12 every form refuses empty, wrong, over-long and hostile input, and keeps what was good', async () => {
  forms = await allForms();
  const asked = forms.filter((f) => named(f.form) && f.form.fields.some((x) => x.type !== 'file'));
  const waiting = roles.map((role) => [role, asked.filter((f) => f.role === role)]).filter(([, some]) => some.length).sort((a, b) => b[1].length - a[1].length);
  const cover = covering('refused');
  const lane = async () => {
    while (waiting.length) {
      const later = await submitAll(...waiting.shift(), cover);
      if (later.length) waiting.push(['citizen', later]);
    }
  };
  await Promise.all([lane(), lane(), lane()]); // one that is made to wait holds up no other
  console.log(`   ${forms.length} forms, ${counts.sent} submissions (${counts.registry} to a registry), ${counts.drawn} more in the browser`);
  check(forms.length >= 60 && counts.sent >= 400 && counts.registry >= 80, `only ${forms.length} forms and ${counts.sent} submissions`);
  none(faultsOf.sent, 'faults');
});

test('UX-12 in the browser the focus is on the summary and each of its links leads to its field; UX-03 UX-05 UX-24 the refused page is as clean as its form', async () => {
  check(counts.drawn >= 100, `only ${counts.drawn} refused pages`);
  none(faultsOf.drawn, 'faults');
});

test('UX-12 a file that is none, empty, of another kind or too large is refused, and what was uploaded before is kept', async () => {
  const page = await person('company', { js: true });
  const upload = forms.find((f) => f.form.fields.some((x) => x.type === 'file'));
  check(upload, 'no form for files');
  await page.route('**/assets/upload*.js', (r) => r.abort()); // with it: uploads.mjs
  await go(page, `/zh${upload.path}`);
  if (!(await page.locator('.file').count())) {
    await page.setInputFiles('input[type=file]', pdf('first'));
    await press(page);
    await go(page, `/zh${upload.path}`);
  }
  const kept = await page.locator('.file').allInnerTexts();
  check(kept.length, 'nothing is uploaded');
  const faults = [];
  const bytes = (n) => Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(n, 32)]);
  const tries = {
    none: null,
    empty: { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
    'another kind': { name: 'a.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ not a document') },
    'not what its name says': { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<script>alert(1)</script>') },
    'too large': { name: 'a.pdf', mimeType: 'application/pdf', buffer: bytes(11 * 1024 * 1024) },
  };
  for (const [what, file] of Object.entries(tries)) {
    await go(page, `/zh${upload.path}`);
    if (file) await page.setInputFiles('input[type=file]', file);
    const reply = await press(page);
    for (const f of await refused(page, reply, { id: 'file', name: 'file' })) faults.push(`${what}: ${f}`);
    if (reply.status() === 413) for (const f of await clean(page, reply)) faults.push(`${what}: ${f}`);
    const now = await page.locator('.file').allInnerTexts();
    if (now.join() !== kept.join()) faults.push(`${what}: uploaded was ${kept}, is ${now}`);
  }
  none(faults, 'faults');
});

test('UX-12 controls: a refused page without summary, title, marks, words or a way to the field is found', async () => {
  const page = await person(null, { js: true });
  const broken = async (change, why) => {
    await page.goto(`${base}/zh/progress`);
    await page.fill('[name=number]', '');
    await page.route('**/progress', async (route) => {
      const reply = await route.fetch({ maxRedirects: 0 });
      await route.fulfill({ response: reply, body: change(await reply.text()) });
    });
    await page.fill('[name=tail]', '1234');
    const [form] = await formsOn(page);
    const before = await valuesOf(page, form);
    const reply = await press(page);
    await page.unroute('**/progress');
    const found = async () => [...(await refused(page, reply, { id: 'number', name: 'number' })), ...lost(before, await valuesOf(page, form), { number: '' })];
    await refuses(async () => none(await found(), 'faults'), why, String(why));
  };
  await broken((h) => h.replace('<title>错误：', '<title>'), /title/);
  await broken((h) => h.replaceAll('href="#number"', 'href="#nothing"'), /nowhere/);
  await broken((h) => h.replace(' aria-invalid="true"', ''), /aria-invalid/);
  await broken((h) => h.replace(/ aria-describedby="number-error[^"]*"/, ''), /described/);
  await broken((h) => h.replace(/(<a href="#number">)[^<]*/, '$1改一改请'), /the field/);
  await broken((h) => h.replace('value="1234"', 'value=""'), /tail was "1234" and is ""/);
  await broken((h) => h.replace(' autofocus', ''), /focus is not on the summary/);
  await broken((h) => h.replace('<div class="errors"', '<div class="other"'), /no summary/);
  await broken((h) => h.replace('</main>', '<script src="/assets/none.js"></script></main>').replace('id="number"', 'id="number" disabled'), /move the focus/);
});
