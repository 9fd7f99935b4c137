// A12: going on with a draft on another device, in a city that has a gateway for text messages (nobody answers there: codes wait) and in one
// that has none. What a code opens is seen by src/web/portal/resume_test.c, which reads the letter.
import { axe } from './look.mjs';
import { check, city, equal, go, person, press, test } from './lib.mjs';

const number = '00000-00000-001D'; // whole, and nobody's
const button = 'main form[action*="/resume"] button';
async function withGateway() {
  if (city.more) return;
  await city.stop();
  city.more = ['--sms', 'smpp://127.0.0.1:9', '--sms-from', '12345'];
  await city.start();
}

test('A12 without a gateway the page says what to do instead, and asks for nothing', async () => {
  const page = await person(null);
  equal(await go(page, '/zh/resume'), 200, 'the page');
  check((await page.locator('main').innerText()).includes('没有接通短信'), 'it is said');
  equal(await page.locator('main form').count(), 0, 'forms');
});

test('A12 without JavaScript: the number stands on the draft; all that is mistyped is told at once; nothing tells that a pair is unknown', async () => {
  await withGateway();
  const own = await person('citizen');
  await go(own, '/zh/apply/residence-proof');
  await press(own, 'main form button[value=go]');
  if (/consent$/.test(own.url())) {
    await own.locator('[name=decision][value=agree]').check({ force: true });
    await press(own);
  }
  await go(own, own.url().replace(/\/fill\/.*/, '/fill').replace(/^https?:\/\/[^/]+/, ''));
  const shown = (await own.locator('main .number').first().innerText()).trim();
  check(/^[0-9A-Y]{5}-[0-9A-Y]{5}-[0-9A-Y]{4}$/.test(shown), `the draft's number: ${shown}`);
  const page = await person(null);
  await go(page, '/zh/progress');
  await go(page, '/zh/resume');
  await page.fill('#number', `${shown.slice(0, -1)}${shown.at(-1) === '0' ? '1' : '0'}`);
  await page.fill('#phone', '1380000');
  equal((await press(page, button)).status(), 422, 'mistyped');
  equal((await page.locator('.errors a').evaluateAll((all) => all.map((a) => a.getAttribute('href')))).join(), '#number,#phone', 'both faults');
  equal(await page.inputValue('#phone'), '1380000', 'what was typed');
  const words = [];
  for (const one of [shown, number]) {
    await go(page, '/zh/resume');
    await page.fill('#number', one.toLowerCase().replaceAll('-', ' '));
    await page.fill('#phone', '139 0000 0001');
    await press(page, button);
    check(page.url().endsWith(`/zh/resume/${one}`), page.url());
    await page.fill('#code', '000000');
    equal((await press(page, button)).status(), 422, 'a wrong code');
    equal(await page.locator('.errors a').getAttribute('href'), '#code', 'the summary leads to the field');
    words.push((await page.locator('main').innerText()).replaceAll(one, ''));
  }
  equal(words[0], words[1], 'a draft that is there, and none');
});

test('A12 UX-03 UX-05 both pages, as they come and refused: axe finds nothing and nothing overflows, zh and en, light and dark, 1280 and 320', async () => {
  await withGateway();
  const faults = [];
  for (const [lang, theme, width] of [['zh', 'light', 1280], ['zh', 'dark', 320], ['en', 'light', 320], ['en', 'dark', 1280]]) {
    const page = await person(null, { js: true, width, height: 700, colorScheme: theme });
    for (const path of ['/resume', `/resume/${number}`])
      for (const refuse of [false, true]) {
        equal(await go(page, `/${lang}${path}`), 200, lang);
        if (refuse) await press(page, button);
        const where = `${lang} ${theme} ${width} ${path}${refuse ? ' refused' : ''}`;
        faults.push(...(await axe(page)).map((x) => `${where}: ${x}`));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) faults.push(`${where}: ${over} px too wide`);
      }
    await page.context().close();
  }
  equal(faults.join('\n'), '', 'faults');
});
