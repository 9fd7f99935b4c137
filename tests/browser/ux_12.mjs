// UX-12: every form, submitted empty, wrong, over-long and hostile: 422, a title that says so, a summary whose links lead to the fields,
// the same words there, marks for a screen reader, all good input kept, a sentence that says how to mend it. And the state is under axe.
import { atlases, base, check, go, inSeenCity, none, person, press, refuses, test } from './lib.mjs';
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

// The forms of a page as they stand there.
const formsOn = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main form[method=post]')].map((form, at) => ({
      at,
      action: form.getAttribute('action'),
      fields: [...form.elements].filter((e) => e.name && e.tagName !== 'BUTTON' && e.type !== 'hidden').map((e) => ({
        name: e.name, type: e.type, tag: e.tagName, id: e.id, mode: e.inputMode, max: e.maxLength,
        optional: !!e.closest('.field')?.querySelector('.optional'), readonly: e.readOnly,
      })),
    })),
  );

const textual = (f) => (f.tag === 'TEXTAREA' || ['text', 'search', 'tel', 'email', 'password', 'number'].includes(f.type)) && !f.readonly;

// Good values everywhere, then what `bad` says: a value, or null for nothing at all.
async function fillForm(page, form, bad) {
  await page.evaluate(({ form, bad, good }) => {
    const e = document.querySelectorAll('main form[method=post]')[form.at];
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
  }, { form, bad, good });
}
const valuesOf = (page, form) =>
  page.evaluate((form) => {
    const e = document.querySelectorAll('main form[method=post]')[form.at];
    const out = {};
    for (const f of form.fields) {
      const list = [...(e?.elements || [])].filter((x) => x.name === f.name && x.type !== 'file' && x.type !== 'password');
      out[f.name] = list.map((x) => (x.type === 'radio' || x.type === 'checkbox' ? (x.checked ? x.value : '') : x.value)).join('|');
    }
    return out;
  }, form);

// Good values that did not come back.
const lost = (before, after, bad) => Object.keys(before).filter((name) => !(name in bad) && after[name] !== before[name]).map((name) => `${name} was "${before[name]}" and is "${after[name]}"`);

async function send(page, form) {
  const button = page.locator('main form[method=post]').nth(form.at).locator('button.button').first();
  const reply = page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303, { timeout: 10000 });
  await Promise.all([reply, button.click({ timeout: 10000 })]).catch((e) => {
    throw new Error(`${page.url()} form ${form.at}: no reply: ${e.message}`);
  });
  await page.waitForLoadState();
  return reply;
}

