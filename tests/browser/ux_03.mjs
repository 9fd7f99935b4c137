// UX-03, UX-05 and the part of UX-24 that holds for every page: each page of the atlas, for each role, in each row of the pairwise table.
import { base, check, none, person, refuses, test } from './lib.mjs';
import { atlasOf, roles, routes, uncovered } from './atlas.mjs';
import { axe, clean, headers, inRow, measured, missingPairs, planted, rows, shape, validated, watch } from './look.mjs';

const parts = {
  nobody: ['nobody'],
  applicants: ['company', 'citizen'],
  offices: ['window', 'food', 'fire', 'sign', 'police'],
  registries: ['population'],
  halls: ['hall', 'kiosk'],
  administrators: ['editor', 'system', 'security', 'audit'],
};
const part = process.env.PART;
const whole = new Set(); // rows of the route table that a role before has seen in every row of the pairs
const seen = new Set(); // row and shape: axe would say the same of the same shape again

async function lookAt(page, path, row, faults) {
  const where = `${path} ${Object.values(row).join(' ')}`;
  const reply = await page.goto(base + path);
  for (const f of headers(reply)) faults.hard.push(`${where}: ${f}`);
  for (const f of await measured(page)) faults.wide.push(`${where}: ${f}`);
  const key = `${JSON.stringify(row)} ${await shape(page)}`;
  if (seen.has(key)) return;
  seen.add(key);
  for (const f of await validated(await reply.text(), path)) faults.hard.push(`${f} on ${path.replace(/\d{6,}/g, "#")}`);
  for (const f of await axe(page)) faults.axe.push(`${where}: ${f}`);
  faults.looked++;
}

for (const role of parts[part]) {
  const faults = { axe: [], wide: [], hard: [], looked: 0, pages: 0 };
  test(`UX-03 axe finds nothing on any page: ${role}`, async () => {
    const table = await routes();
    const atlas = await atlasOf(role, table);
    const pages = atlas.pages.filter((p) => p.kind === 'page');
    check(pages.length >= 10, `only ${pages.length} pages`);
    for (const [at, row] of rows.entries()) {
      const page = await inRow(row, atlas.state);
      await watch(page, faults.hard);
      for (const [i, p] of pages.entries()) {
        // What another has been shown in every row is looked at once more by each role, in the rows by turns.
        if ((whole.has(p.route.id) || (role !== 'nobody' && p.common)) && i % rows.length !== at) continue;
        await lookAt(page, `/${row.lang}${p.path}`, row, faults);
        faults.pages++;
      }
      await page.context().close();
    }
    for (const p of pages) if (p.status === 200) whole.add(p.route.id);
    console.log(`   ${pages.length} addresses, ${faults.pages} visits, ${faults.looked} shapes under axe`);
    none(faults.axe, 'faults');
  });
  test(`UX-05 nothing is wider than the window: ${role}`, async () => {
    check(faults.pages > 0, 'nothing was looked at');
    none(faults.wide, 'faults');
  });
  test(`UX-24 valid HTML, strict CSP, nothing for the browser to complain of: ${role}`, async () => {
    check(faults.pages > 0, 'nothing was looked at');
    none(faults.hard, 'faults');
  });
}

if (part === 'nobody') {
  test('UX-03 every row of the route table is seen by a role, and a new row would be missed', async () => {
    const table = await routes();
    const all = [];
    for (const role of roles) all.push(await atlasOf(role, table));
    none(uncovered(table, all), 'rows that no browser sees');
    const grown = [...table, { id: 'X1', method: 'GET', path: '/new-page/{case}', kind: 'page', pattern: /^\/zh\/new-page\/[^/]+$/ }, { id: 'X2', method: 'POST', path: '/new-call', kind: 'action', pattern: /^\/zh\/new-call$/ }];
    check(uncovered(grown, all).length === 2, 'control: two new rows are not missed');
    for (const status of [403, 404]) check(all.some((a) => a.pages.some((p) => p.status === status && p.kind === 'page')), `no page with ${status}`);
    none(missingPairs(rows), 'pairs that no row has');
    check(missingPairs(rows.slice(1)).length > 0, 'control: a row less is not missed');
  });

  test('UX-03 UX-05 UX-24 the error pages 400 403 404 405 429: in every row', async () => {
    const faults = [];
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
    const get = (path) => (page) => page.goto(base + path).catch(() => {});
    for (const row of rows) {
      const page = await inRow(row, state);
      const in_ = `/${row.lang}`;
      const states = [
        [404, get(`${in_}/nowhere`)],
        [403, get(`${in_}/desk`)],
        [400, get(`${in_}/search?q=%zz`)],
        [405, post(`${in_}/search`, {})],
        [403, post(`${in_}/sign-out`, { _csrf: 'forged' })],
        [429, async () => { for (let i = 0; i < 24; i++) await page.request.get(`${base}${in_}/progress/1`, { maxRedirects: 0 }); await page.goto(`${base}${in_}/progress/1`); }],
      ];
      for (const [status, act] of states) {
        await page.goto(`${base}${in_}/settings`);
        const [reply] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() >= 400, { timeout: 15000 }), page.waitForEvent('load', { timeout: 15000 }), act(page)]).catch((e) => [{ status: () => e.message }]);
        if (reply.status() !== status) {
          faults.push(`${Object.values(row).join(' ')}: wanted ${status}, got ${reply.status()}`);
          continue;
        }
        for (const f of await clean(page, reply)) faults.push(`${status} ${Object.values(row).join(' ')}: ${f}`);
        const words = await page.locator('main').innerText().catch(() => '');
        if (words.length < 20 || !(await page.locator('main a, main button').count())) faults.push(`${status} ${row.lang}: no way out: ${words}`);
      }
      await page.context().close();
    }
    none(faults, 'faults');
  });

  test('UX-03 UX-05 UX-24 controls: a planted fault of each kind is found', async () => {
    const page = await inRow(rows[3]);
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
    await plant('<div class="box"><pre>wide</pre></div>');
    await page.evaluate(() => { document.querySelector('.box').style.overflowX = 'auto'; document.querySelector('.box pre').style.width = '900px'; });
    await finds(() => measured(page), /scrolls, but/);
    await plant('<h1>two</h1>');
    await finds(() => measured(page), /2 h1/);
    await plant('<p>和平区</p>');
    await finds(() => measured(page), /not marked as Chinese/);
    await plant('<p><bdi lang="zh-CN">和平区</bdi></p>');
    none(await measured(page), 'marked Chinese');
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
}
