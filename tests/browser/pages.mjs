// Every page that a role can reach: axe, no overflow at 320 pixels, one h1, no Chinese on English pages, no console errors, headers.
import { axe, base, browser, check, equal, go, person, test } from './lib.mjs';

const roles = {
  nobody: ['/', '/search', '/search?q=餐馆', '/guide/restaurant', '/guide/residence-proof', '/progress', '/settings', '/sign-in', '/verify', '/apply/restaurant', '/nowhere'],
  citizen: ['/space', '/space/cases', '/space/licences', '/space/messages', '/space/access-log', '/identity', '/sign-out', '/apply/residence-proof'],
  company: ['/space', '/space/cases', '/space/licences', '/space/messages'],
  window: ['/desk', '/desk/mine', '/desk/done', '/desk/find'],
  food: ['/desk', '/desk/done'],
  system: ['/admin/users', '/admin/users/new', '/admin/systems'],
  security: ['/admin/users', '/admin/posts', '/admin/why'],
  audit: ['/admin/audit', '/admin/audit/verify'],
};

// The listed pages and those that they link to in their main part, one level down.
async function reachable(page, lang, role) {
  const seen = new Map();
  for (const path of roles[role]) seen.set(`/${lang}${path}`, true);
  for (const path of [...seen.keys()]) {
    await go(page, path);
    const links = await page.locator('main a[href^="/"]').evaluateAll((a) => a.map((x) => x.getAttribute('href')));
    const kinds = new Set([...seen.keys()].map((p) => p.replace(/\d+/g, '#').replace(/\?.*/, '')));
    for (const href of links) {
      const kind = href.replace(/\d+/g, '#').replace(/\?.*/, '');
      if (kinds.has(kind) || /\.pdf|\.csv|\/export|\/sign-out|\/material\/\d|\/metrics|^\/(zh|en)\/(zh|en)/.test(href)) continue;
      kinds.add(kind);
      seen.set(href, true);
    }
  }
  return [...seen.keys()];
}

// Pairwise over language, theme, size, width: each pair of values stands in one row.
const rows = [
  { lang: 'zh', theme: 'light', size: 'normal', width: 1280 },
  { lang: 'zh', theme: 'dark', size: 'large', width: 320 },
  { lang: 'en', theme: 'light', size: 'large', width: 1280 },
  { lang: 'en', theme: 'dark', size: 'normal', width: 320 },
];

for (const role of Object.keys(roles)) {
  test(`UX-03 UX-05 axe finds nothing and nothing overflows: ${role}`, async () => {
    const faults = [];
    let pages = 0;
    for (const row of rows) {
      const page = await person(role === 'nobody' ? null : role, { js: true, width: row.width, height: 640, lang: row.lang, colorScheme: row.theme });
      if (row.size === 'large') await page.context().addCookies([{ name: 'size', value: 'large', url: base }]);
      page.on('console', (m) => m.type() === 'error' && !/404|403|status of 4/.test(m.text()) && faults.push(`console: ${m.text()}`));
      for (const path of await reachable(page, row.lang, role)) {
        await go(page, path);
        pages++;
        const where = `${path} ${row.theme} ${row.size} ${row.width}`;
        for (const v of await axe(page)) faults.push(`${where}: ${v}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) faults.push(`${where}: ${over} px too wide`);
        const h1 = await page.locator('h1').count();
        if (h1 !== 1) faults.push(`${where}: ${h1} h1`);
      }
      await page.context().close();
    }
    console.log(`   ${pages} pages looked at`);
    check(!faults.length, `${faults.length} faults\n${[...new Set(faults)].slice(0, 25).join('\n')}`);
  });
}

test('UX-22 English pages hold no Chinese but what is marked as such', async () => {
  const faults = [];
  for (const role of ['nobody', 'citizen', 'window', 'system', 'audit']) {
    const page = await person(role === 'nobody' ? null : role, { lang: 'en' });
    for (const path of roles[role]) {
      await go(page, `/en${path}`);
      const text = await page.evaluate(() => {
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let n = walk.nextNode(); n; n = walk.nextNode()) {
          const e = n.parentElement;
          if (/[\u4e00-\u9fff]/.test(n.data) && !e.closest('[lang^=zh], .data, td, dd, .value, .file, option, script, style')) found.push(n.data.trim().slice(0, 40));
        }
        return found;
      }).catch(() => []);
      for (const t of text) faults.push(`${path}: ${t}`);
    }
    await page.context().close();
  }
  // Names of people and of the language itself stay as they are written.
  const own = faults.filter((f) => !/通办|演示|津样|: 中文$|“餐馆”|: [\u4e00-\u9fff]{2,4}$/.test(f));
  check(!own.length, [...new Set(own)].slice(0, 30).join('\n'));
});

test('UX-04 keyboard only: skip link first, focus always visible, an approval reached by Tab and Enter', async () => {
  const page = await person(null, { js: true });
  await go(page, '/zh/sign-in');
  await page.keyboard.press('Tab');
  equal(await page.evaluate(() => document.activeElement.className), 'skip', 'first stop');
  const outlines = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    outlines.push(await page.evaluate(() => {
      const s = getComputedStyle(document.activeElement);
      return s.outlineStyle !== 'none' || s.boxShadow !== 'none';
    }));
  }
  check(outlines.every(Boolean), 'a focused element without a mark');
  await page.focus('input[name=login]');
  await page.keyboard.type('police');
  await page.keyboard.press('Tab');
  await page.keyboard.type('tongban-demo-2026');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/desk/);
});

test('UX-24 forced colours, reduced motion and print show the page; CSP allows no inline script; headers stand on every reply', async () => {
  const page = await person(null, { js: true, forcedColors: 'active', reducedMotion: 'reduce' });
  const violations = [];
  page.on('console', (m) => /Content Security Policy/.test(m.text()) && violations.push(m.text()));
  for (const path of ['/zh/', '/zh/guide/restaurant', '/zh/nowhere', '/zh/sign-in']) {
    const reply = await page.goto(base + path);
    const h = reply.headers();
    check(/script-src 'self'/.test(h['content-security-policy']) && !/unsafe-inline|unsafe-eval/.test(h['content-security-policy']), 'CSP');
    equal(h['x-content-type-options'], 'nosniff', 'nosniff');
    check(h['x-request-id'], 'request id');
  }
  check(!violations.length, violations.join('\n'));
  await page.emulateMedia({ media: 'print' });
  check((await page.pdf({ format: 'A4' })).length > 3000, 'print');
});
