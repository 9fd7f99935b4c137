// UX-09: a slow line (400 kb/s, 400 ms) and a slow device (CPU 4x): when the first words of a page stand there, and how long a submit takes.
// One application is walked from the home page to its number, nothing in the cache at each page's first view. `./check ux`.
import { base, browser, check, none, person, press, refuses, test } from './lib.mjs';
import { agree, answer, clearDraft, pdf, smallShop } from './steps.mjs';

const FCP_MAX_MS = 2500;
const SUBMIT_MAX_MS = 4000;
const line = { offline: false, latency: 400, downloadThroughput: 400000 / 8, uploadThroughput: 400000 / 8 };

async function slow(storageState, conditions = line, cpu = 4) {
  const context = await browser.newContext({ storageState, viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  await cdp.send('Network.emulateNetworkConditions', conditions);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  return page;
}
const firstPaint = (page) => page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime).then((h) => h.jsonValue());
// The middle of three first views.
async function fcp(page, url, times = 3) {
  const all = [];
  for (let i = 0; i < times; i++) {
    await page.goto(url);
    all.push(Math.round(await firstPaint(page)));
  }
  return all.sort((a, b) => a - b)[Math.floor(times / 2)];
}
const late = (figures) => Object.entries(figures).filter(([name, ms]) => ms > (name.startsWith('submit') ? SUBMIT_MAX_MS : FCP_MAX_MS)).map(([name, ms]) => `${name}: ${ms} ms`);

test('UX-09 one application over a slow line: each page and the submit within the budget', async () => {
  const figures = {};
  const company = await person('company');
  await clearDraft(company, 'restaurant');
  const page = await slow(await company.context().storageState());
  const look = async (name) => { figures[name] = await fcp(page, page.url()); };
  await page.goto(`${base}/zh/`);
  await look('A1 home');
  await page.goto(`${base}/zh/guide/restaurant`);
  await look('A8 guide');
  await page.goto(`${base}/zh/apply/restaurant`);
  await look('B1 start');
  await press(page);
  await agree(page);
  const fill = page.url().replace(/\/fill.*/, '/fill');
  await page.goto(fill);
  await look('B5 tasks');
  for (let i = 0; i < 40 && !/\/done$/.test(page.url()); i++) {
    const url = page.url();
    if (/\/fill\/[a-z_-]+$/.test(url)) {
      if (!figures['B6 question']) await look('B6 question');
      await answer(page, smallShop);
      await press(page);
    } else if (/\/material\/[a-z_-]+$/.test(url)) {
      if (await page.locator('.file').count()) await Promise.all([page.waitForEvent('load'), page.locator('main a.button, main .actions a').first().click()]);
      else {
        if (!figures['B8 upload']) await look('B8 upload');
        await page.setInputFiles('input[type=file]', pdf(url));
        await press(page);
      }
    } else if (/\/check$/.test(url)) {
      await look('B11 check');
      await page.locator('main input[type=checkbox]').check({ force: true });
      const start = Date.now();
      await press(page);
      await firstPaint(page);
      figures['submit to confirmation'] = Date.now() - start;
    } else {
      const next = await page.locator('main a').evaluateAll((links) => links.filter((a) => /\/fill\/|\/material\/|\/check$/.test(a.getAttribute('href') || '')).find((a) => !/已完成|已上传/.test(a.closest('li')?.textContent || ''))?.getAttribute('href'));
      check(next, `no way on from ${url}`);
      await page.goto(base + next);
    }
  }
  check(/\/done$/.test(page.url()), `the application ended at ${page.url()}, begun at ${fill}`);
  await look('B13 confirmation');
  await page.goto(page.url().replace(/\/done$/, ''));
  await look('C3 case');
  for (const name of ['A1', 'A8', 'B5', 'B6', 'B11', 'C3']) check(Object.keys(figures).some((f) => f.startsWith(`${name} `)), `${name} was not looked at`);
  for (const [name, ms] of Object.entries(figures)) console.log(`   ${String(ms).padStart(5)} ms  ${name}`);
  none(late(figures), 'over the budget');
});

test('UX-09 control: a line of three times the latency is over the budget', async () => {
  const page = await slow(undefined, { ...line, latency: 1300 }, 1);
  const ms = await fcp(page, `${base}/zh/`, 1);
  await refuses(async () => none(late({ 'A1 home': ms }), 'over the budget'), /A1 home/, 'control');
});
