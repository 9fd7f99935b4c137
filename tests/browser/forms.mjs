// What must not pass: forged requests, guessed passwords.
import { base, check, equal, go, password, person, press, test } from './lib.mjs';

test('a POST without its token, or from another site, is refused with 403', async () => {
  const page = await person('citizen');
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  equal((await page.request.post(`${base}/zh/sign-out`, { data: 'act=go', headers, maxRedirects: 0 })).status(), 403, 'no token');
  equal((await page.request.post(`${base}/zh/sign-out`, { data: 'act=go', headers: { ...headers, Origin: 'http://evil.example' }, maxRedirects: 0 })).status(), 403, 'another site');
});

test('five wrong passwords lock the account: then the right one is refused too, on every path, and the page says what to do', async () => {
  const attempt = async (login, word) => {
    const page = await person(null);
    await go(page, '/zh/sign-in');
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', word);
    const reply = await press(page);
    const text = await page.locator('main').innerText();
    const inside = (await go(page, '/zh/space')) === 200 && !page.url().includes('/sign-in');
    await page.context().close();
    return { status: reply.status(), text, inside };
  };
  // Control: four wrong ones do not lock.
  for (let i = 0; i < 4; i++) equal((await attempt('sign', `wrong ${i}`)).status, 422, `wrong ${i + 1}`);
  const before = await attempt('sign', password);
  check(before.inside, `the right password after four wrong ones: ${before.status} ${before.text.slice(0, 80)}`);
  for (let i = 0; i < 5; i++) {
    const wrong = await attempt('audit', `wrong ${i}`);
    equal(wrong.status, 422, `wrong ${i + 1}`);
    check(!wrong.inside, 'a wrong password opens the door');
  }
  const right = await attempt('audit', password);
  check(!right.inside, 'the right password opens the door after five wrong ones');
  check([422, 429].includes(right.status), `${right.status}`);
  check(/\d+ ?分钟|稍后|12345/.test(right.text), `it does not say what to do: ${right.text.slice(0, 160)}`);
});