// What must hold of the page that a refused form comes back with.
export async function refused(page, reply, field) {
  const faults = [];
  const say = (text) => faults.push(text);
  // A file over the limit has a status of its own (RFC 9110, 413); the page is the same.
  if (reply.status() !== 422 && !(field?.name === 'file' && reply.status() === 413)) return [`status ${reply.status()} (${(await page.title()).slice(0, 40)})`];
  if (!(await page.title()).startsWith('错误：')) say(`title "${await page.title()}"`);
  const links = await page.locator('.errors a').evaluateAll((a) => a.map((x) => ({ href: x.getAttribute('href'), text: x.textContent.trim() })));
  if (!links.length) return [...faults, 'no summary of what is wrong'];
  const led = await page.waitForFunction(() => document.activeElement?.classList.contains('errors'), null, { timeout: 2000 }).catch(() => null);
  if (!led) say('the focus is not on the summary');
  for (const { href, text } of links) {
    const at = await page.evaluate(({ id }) => {
      const e = document.getElementById(id);
      if (!e) return null;
      const group = e.matches('input[type=radio], input[type=checkbox]') ? e.closest('fieldset') : null;
      const said = document.getElementById(`${id}-error`) || e.closest('.field')?.querySelector('.error');
      const marks = [e, group].filter(Boolean);
      return {
        words: said ? [...said.childNodes].filter((n) => !(n.nodeType === 1 && n.classList.contains('hidden'))).map((n) => n.textContent).join('').trim() : null,
        invalid: marks.some((m) => m.getAttribute('aria-invalid') === 'true'),
        described: said && marks.some((m) => (m.getAttribute('aria-describedby') || '').split(' ').includes(said.id)),
      };
    }, { id: href.slice(1) });
    if (!at) say(`the summary leads to ${href}, which is nowhere`);
    else {
      if (at.words !== text) say(`the summary says "${text}", the field ${href} "${at.words}"`);
      if (!at.invalid) say(`${href} is not aria-invalid`);
      if (!at.described) say(`${href} is not described by its error`);
      await page.locator(`.errors a[href="${href}"]`).first().click();
      const there = await page.evaluate((id) => document.activeElement?.id === id, href.slice(1));
      if (!there) say(`the link to ${href} does not move the focus there`);
    }
    if ((text.match(/[\u4e00-\u9fff]/g) || []).length < 4 || !/请|应|不能|不要|不超过|最多|最长|至少|只能|重新|改|填|选|上传/.test(text)) say(`"${text}" does not say how to mend it`);
  }
  if (field && !field.secret && !links.some((l) => l.href === `#${field.id}` || l.href === `#${field.name}` || l.href.startsWith(`#${field.name}-`) || l.href === `#${field.name.replace(/-(year|month|day)$/, '')}`)) say(`the summary does not lead to ${field.name}: ${links.map((l) => l.href)}`);
  if (await page.evaluate(() => 'hacked' in globalThis)) say('the script that was typed has run');
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

// Each form of the program once: the page where it stands, and who sees it there.
async function allForms() {
  const table = await routes();
  const callOf = (action) => table.find((r) => r.method === 'POST' && r.pattern.test(action.replace(/[?#].*/, '')))?.id;
  const found = new Map();
  const visited = new Set();
  for (const role of roles) {
    const page = await person(role === 'nobody' ? null : role);
    for (const p of atlases[role].pages.filter((x) => x.kind === 'page' && x.status === 200 && !(role !== 'nobody' && x.common))) {
      const kinds = p.forms.map((f) => `${p.route.id} ${callOf(f.action)} ${f.fields}`);
      if (kinds.every((k) => visited.has(k))) continue; // a page without forms, or with those of another
      await go(page, `/zh${p.path}`);
      for (const form of await formsOn(page)) {
        const call = callOf(form.action);
        for (const k of kinds) if (k.startsWith(`${p.route.id} ${call} `)) visited.add(k); // a form that is gone meanwhile may stand on another page
        const key = `${p.route.id} ${call} ${form.fields.map((f) => f.name)}`;
        if (!found.has(key)) found.set(key, { role, path: p.path, form, key });
      }
    }
    await page.context().close();
  }
  return [...found.values()];
}

let forms = [];
// Submits each of these forms in each of the ways; how many submissions it were.
async function submitAll(some, faults) {
  let sent = 0;
  for (const { role, path, form, key } of some) {
    if (!named({ fields: form.fields }) || form.fields.every((f) => f.type === 'file')) continue;
    const page = await person(role === 'nobody' ? null : role, { js: true });
    for (const [what, bad, field] of submissions(form)) {
      await go(page, `/zh${path}`);
      const here = (await formsOn(page)).find((f) => f.at === form.at);
      if (!here) break;
      await fillForm(page, here, bad);
      const before = await valuesOf(page, here);
      const reply = await send(page, here).catch((e) => ({ status: () => e.message }));
      sent++;
      const where = `${key} (${role}) ${what}${field ? ` ${field.name}` : ''}`;
      // Signing in never tells which of the two was wrong.
      const told = field && (role === 'nobody' && field.name === 'login' ? { ...field, secret: true } : field);
      for (const f of await refused(page, reply, told)) faults.push(`${where}: ${f}`);
      if (reply.status() === 422) {
        for (const f of lost(before, await valuesOf(page, here), bad)) faults.push(`${where}: ${f}`);
      }
    }
    await page.context().close();
  }
  return sent;
}
const keeps = (f) => f.role === 'population'; // a registry's forms have a question for each element

test('UX-12 every form refuses empty, wrong, over-long and hostile input, and keeps what was good', async () => {
  forms = await allForms();
  const faults = [];
  const sent = await submitAll(forms.filter((f) => !keeps(f)), faults);
  console.log(`   ${forms.length} forms, ${sent} submissions`);
  check(forms.length >= 15 && sent >= 60, `only ${forms.length} forms and ${sent} submissions`);
  none(faults, 'faults');
});

test('UX-12 the forms of a registry refuse the same, and keep what was good', async () => {
  const faults = [];
  const sent = await submitAll(forms.filter(keeps), faults);
  console.log(`   ${forms.filter(keeps).length} forms, ${sent} submissions`);
  check(sent >= 40, `only ${sent} submissions`);
  none(faults, 'faults');
});

test('UX-12 a file that is none, empty, of another kind or too large is refused, and what was uploaded before is kept', async () => {
  const page = await person('company', { js: true });
  const upload = forms.find((f) => f.form.fields.some((x) => x.type === 'file'));
  check(upload, 'no form for files');
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

test('UX-03 UX-05 UX-24 the refused state of each form is as clean as its page, in the rows by turns', async () => {
  check(forms.length, 'no forms');
  const faults = [];
  let looked = 0;
  const cover = covering('refused');
  for (const { role, path, form, key } of forms.filter((f) => named(f.form) && f.form.fields.some((x) => !x.optional))) {
    const [row] = cover.take(key, true);
    const known = await person(role === 'nobody' ? null : role);
    const page = await inRow(row, await known.context().storageState());
    await watch(page, faults);
    const mark = faults.length;
    await page.goto(`${base}/${row.lang}${path}`);
    const here = (await formsOn(page)).find((f) => f.at === form.at);
    if (!here) continue;
    await fillForm(page, here, Object.fromEntries(here.fields.map((f) => [f.name, null])));
    const reply = await send(page, here);
    if (reply.status() === 422) {
      looked++;
      for (const f of await clean(page, reply)) faults.push(`${key} ${text(row)}: ${f}`);
    }
    // A refusal is no fault of the page, but the console repeats its status.
    for (let k = faults.length - 1; k >= mark; k--) if (/console error.*status of 422/.test(faults[k])) faults.splice(k, 1);
    await known.context().close();
    await page.context().close();
  }
  console.log(`   ${looked} refused states`);
  check(looked >= 8, `only ${looked} refused states`);
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
