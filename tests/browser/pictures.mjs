// Pictures for people, not a test: `tests/browser/run --group pictures.mjs walk` takes those of the README's walk anew into docs/pictures;
// `... --group pictures.mjs all` takes every page of every role into build/pictures, at desktop and phone width, to be looked at.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { base, browser, city, go, person, test } from './lib.mjs';
import { atlasOf, roles, routes } from './atlas.mjs';
import { asCompany, clearDraft, decide, draft, fillAndSubmit, restaurant } from './steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const to = `${root}docs/pictures`;
const part = process.env.PART;
const size = { width: 1280, height: 800 };

async function walk() {
  const take = (page, name) => page.screenshot({ path: `${to}/${name}.png` });
  const stranger = await person(null, size);
  await go(stranger, '/zh/');
  await take(stranger, '1-home');
  const company = await person('company', size);
  await clearDraft(company, 'restaurant');
  await draft(company, 'restaurant');
  await fillAndSubmit(company, restaurant, null, /\/fill\/business$/);
  await take(company, '2-question');
  await fillAndSubmit(company, restaurant);
  await take(company, '3-submitted');
  const number = (await company.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  await decide(await person('window', size), number, 'accept');
  const food = await person('food', size);
  await decide(food, number, 'pass', { opinion: '现场布局与申报一致。' });
  for (const other of ['fire', 'sign']) await decide(await person(other, size), number, 'pass', { opinion: '现场与申报一致。' });
  await go(food, '/zh/desk');
  await take(food, '4-queue');
  await food.locator('main tr, main li', { hasText: number }).locator('a').first().click();
  await food.waitForLoadState();
  await take(food, '5-task');
  await decide(food, number, 'approve', { opinion: '符合条件。' });
  await asCompany(company);
  await go(company, '/zh/space/cases');
  await company.locator('main .list > li', { hasText: number }).locator('a').first().click();
  await company.waitForLoadState();
  await take(company, '6-case');
  await go(company, '/zh/space/licences');
  const href = await company.locator('main a[href$="file.pdf"]').first().getAttribute('href');
  const code = (await company.locator('main a[href*="/v/"]').first().getAttribute('href')).split('/').pop();
  writeFileSync(`${city.dir}/licence.pdf`, await (await company.request.get(base + href)).body());
  execFileSync('pdftoppm', ['-r', '60', '-png', '-singlefile', `${city.dir}/licence.pdf`, `${to}/licence`]);
  const phone = await person(null, { width: 390, height: 760 });
  await go(phone, `/zh/v/${code}`);
  await take(phone, '7-verify');
  const audit = await person('audit', size);
  await go(audit, '/zh/admin/audit');
  await take(audit, '8-audit');
}

// Each page whole, in one row of tiles after another.
async function sheets(role, name, lang, options) {
  const dir = `${root}build/pictures`;
  const atlas = await atlasOf(role, await routes());
  const context = await browser.newContext({ ...options, storageState: atlas.state });
  const page = await context.newPage();
  const tiles = [];
  const shown = new Map();
  for (const p of atlas.pages.filter((x) => x.kind === 'page' && (role === 'nobody' || !x.common))) {
    const times = (shown.get(p.route.id) || 0) + 1;
    shown.set(p.route.id, times);
    if (times > 3) continue;
    await page.goto(`${base}/${lang}${p.path}`);
    const picture = (await page.screenshot({ fullPage: true })).toString('base64');
    tiles.push(`<figure><figcaption>${p.route.id} ${p.path.replace(/\d{6,}/g, '#')} ${p.status}</figcaption><img src="data:image/png;base64,${picture}"></figure>`);
  }
  await context.close();
  const wide = options.viewport.width > 600;
  const sheet = await (await browser.newContext({ viewport: { width: 1900, height: 1000 } })).newPage();
  const each = wide ? 3 : 7;
  for (let i = 0, n = 1; i < tiles.length; i += each, n++) {
    await sheet.setContent(`<style>body{margin:0;display:flex;gap:8px;align-items:start;background:#888}figure{margin:0;flex:1 1 0;max-width:${100 / each}%}img{width:100%}figcaption{font:12px monospace;background:#ff8}</style>${tiles.slice(i, i + each).join('')}`);
    await sheet.screenshot({ path: `${dir}/${role}-${name}-${String(n).padStart(2, '0')}.png`, fullPage: true });
  }
}

if (part === 'walk') test('the pictures of the walk', walk);
if (part === 'all') {
  rmSync(`${root}build/pictures`, { recursive: true, force: true });
  mkdirSync(`${root}build/pictures`, { recursive: true });
  for (const role of (process.env.ROLES || roles.join()).split(',')) {
    test(`${role}: desktop, Chinese, light`, () => sheets(role, 'desk', 'zh', { viewport: { width: 1280, height: 900 } }));
    test(`${role}: phone, English, dark`, () => sheets(role, 'phone', 'en', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }));
  }
}
