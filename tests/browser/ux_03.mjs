// UX-03, UX-05, the part of UX-24 that holds for every page, and what bars.mjs measures (UX-06, 07, 08, 11, 21, 22, 25): each page of the
// atlas, for each role, in rows of the matrix (matrix.mjs): a covering array of pairs, or, in `./check ux`, the full product. One load of a
// page serves them all.
import { atlases, base, check, equal, go, inSeenCity, none, person, press, refuses, renew, test } from './lib.mjs';
import { routes, uncovered } from './atlas.mjs';
import { bars, titled } from './bars.mjs';
import { axe, clean, dress, headers, inRow, measured, measuredBoth, mirror, planted, shape, validated, watch } from './look.mjs';
import { covering, dimensions, missing, product, text } from './matrix.mjs';

inSeenCity();
const parts = {
  nobody: ['nobody'],
  applicants: ['company', 'citizen'],
  offices: ['window', 'food', 'fire', 'sign', 'police'],
  registries: ['population'],
  halls: ['hall', 'kiosk'],
  administrators: ['editor', 'system', 'security', 'audit'],
  supervisors: ['supervisor', 'head'],
};
const part = process.env.PART;
const full = process.env.UX === 'full';
const looked = new Set(); // row and shape: axe would say the same of the same shape again
const known = new Set(); // main parts and frames that axe has seen in some row, and documents that the validator has

// What a load of a page depends on; in the full product the other dimensions are put on the page as it stands, which axe does not change:
// of another theme only the colours are looked at, and in forced ones they are the person's (axe of look.mjs).
function loadsOf(rows) {
  const loads = new Map();
  for (const row of rows) {
    const load = `${row.lang} ${row.size} ${row.script}`;
    loads.set(load, [...(loads.get(load) || []), row]);
  }
  return [...loads.values()];
}

async function lookAt(page, { route, path: below, status, common }, rows, faults, again) {
  const [row, ...others] = rows;
  const path = `/${row.lang}${below}`;
  const where = `${path} ${text(row)}`;
  await dress(page, row);
  const reply = await page.goto(base + path);
  const led = !!reply.request().redirectedFrom(); // what was shown for some minutes only asks again
  if (led && page.url().includes('/sign-in')) return void faults.hard.push(`${where}: leads to ${page.url()}`);
  for (const f of headers(reply)) faults.hard.push(`${where}: ${f}`);
  for (const f of await measuredBoth(page)) faults.wide.push(`${where}: ${f}`);
  const { main, frame, title } = await shape(page);
  if (status === 200 && !led) for (const f of titled(faults.titles, { lang: row.lang, title, route: route.id, path: below, everybody: common })) faults.bars.push(f);
  const key = `${text(row)} ${frame} ${main}`;
  if (looked.has(key) || (again && !full && known.has(main) && known.has(frame))) return;
  looked.add(key);
  for (const k of [main, frame]) known.add(k);
  const document = `${row.lang} ${frame} ${main}`;
  const html = await reply.text();
  if (!known.has(document)) for (const f of await validated(html, path)) faults.hard.push(`${f} on ${path.replace(/\d{6,}/g, '#')}`);
  known.add(document);
  for (const f of await axe(page)) faults.axe.push(`${where}: ${f}`);
  for (const other of others) {
    await dress(page, other);
    for (const f of await axe(page, other.theme !== row.theme)) faults.axe.push(`${path} ${text(other)}: ${f}`);
  }
  await dress(page, row);
  for (const f of await bars(page, html, row)) faults.bars.push(`${f} -- ${where}`);
  faults.looked++;
}

// What one role looks at: [page, rows of one load, is it another's?]. Each row of the route table in the rows that the matrix gives it, its
// addresses by turns and each at least once; what everybody may see, or a role before this one sees, in one row more.
const before = Object.values(parts).flat();
const ownerOf = (route) => before.find((role) => atlases[role].pages.some((p) => p.route.id === route && p.status === 200 && p.kind === 'page'));
function visits(role, pages) {
  const cover = covering(role);
  const states = new Map();
  for (const p of pages) states.set(`${p.route.id} ${p.status}`, [...(states.get(`${p.route.id} ${p.status}`) || []), p]);
  const list = [];
  const rowsOf = new Map();
  for (const [key, all] of states) {
    const common = role !== 'nobody' && all[0].common;
    const again = common || (all[0].status === 200 && ownerOf(all[0].route.id) !== role);
    const rows = full && !again ? product : cover.take(key, again && !full);
    const visited = common ? all.slice(0, 1) : all;
    const loads = full ? loadsOf(rows) : rows.map((row) => [row]);
    for (let i = 0; i < Math.max(loads.length, visited.length); i++) list.push([visited[i % visited.length], loads[i % loads.length], again]);
    if (!again) rowsOf.set(key, rows);
  }
  return { list, rowsOf };
}

