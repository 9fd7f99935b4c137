// Lists: sorted by their headings, narrowed, paged by key, exported and printed; the address says everything.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { applyForProof, applyForProofs } from './steps.mjs';
import { base, check, equal, go, person, press, test } from './lib.mjs';

const cells = async (page, column) => (await page.locator(`main tbody tr > :nth-child(${column})`).allInnerTexts()).map((t) => t.split('\n')[0].trim());
const numbers = async (page) => (await page.locator('main tbody a.number').allInnerTexts()).map((t) => t.trim());
const next = (page) => page.locator('main .pages a[rel=next]');

// RFC 4180, as far as our files go.
function rows(text) {
  const out = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') field += text[i++];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === ',' || c === '\n')) {
      out[out.length - 1].push(field);
      field = '';
      if (c === '\n') out.push([]);
    } else if (quoted || c !== '\r') field += c;
  }
  check(out.pop().length === 0 && field === '', 'the file does not end with a line');
  return out;
}

async function file(page, selector = '.list-top a[download]:not([href*="as="])') {
  const href = await page.locator(`main ${selector}`).getAttribute('href');
  const reply = await page.request.get(base + href, { maxRedirects: 0 });
  equal(reply.status(), 200, href);
  check(/^attachment; filename="[a-z-]+\.csv"$/.test(reply.headers()['content-disposition']), 'no attachment');
  return reply.text();
}

// Every page from here to the last; the rows' numbers.
async function walk(page) {
  const all = await numbers(page);
  for (let i = 0; i < 50 && (await next(page).count()); i++) {
    await Promise.all([page.waitForNavigation(), next(page).click()]);
    all.push(...(await numbers(page)));
  }
  return all;
}

// The workbook as another program reads it: the rows of its sheet, each cell a text or {day} counted as spreadsheets do.
const reader = `
import json, sys, zipfile, xml.etree.ElementTree as x
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
m = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
for name in z.namelist(): x.fromstring(z.read(name))
names = {p.get('PartName')[1:] for p in x.fromstring(z.read('[Content_Types].xml')) if p.get('PartName')}
assert names <= set(z.namelist()), names
formats = {n.get('numFmtId'): n.get('formatCode') for n in x.fromstring(z.read('xl/styles.xml')).iter(m + 'numFmt')}
styles = [formats.get(f.get('numFmtId'), '') for f in x.fromstring(z.read('xl/styles.xml')).find(m + 'cellXfs')]
def cell(c):
    if c.get('t') == 'inlineStr': return c.find(m + 'is').find(m + 't').text or ''
    v = c.find(m + 'v')
    return '' if v is None else {'day': float(v.text), 'format': styles[int(c.get('s'))]}
sheet = x.fromstring(z.read('xl/worksheets/sheet1.xml'))
assert not list(sheet.iter(m + 'f')), 'a formula'
print(json.dumps([[cell(c) for c in r] for r in sheet.iter(m + 'row')]))
`;

async function workbook(page) {
  const href = await page.locator('main .list-top a[href*="as=xlsx"]').getAttribute('href');
  const reply = await page.request.get(base + href, { maxRedirects: 0 });
  equal(reply.status(), 200, href);
  equal(reply.headers()['content-type'], 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'its kind');
  check(/^attachment; filename="[a-z-]+\.xlsx"$/.test(reply.headers()['content-disposition']), 'no attachment');
  const path = `${process.env.WORK}/list-${process.pid}.xlsx`;
  writeFileSync(path, await reply.body());
  return JSON.parse(execFileSync('python3', ['-c', reader, path], { encoding: 'utf8' }));
}

// The list on paper as another program reads it: its text, and what it says of itself.
async function paper(page) {
  const href = await page.locator('main .list-top a[href*="as=pdf"]').getAttribute('href');
  const reply = await page.request.get(base + href, { maxRedirects: 0 });
  equal(reply.status(), 200, href);
  equal(reply.headers()['content-type'], 'application/pdf', 'its kind');
  const path = `${process.env.WORK}/list-${process.pid}.pdf`;
  writeFileSync(path, await reply.body());
  return { text: execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }), info: execFileSync('pdfinfo', [path], { encoding: 'utf8' }), bytes: await reply.body() };
}

