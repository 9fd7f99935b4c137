// UX-14: a double click, a refresh, Back and once more, two tabs: exactly one case.
import { base, check, equal, go, none, person, press, refuses, test } from './lib.mjs';
import { clean } from './look.mjs';
import { clearDraft, draft, fillAndSubmit } from './steps.mjs';

const numbers = async (page) => {
  const all = [];
  for (let path = '/zh/space/cases'; path; ) {
    await go(page, path);
    all.push(...(await page.locator('main .list .number').allInnerTexts()).map((x) => x.trim()).filter((x) => /^\d{8}-/.test(x)));
    const next = page.locator('.pages a[rel=next]');
    path = (await next.count()) ? await next.first().getAttribute('href') : null; // never by a time limit: a busy machine made it short
  }
  return all;
};
async function atCheck(page) {
  await clearDraft(page, 'residence-proof');
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  await fillAndSubmit(page, { purpose: '1' }, null, /\/check$/);
  await page.locator('main input[type=checkbox]').check({ force: true });
}
// waitForURL gives up where one of two navigations is broken off, which is what happens here.
const settled = async (page) => {
  for (let i = 0; i < 200 && !/\/done$/.test(page.url()); i++) await new Promise((yes) => setTimeout(yes, 100));
  check(/\/done$/.test(page.url()), `no confirmation: ${page.url()}`);
  await page.waitForLoadState();
};
async function oneMore(page, before) {
  const now = await numbers(page);
  equal(now.length - before.length, 1, 'new cases');
}

for (const js of [false, true])
  test(`UX-14 a double click on submit makes one case${js ? '' : ', without JavaScript'}`, async () => {
    const page = await person('citizen', { js });
    await atCheck(page);
    const list = await person('citizen');
    const before = await numbers(list);
    let posts = 0;
    page.on('request', (r) => r.method() === 'POST' && posts++);
    if (js) await page.locator('main form button.button').first().dblclick({ noWaitAfter: true });
    else {
      // The first answer is held back until the second click has been sent, as on a slow line.
      const box = await page.locator('main form button.button').first().boundingBox();
      const click = () => page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await page.route('**/check', async (route) => {
        const reply = await route.fetch({ maxRedirects: 0 });
        const first = posts === 1;
        if (first) await click();
        await route.fulfill({ response: reply }).catch(() => first || check(false, 'the second answer is lost'));
      });
      await click();
    }
    await settled(page);
    if (js) equal(posts, 1, 'submissions sent');
    else check(posts === 2, `the second click sent nothing (${posts} submissions): nothing is proved`);
    await oneMore(list, before);
    await refuses(() => oneMore(list, [...before, 'x']), /new cases/, 'control');
  });

test('UX-14 a refresh of the confirmation, and Back with a second submit, make no second case and say what is', async () => {
  const page = await person('citizen');
  await atCheck(page);
  const list = await person('citizen');
  const before = await numbers(list);
  await press(page);
  await settled(page);
  const number = (await page.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  await page.reload();
  check((await page.locator('main').innerText()).includes(number), 'a refresh shows another number');
  await page.goBack();
  if (/\/check$/.test(page.url()) && (await page.locator('main input[type=checkbox]').count())) {
    await page.locator('main input[type=checkbox]').check({ force: true });
    const reply = await press(page);
    check([200, 409].includes(reply.status()), `Back and submit: ${reply.status()}`);
  }
  const text = await page.locator('main').innerText();
  check(text.includes(number) || /已经提交|已提交/.test(text), `Back and submit shows: ${text.slice(0, 120)}`);
  await oneMore(list, before);
});

test('UX-14 Back to a page of questions that was answered: another answer is simply the answer', async () => {
  const page = await person('citizen');
  await clearDraft(page, 'residence-proof');
  await page.goto(`${await draft(page, 'residence-proof')}/registered`);
  const address = page.url();
  await page.locator('[name=purpose][value="1"]').check({ force: true });
  await page.fill('[name=recipient]', '第一次');
  await press(page);
  await page.goBack();
  equal(page.url(), address, 'Back');
  await page.locator('[name=purpose][value="2"]').check({ force: true });
  await page.fill('[name=recipient]', '第二次');
  const reply = await press(page);
  check(reply.status() === 200, `${reply.status()}: ${(await page.locator('main').innerText()).slice(0, 120)}`);
  await page.goto(address);
  equal(await page.inputValue('[name=recipient]'), '第二次', 'the answer');
});

test('UX-14 two tabs submit one draft: one case, and the later tab reads what became of it', async () => {
  const one = await person('citizen');
  await atCheck(one);
  const two = await one.context().newPage();
  await two.goto(one.url());
  await two.locator('main input[type=checkbox]').check({ force: true });
  const list = await person('citizen');
  const before = await numbers(list);
  await Promise.all([press(one), press(two)]);
  await oneMore(list, before);
  const number = (await numbers(list)).find((n) => !before.includes(n));
  for (const tab of [one, two]) check((await tab.locator('main').innerText()).includes(number), `a tab does not know the case: ${(await tab.locator('main').innerText()).slice(0, 120)}`);
});

test('UX-14 two tabs answer one page: the later one reads both versions, and nothing is lost unseen', async () => {
  const one = await person('citizen', { js: true });
  await clearDraft(one, 'residence-proof');
  await one.goto(`${await draft(one, 'residence-proof')}/registered`);
  const address = one.url();
  const two = await one.context().newPage();
  await two.goto(address);
  for (const [tab, text] of [[one, '甲页写的单位'], [two, '乙页写的单位']]) {
    await tab.locator('[name=purpose][value="1"]').check({ force: true });
    await tab.fill('[name=recipient]', text);
  }
  equal((await press(one)).status(), 200, 'the first tab');
  const late = await press(two);
  equal(late.status(), 409, 'the later tab');
  none(await clean(two, late), 'the conflict page');
  const text = `${await two.locator('main').innerText()} ${await two.locator('main input:not([type=hidden])').evaluateAll((all) => all.map((x) => x.value).join(' '))}`;
  for (const both of ['甲页写的单位', '乙页写的单位']) check(text.includes(both), `the conflict page does not show ${both}: ${text.slice(0, 200)}`);
  const three = await one.context().newPage();
  await three.goto(address);
  equal(await three.inputValue('[name=recipient]'), '甲页写的单位', 'what is saved, until somebody decides');
});

test('UX-14 two officers decide one task at once: one decision, the other reads both', async () => {
  const first = await person('food', { js: true });
  await go(first, '/zh/desk');
  const task = await first.locator('main tbody tr a').first().getAttribute('href');
  const second = await first.context().newPage();
  for (const p of [first, second]) {
    await p.goto(base + task);
    await p.locator('main [name=move]').first().check({ force: true });
    await p.fill('main [name=opinion]', p === first ? '甲的意见' : '乙的意见');
  }
  equal((await press(first, 'main form:has([name=move]) button.button')).status(), 200, 'the first');
  const late = await press(second, 'main form:has([name=move]) button.button');
  equal(late.status(), 409, 'the second');
  none(await clean(second, late), 'the conflict page');
  const text = await second.locator('main').innerText();
  for (const both of ['甲的意见', '乙的意见']) check(text.includes(both), `the conflict page does not show ${both}`);
});