for (const role of parts[part]) {
  const faults = { axe: [], wide: [], hard: [], bars: [], titles: new Map(), looked: 0 };
  test(`UX-03 axe finds nothing on any page: ${role}`, async () => {
    await renew(role);
    const atlas = atlases[role];
    const pages = atlas.pages.filter((p) => p.kind === 'page');
    check(pages.length >= 10, `only ${pages.length} pages`);
    const { list, rowsOf } = visits(role, pages);
    const page = await mirror(atlas.state);
    await watch(page, faults.hard);
    for (const [p, rows, again] of list) await lookAt(page, p, rows, faults, again);
    faults.pages = list.length;
    console.log(`   ${pages.length} addresses, ${list.length} visits, ${faults.looked} shapes under axe`);
    none(missing(role, rowsOf).filter((x) => x.startsWith('page')), 'values of a dimension that a page was not seen in');
    if (rowsOf.size) await refuses(async () => none(missing(role, new Map([...rowsOf].map(([k, r]) => [k, r.slice(full ? -1 : 1)]))), 'pairs'), /page/, 'control: too few rows');
    none(faults.axe, 'faults');
  });
  test(`UX-05 nothing is wider than the window: ${role}`, async () => {
    check(faults.pages > 0, 'nothing was looked at');
    none(faults.wide, 'faults');
  });
  test(`UX-06 UX-07 UX-08 UX-11 UX-21 UX-22 UX-25 large and spaced text, targets, bytes, pictures in words, longer texts, plain sentences: ${role}`, async () => {
    check(faults.looked > 0, 'nothing was looked at');
    none(faults.bars, 'faults');
  });
  test(`UX-24 valid HTML, strict CSP, nothing for the browser to complain of: ${role}`, async () => {
    check(faults.pages > 0, 'nothing was looked at');
    none(faults.hard, 'faults');
  });
}