// What the file of commas says as a day: "2026年11月21日 15:40" or 2026-11-21.
function asDay(text) {
  const m = text.match(/^(\d{4})(?:年|-)(\d{1,2})(?:月|-)(\d{1,2})日?(?: (\d\d):(\d\d))?$/);
  return m && Date.UTC(m[1], m[2] - 1, m[3], m[4] || 0, m[5] || 0) / 86400000 + 25569;
}

test('lists: the workbook and the paper hold what the file of commas holds, numbers as text, days as days, on every page of it', async () => {
  await applyForProofs(28);
  const officer = await person('police');
  await go(officer, '/zh/desk?sort=received&order=asc');
  const lines = rows((await file(officer)).slice(1));
  const sheet = await workbook(officer);
  check(sheet.length > 26, `${sheet.length} rows: more than a page`);
  equal(sheet.length, lines.length, 'as many rows');
  let days = 0;
  sheet.forEach((row, i) => {
    equal(row.length, lines[i].length, `cells of row ${i}`);
    row.forEach((value, k) => {
      const day = asDay(lines[i][k]);
      if (day === null) return equal(value, lines[i][k], `row ${i}, cell ${k}`);
      days++;
      check(Math.abs(value.day - day) < 1e-6 && /^yyyy/.test(value.format), `row ${i}, cell ${k}: ${JSON.stringify(value)} for ${lines[i][k]}`);
    });
  });
  check(days >= lines.length - 1, `${days} days in ${lines.length} rows`);
  // and on paper: every row once, in the same order, behind a heading; tagged, and in the reader's language
  const { text, info, bytes } = await paper(officer);
  const number = lines[0].indexOf('编号');
  equal(text.match(/\d{8}-\d{6}-\d/g).join(), lines.slice(1).map((l) => l[number]).join(), 'the rows on paper');
  check(text.startsWith('我的工作') && text.includes(`共 ${lines.length - 1} 条`), `no heading or count: ${text.slice(0, 200)}`);
  check(/Title: +我的工作/.test(info) && /Tagged: +yes/.test(info) && bytes.includes('/Lang <FEFF007A0068002D0043004E>'), `not tagged, or without a title or language: ${info}`);
  await go(officer, '/en/desk?sort=received&order=asc');
  const english = await workbook(officer);
  equal(JSON.stringify(english.slice(1).map((r) => r.filter((c) => c.day))), JSON.stringify(sheet.slice(1).map((r) => r.filter((c) => c.day))), 'the same days in English');
});

test('lists: a queue is sorted by its headings, narrowed, paged and exported alike', async () => {
  await applyForProofs(28);
  const officer = await person('police');
  await go(officer, '/zh/desk');
  equal(await officer.locator('th[aria-sort=ascending] a').innerText(), '期限', 'the order that stands');
  check(await officer.locator('main tbody td.when').first().isVisible(), 'when a task came is not shown');
  const urgent = await walk(officer);
  check(urgent.length > 25 && new Set(urgent).size === urgent.length, `${urgent.length} rows on all pages, some twice`);
  check((await officer.locator('main .total').count()) === 1, 'no count');
  // the other heading, and once more for the other way
  await go(officer, '/zh/desk');
  await Promise.all([officer.waitForNavigation(), officer.locator('th a', { hasText: '收到时间' }).click()]);
  equal(await officer.locator('th[aria-sort=descending] a').innerText(), '收到时间', 'sorted by when it came');
  const newest = await walk(officer);
  equal([...newest].sort().join(), [...urgent].sort().join(), 'the same tasks in the other order');
  await go(officer, '/zh/desk?sort=received&order=desc');
  await Promise.all([officer.waitForNavigation(), officer.locator('th[aria-sort] a').click()]);
  equal(await officer.locator('th[aria-sort=ascending] a').innerText(), '收到时间', 'turned round');
  const oldest = await walk(officer);
  equal(oldest.join(), [...newest].reverse().join(), 'turned round, page by page');
  // and back by the link before
  const last = await numbers(officer);
  await Promise.all([officer.waitForNavigation(), officer.locator('main .pages a[rel=prev]').click()]);
  const before = await numbers(officer);
  equal(before.join(), oldest.slice(oldest.length - last.length - before.length, oldest.length - last.length).join(), 'the page before');
  // the file is what the screen shows
  await go(officer, '/zh/desk?sort=received&order=asc');
  const text = await file(officer);
  check(text.startsWith('\uFEFF'), 'no mark for UTF-8');
  const lines = rows(text.slice(1));
  equal(lines[0][0], '编号', 'the first heading');
  equal(lines.slice(1).map((l) => l[0]).join(), oldest.join(), 'the file and the screen');
  const plain = await (await officer.request.get(`${base}/zh/desk/export?plain=1`)).text();
  check(!plain.startsWith('\uFEFF'), 'a mark in the file for programs');
  // in English, the same rows
  await go(officer, '/en/desk?sort=received&order=asc');
  equal((await numbers(officer)).join(), oldest.slice(0, 25).join(), 'in English');
});

