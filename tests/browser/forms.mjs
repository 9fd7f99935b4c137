// What goes wrong in forms: bad input, double submit, lost sessions.
import { base, browser, check, equal, go, person, press, signIn, test } from './lib.mjs';
import { agree, asCompany, draft, fillAndSubmit } from './journeys.mjs';

test('UX-12 every question page refuses empty, over-long and hostile input with 422, a summary and the same words at the field', async () => {
  const page = await person('company');
  await asCompany(page);
  const fill = await draft(page, 'restaurant');
  const hostile = '<script>alert(1)</script>"\'&{{name}}';
  for (const [path, good] of [['company', {}], ['premises', { address: hostile }]]) {
    await page.goto(`${fill}/${path}`);
    for (const field of await page.locator('main input:not([type=hidden])').all()) await field.fill('');
    const reply = await press(page);
    equal(reply.status(), 422, `${path} empty`);
    check((await page.title()).startsWith('错误：'), `title ${await page.title()}`);
    const links = await page.locator('.errors a').evaluateAll((a) => a.map((x) => [x.getAttribute('href'), x.textContent.trim()]));
    check(links.length, 'no error summary');
    for (const [href, text] of links) {
      const field = page.locator(`[id="${href.slice(1)}"]`);
      check(await field.count(), `${href} leads nowhere`);
      const said = await page.locator(`[id="${href.slice(1)}-error"]`).first().innerText().catch(() => '');
      check(said.includes(text), `summary says ${text}, the field says ${said}`);
    }
    for (const [name, value] of Object.entries(good)) await page.fill(`[name=${name}]`, value);
    if (await page.locator('[name=area]').count()) await page.fill('[name=area]', 'abc');
    await press(page);
    for (const [name, value] of Object.entries(good)) equal(await page.inputValue(`[name=${name}]`), value, 'what was typed is kept');
  }
  await page.goto(`${fill}/company`);
  await page.locator('[name=shop_name]').evaluate((e) => e.removeAttribute('maxlength')).catch(() => {});
  await page.fill('[name=shop_name]', '店'.repeat(3000)).catch(() => {});
  const long = await press(page);
  check([422, 200, 413].includes(long.status()), `over-long: ${long.status()}`);
});

test('UX-13 a session that ends mid-form loses nothing: the same answers, the same place, at most 2 pages', async () => {
  const page = await person('citizen');
  const fill = await draft(page, 'residence-proof');
  await page.goto(`${fill}/registered`);
  await page.locator('[name=purpose][value="2"]').check({ force: true });
  await page.fill('[name=recipient]', '天津市演示学校');
  await press(page, 'main button[value=later], main form button.button');
  await page.context().clearCookies();
  await page.goto(`${fill}/registered`);
  check(page.url().includes('/sign-in'), 'an ended session must lead to the sign-in page');
  await page.fill('input[name=login]', 'citizen');
  await page.fill('input[name=password]', 'tongban-demo-2026');
  await press(page);
  if (!page.url().includes('/registered')) await page.goto(`${fill}/registered`);
  equal(await page.inputValue('[name=recipient]'), '天津市演示学校', 'the answer');
  check(await page.locator('[name=purpose][value="2"]').isChecked(), 'the choice');
});

test('UX-14 the same form sent twice makes one case; back and again does not either', async () => {
  const page = await person('citizen');
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  await fillAndSubmit(page, { purpose: '9' });
  const number = (await page.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  await page.reload();
  check((await page.locator('main').innerText()).includes(number), 'a refresh shows the same number');
  // Two drafts' submit forms, sent by hand with one key.
  const check1 = await person('citizen');
  await go(check1, '/zh/apply/residence-proof');
  await press(check1);
  await agree(check1);
  if (!/\/fill\//.test(check1.url())) await check1.goto(`${check1.url()}/registered`);
  await check1.locator('[name=purpose][value="1"]').check({ force: true });
  await press(check1);
  const fill = check1.url().replace(/\/(fill|check|material).*/, '');
  await check1.goto(`${fill}/check`);
  const form = await check1.locator('main form').first().evaluate((f) => [...new FormData(f).entries()]);
  const body = new URLSearchParams([...form, ['declared', 'yes']]).toString();
  const send = () => check1.request.post(`${fill}/check`, { data: body, headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base }, maxRedirects: 0 });
  const [a, b] = await Promise.all([send(), send()]);
  equal(a.status(), 303, 'the first');
  equal(b.status(), 303, 'the second');
  equal(a.headers().location, b.headers().location, 'both are answered alike');
});

test('a POST without its token, or from another site, is refused with 403', async () => {
  const page = await person('citizen');
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  equal((await page.request.post(`${base}/zh/sign-out`, { data: 'act=go', headers, maxRedirects: 0 })).status(), 403, 'no token');
  equal((await page.request.post(`${base}/zh/sign-out`, { data: 'act=go', headers: { ...headers, Origin: 'http://evil.example' }, maxRedirects: 0 })).status(), 403, 'another site');
});

test('five wrong passwords lock the account, and the page says what to do', async () => {
  const page = await person(null);
  let text = '';
  for (let i = 0; i < 6; i++) {
    await go(page, '/zh/sign-in');
    await page.fill('input[name=login]', 'audit');
    await page.fill('input[name=password]', `wrong ${i}`);
    const reply = await press(page);
    check([422, 429].includes(reply.status()), `${reply.status()}`);
    text = await page.locator('main').innerText();
  }
  check(/锁定/.test(text), `not locked: ${text.slice(0, 120)}`);
});