if (part === 'nobody') {
  test('UX-03 every row of the route table is seen by a role, and a new row would be missed', async () => {
    const table = await routes();
    const all = Object.values(atlases);
    none(uncovered(table, all), 'rows that no browser sees');
    const grown = [...table, { id: 'X1', method: 'GET', path: '/new-page/{case}', kind: 'page', pattern: /^\/zh\/new-page\/[^/]+$/ }, { id: 'X2', method: 'POST', path: '/new-call', kind: 'action', pattern: /^\/zh\/new-call$/ }];
    check(uncovered(grown, all).length === 2, 'control: two new rows are not missed');
    for (const status of [403, 404]) check(all.some((a) => a.pages.some((p) => p.status === status && p.kind === 'page')), `no page with ${status}`);
    check(product.length === Object.values(dimensions).reduce((n, d) => n * d.length, 1), 'the product is not whole');
  });

  // What an error's page is looked at for, in a row: as every page, and that it tells a way out.
  const get = (path) => (page) => page.goto(base + path).catch(() => {});
  async function refusal(page, row, status, act, faults) {
    await page.goto(`${base}/${row.lang}/settings`);
    const [reply] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() >= 400, { timeout: 15000 }), page.waitForEvent('load', { timeout: 15000 }), act(page)]).catch((e) => [{ status: () => e.message }]);
    if (reply.status() !== status) return void faults.push(`${text(row)}: wanted ${status}, got ${reply.status()}`);
    for (const f of await clean(page, reply)) faults.push(`${status} ${text(row)}: ${f}`);
    const words = await page.locator('main').innerText().catch(() => '');
    if (words.length < 20 || !(await page.locator('main a, main button').count())) faults.push(`${status} ${row.lang}: no way out: ${words}`);
    return words;
  }

  test('UX-03 UX-05 UX-24 the error pages 400 403 404 405 410 429: in every row', async () => {
    const faults = [];
    await renew('citizen');
    const citizen = await person('citizen');
    const state = await citizen.context().storageState();
    // A call that says nothing, or too often, or to the wrong place, as a page of ours would send it.
    const post = (path, fields) => async (page) => {
      await page.evaluate(({ path, fields }) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = path;
        for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { name, value }));
        document.body.append(form);
        form.submit();
      }, { path, fields });
    };
    const licence = Object.values(atlases).flatMap((a) => a.pages).find((p) => /^\/v\/[^/]+$/.test(p.path) && p.status === 200);
    check(licence, 'no licence to look up');
    const cover = covering('errors');
    for (const row of cover.take('errors')) {
      const page = await inRow({ ...row, script: 'on' }, state); // the calls that no page of ours makes are made by a script
      const in_ = `/${row.lang}`;
      const states = [
        [404, get(`${in_}/nowhere`)],
        [403, get(`${in_}/desk`)],
        [400, get(`${in_}/search?q=%zz`)],
        [405, post(`${in_}/search`, {})],
        [410, get(`${in_}${licence.path}?shown=1.0`)],
        [403, post(`${in_}/sign-out`, { _csrf: 'forged' })],
        [429, async () => { for (let i = 0; i < 24; i++) await page.request.get(`${base}${in_}/progress/1`, { maxRedirects: 0 }); await page.goto(`${base}${in_}/progress/1`); }],
      ];
      for (const [status, act] of states) await refusal(page, row, status, act, faults);
      await page.context().close();
    }
    none(faults, 'faults');
  });

  test('UX-03 UX-05 UX-24 controls: a planted fault of each kind is found', async () => {
    const page = await inRow({ lang: 'en', theme: 'dark', size: 'normal', width: 320, script: 'on' });
    const path = '/en/sign-in';
    const hard = [];
    await watch(page, hard);
    const plant = (extra) => planted(page, path, (html) => html.replace('</main>', `${extra}</main>`));
    const finds = (body, why) => refuses(async () => none(await body(), 'faults'), why, String(why));
    await plant('');
    none([...(await axe(page)), ...(await measured(page)), ...hard], 'without a plant');
    await plant('<img src="/nothing.png"><p class="faint">x</p><input>');
    await finds(() => axe(page), /image-alt/);
    await plant('<div class="wide">wide</div>');
    await page.evaluate(() => { document.querySelector('.wide').style.width = '400px'; });
    await finds(() => measured(page), /too wide/);
    await page.setViewportSize({ width: 1280, height: 640 });
    await finds(() => measuredBoth(page), /at 320: .*too wide/);
    await page.setViewportSize({ width: 320, height: 640 });
    await plant('<div class="box"><pre>wide</pre></div>');
    await page.evaluate(() => { document.querySelector('.box').style.overflowX = 'auto'; document.querySelector('.box pre').style.width = '900px'; });
    await finds(() => measured(page), /scrolls, but/);
    await plant('<h1>two</h1>');
    await finds(() => measured(page), /2 h1/);
    await plant('<p>和平区</p>');
    await finds(() => measured(page), /not marked as Chinese/);
    await plant('<p><bdi lang="zh-CN">天津某某</bdi></p>');
    none(await measured(page), 'marked Chinese');
    await plant('<select aria-label="x"><option>天津某某</option></select>');
    await finds(() => measured(page), /not marked as Chinese: 天津某某/);
    await plant('<select aria-label="x"><option lang="zh-CN">天津某某</option><option>某人 · Heping Police</option></select>');
    none(await measured(page), 'marked options');
    for (const known of ['<p><bdi lang="zh-CN">和平区人民政府（演示）</bdi></p>', '<p><bdi lang="zh-CN">尚未开始</bdi></p>', '<select aria-label="x"><option lang="zh-CN">公共代码</option></select>']) {
      await plant(known);
      await finds(() => measured(page), /UX-22 has English/);
    }
    await plant('<p class="value"><bdi lang="zh-CN">尚未开始</bdi></p>');
    none(await measured(page), 'what somebody typed');
    await finds(async () => validated('<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><p><div></div></p></body></html>', 'x'), /html /);
    hard.length = 0;
    await plant('<script>1</script>');
    await finds(async () => hard, /CSP: script-src/);
    hard.length = 0;
    await plant('<p onclick="1">x</p><img alt="" src="/assets/nothing.png">');
    await page.waitForLoadState('networkidle');
    await finds(async () => hard, /console error.*404|CSP/);
    await finds(async () => headers({ headers: () => ({ 'content-security-policy': "script-src 'self' 'unsafe-inline'", 'x-content-type-options': 'nosniff', 'x-request-id': '1' }) }), /CSP of scripts/);
  });

  // (500 is said of a defect of the program alone, which none can be asked for from outside: page_test.c has a route with one.)
  test('UX-03 UX-05 UX-24 the error page 503, while the installation is worked on: in every row', async () => {
    const faults = [];
    await renew('citizen');
    await renew('system');
    const state = await (await person('citizen')).context().storageState();
    const form = atlases.citizen.pages.find((p) => p.status === 200 && /^\/case\/\d+\/fill\/[^/]+$/.test(p.path));
    check(form, 'no form');
    const rows = covering('upkeep').take('upkeep');
    const wanted = { zh: /正在维护.*以后再提交/s, en: /Maintenance is under way.*Send it after/s };
    const send = (lang) => async (page) => {
      await page.goto(`${base}/${lang}${form.path}`);
      return press(page);
    };
    const system = await person('system');
    const minutes = (n) => new Date(Date.now() + n * 60000).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' }).slice(0, 16);
    await go(system, '/zh/admin/upkeep');
    for (const [name, value] of Object.entries({ from: minutes(0), until: minutes(60), zh: '更换磁盘', en: 'New disks' })) await system.fill(`[name=${name}]`, value);
    equal((await press(system)).status(), 200, 'the announcement');
    try {
      for (const row of rows) {
        const page = await inRow(row, state);
        const words = await refusal(page, row, 503, send(row.lang), faults);
        if (words && !wanted[row.lang].test(words)) faults.push(`503 ${text(row)}: does not say what is the matter: ${words.slice(0, 200)}`);
        await page.context().close();
      }
    } finally {
      await go(system, '/zh/admin/upkeep');
      equal((await press(system, 'form:has([name=do][value=end]) button')).status(), 200, 'its end');
    }
    none(faults, 'faults');
    equal((await send('zh')(await person('citizen'))).status(), 200, 'control: the same, once it is over');
  });
}