test('lists: filters stand in the address as chips that go; what finds nothing says what to do; many are decided as filtered', async () => {
  await applyForProof('1');
  const officer = await person('police');
  await go(officer, '/zh/desk');
  const all = await walk(officer);
  await go(officer, '/zh/desk?sort=received&order=desc');
  await officer.selectOption('select[name=due]', 'late');
  await press(officer, 'main form.filter button');
  check(/due=late/.test(officer.url()) && /sort=received/.test(officer.url()), `the address lost something: ${officer.url()}`);
  const late = await walk(officer);
  check(late.length < all.length, 'nothing was left out');
  for (const t of await officer.locator('main tbody .clock').allInnerTexts()) check(/超期/.test(t), `not late: ${t}`);
  await go(officer, '/zh/desk?due=late&sort=received');
  equal(await officer.locator('main .chip').count(), 1, 'chips');
  await Promise.all([officer.waitForNavigation(), officer.locator('main .chip').click()]);
  check(!/due=/.test(officer.url()), 'the chip stays');
  await go(officer, '/zh/desk?due=paused');
  equal(await officer.locator('main tbody tr').count(), 0, 'paused ones');
  await Promise.all([officer.waitForNavigation(), officer.locator('main .empty a').click()]);
  equal((await walk(officer)).length, all.length, 'all of them again');
  await go(officer, '/zh/desk?sort=received&order=desc');
  const first = (await numbers(officer))[0];
  await Promise.all([officer.waitForNavigation(), officer.locator('form#batch button[name=all]').click()]);
  equal((await numbers(officer))[0], first, 'the first of those to decide is the first of the list');
  // an unknown choice finds nothing and breaks nothing
  equal(await go(officer, '/zh/desk?unit=none&item=%3Cb%3E&sort=x'), 200, 'what nobody offers');
  equal(await go(officer, '/zh/desk?after=nonsense'), 404, 'a place that is none');
  equal((await officer.request.get(`${base}/zh/desk/export?after=nonsense`, { maxRedirects: 0 })).status(), 200, 'a file has no place');
});

test('lists: applicants, administrators and auditors have them too', async () => {
  await applyForProof('1');
  const citizen = await person('citizen');
  await go(citizen, '/zh/space/cases');
  const found = await citizen.locator('main .list > li').count();
  await Promise.all([citizen.waitForNavigation(), citizen.locator('.sorts a:not([aria-current])').click()]);
  equal(await citizen.locator('main .list > li').count(), found, 'turned round');
  await go(citizen, '/zh/space/cases?state=ended');
  for (const t of await citizen.locator('main .list .tag').allInnerTexts()) check(/准予|不予|办结|视为撤回|已说明/.test(t), `not ended: ${t}`);
  equal(rows((await file(citizen)).slice(1)).length - 1, Number((await citizen.locator('main .total').innerText()).match(/\d+/)[0]), 'the file of cases');
  for (const path of ['/zh/space/licences', '/zh/space/messages']) {
    await go(citizen, path);
    equal(rows((await file(citizen)).slice(1)).length - 1 >= (await citizen.locator('main .list > li').count()), true, path);
  }
  const system = await person('system');
  await go(system, '/zh/admin/users');
  const logins = await cells(system, 1);
  equal(logins.join(), [...logins].sort().join(), 'by login');
  await Promise.all([system.waitForNavigation(), system.locator('th a', { hasText: '登录名' }).click()]);
  equal((await cells(system, 1))[0] >= logins[logins.length - 1], true, 'the last login first');
  await go(system, '/zh/admin/users?has=ire');
  const holds = await cells(system, 1);
  check(holds.includes('fire') && holds.every((l) => l.includes('ire')), `contains: ${holds}`);
  await go(system, '/zh/admin/users?role=food-reviewer');
  check((await cells(system, 1)).includes('food') && !(await cells(system, 1)).includes('fire'), 'by post');
  await go(system, '/zh/admin/users?state=off');
  equal(await system.locator('main .empty').count() + await system.locator('main tbody tr').count() > 0, true, 'neither rows nor what to do');
  const auditor = await person('audit');
  await go(auditor, '/zh/admin/audit?order=asc');
  equal((await cells(auditor, 1))[0], '1', 'the oldest first');
  equal(await go(auditor, '/zh/admin/audit?from=yesterday'), 422, 'no date');
  check(await auditor.locator('input[name=from][aria-invalid=true]').count(), 'the field does not say so');
  equal((await auditor.request.get(`${base}/zh/admin/audit/export?from=yesterday`, { maxRedirects: 0 })).status(), 422, 'nor has it a file');
  await go(auditor, '/zh/admin/audit?act=session.open&order=asc');
  const shown = await walkRows(auditor);
  const lines = rows((await file(auditor)).slice(1));
  equal(lines.slice(1, 1 + shown.length).map((l) => l[0]).join(), shown.join(), 'the log and its file');
  check(lines.length - 1 >= shown.length, 'the file is shorter than the screen');
});

