// C12: contacts and what is sent, in a city that has a gateway for mail (nobody answers there: what is sent waits) and in one that has none.
import { axe } from './look.mjs';
import { check, city, equal, go, person, press, test } from './lib.mjs';

const send = 'main form:has(input[name=do][value=send]) button';
const confirm = 'main form:has(input[name=do][value=confirm]) button';
const choose = 'main form:has(input[name=do][value=choose]) button';
async function withGateway() {
  if (city.more) return;
  await city.stop();
  city.more = ['--mail', 'smtp://127.0.0.1:9', '--mail-from', 'city@gov.example'];
  await city.start();
}

test('C12 without a gateway the page says that messages are here alone, and asks for nothing', async () => {
  const page = await person('citizen');
  equal(await go(page, '/zh/space/contacts'), 200, 'the page');
  check((await page.locator('main').innerText()).includes('没有接通短信和邮件'), 'it is said');
  equal(await page.locator('main form').count(), 0, 'forms');
});

test('C12 without JavaScript: an address waits for its code, a wrong code is told at its field, choices are kept, and one can take it back', async () => {
  await withGateway();
  const page = await person('citizen');
  await go(page, '/zh/space/contacts');
  await page.fill('#mail', 'zhang.san@example.com');
  await press(page, send);
  check((await page.locator('main').innerText()).includes('z***@example.com'), 'where the code went, masked');
  check(!(await page.content()).includes('zhang.san'), 'the address is not sent back');
  await page.fill('#mail-code', '000000');
  equal((await press(page, confirm)).status(), 422, 'a wrong code');
  equal(await page.locator('.errors a').getAttribute('href'), '#mail-code', 'the summary leads to the field');
  equal(await page.getAttribute('#mail-code', 'aria-invalid'), 'true', 'the field');
  await page.locator('[name=quiet][value=own]').check({ force: true });
  await page.fill('#from', '9 pm');
  equal((await press(page, choose)).status(), 422, 'a time that is none');
  equal(await page.inputValue('#from'), '9 pm', 'what was typed');
  check(await page.locator('[name=quiet][value=own]').isChecked(), 'what was chosen');
  await page.fill('#from', '21:15');
  await page.locator('[name=on][value=mail-bulk]').check({ force: true });
  await press(page, choose);
  equal(await page.inputValue('#from'), '21:15', 'kept');
  check(await page.locator('[name=on][value=mail-bulk]').isChecked(), 'kept');
  await press(page, 'main form:has(input[name=do][value=drop]) button');
  equal(await page.locator('#mail-code').count(), 0, 'no code is awaited');
});

test('C12 UX-03 UX-05 the page, waiting for a code and refused: axe finds nothing and nothing overflows, zh and en, light and dark, 1280 and 320', async () => {
  await withGateway();
  const faults = [];
  const first = await person('company');
  await go(first, '/zh/space/contacts');
  await first.fill('#mail', 'a.rather.long.name.of.a.person@a.rather.long.domain.example.com');
  await press(first, send);
  for (const [lang, theme, width] of [['zh', 'light', 1280], ['zh', 'dark', 320], ['en', 'light', 320], ['en', 'dark', 1280]]) {
    const page = await person('company', { js: true, width, height: 700, colorScheme: theme });
    for (const refuse of [false, true]) {
      equal(await go(page, `/${lang}/space/contacts`), 200, lang);
      if (refuse) await press(page, confirm);
      const where = `${lang} ${theme} ${width}${refuse ? ' refused' : ''}`;
      for (const v of await axe(page)) faults.push(`${where}: ${v}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) faults.push(`${where}: ${over} px too wide`);
      if ((await page.locator('h1').count()) !== 1) faults.push(`${where}: not one h1`);
    }
    await page.context().close();
  }
  check(!faults.length, faults.slice(0, 20).join('\n'));
});