async function walkRows(page) {
  const all = await cells(page, 1);
  for (let i = 0; i < 50 && (await next(page).count()); i++) {
    await Promise.all([page.waitForNavigation(), next(page).click()]);
    all.push(...(await cells(page, 1)));
  }
  return all;
}

test('lists: on paper stand the rows and what was chosen, not what is pressed', async () => {
  const officer = await person('food');
  await go(officer, '/zh/desk?due=paused');
  await officer.emulateMedia({ media: 'print' });
  for (const gone of ['form.filter', '.list-top .links', '.bulk']) check(!(await officer.locator(`main ${gone}`).isVisible()), `${gone} is printed`);
  for (const there of ['table', '.total', '.chip']) check(await officer.locator(`main ${there}`).first().isVisible(), `${there} is not printed`);
});

test('lists: what was narrowed is saved under a name, counted, opened first, and goes again', async () => {
  await applyForProofs(1);
  const officer = await person('police');
  await go(officer, '/zh/desk');
  equal(await officer.locator('main .saved').count(), 0, 'nothing is saved yet');
  await go(officer, '/zh/desk?item=residence-proof&sort=received&order=desc');
  const here = (await officer.locator('main .total').innerText()).match(/\d+/)[0];
  await Promise.all([officer.waitForNavigation(), officer.click('main a[href*="/lists/new"]')]);
  await press(officer);
  check(await officer.locator('#name-error').isVisible(), 'a name is wanted');
  await officer.fill('[name=name]', '新来的证明');
  await officer.check('[name=opens]', { force: true });
  await press(officer);
  check(/sort=received/.test(officer.url()), officer.url());
  const chip = officer.locator('main .saved a[aria-current]');
  equal((await chip.innerText()).replace(/\s+/g, ''), `新来的证明${here}`, 'its name and how many it counts');
  await go(officer, '/zh/desk');
  equal(await officer.locator('th[aria-sort=descending] a').innerText(), '收到时间', 'the list opens with it');
  await Promise.all([officer.waitForNavigation(), officer.locator('main .saved a', { hasText: '全部' }).click()]);
  equal(await officer.locator('th[aria-sort=ascending] a').innerText(), '期限', 'the whole is one press away');
  await officer.locator('main details.columns summary').click();
  await officer.uncheck('#col-holder', { force: true });
  await press(officer, 'main details.columns button');
  check(!(await officer.locator('main th', { hasText: '签收' }).count()), 'a column is left out');
  await Promise.all([officer.waitForNavigation(), officer.click('main a[href$="/lists"]')]);
  await Promise.all([officer.waitForNavigation(), officer.locator('main tbody a', { hasText: '新来的证明' }).click()]);
  await press(officer, 'main button[name=drop]');
  equal(await officer.locator('main .empty').count(), 1, 'it is gone');
  await officer.context().close();
});
