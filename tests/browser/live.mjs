// Pages that stand open, the clock by hand, and many cases at once.
import { base, check, city, counting, equal, go, person, press, test } from './lib.mjs';
import { applyForProof, applyForProofs, asCompany, decide, fillAndSubmit, restaurant } from './steps.mjs';
import { axe } from './look.mjs';

const row = (page, number) => page.locator('main tbody tr', { hasText: number });
async function openTask(page, number) {
  await go(page, '/zh/desk');
  await row(page, number).locator('th a').click();
  await page.waitForLoadState();
}
// What the status line said, with the moments at which it changed.
async function listen(page) {
  await page.evaluate(() => {
    globalThis.said = [];
    const box = document.querySelector('[data-events]');
    new MutationObserver(() => globalThis.said.push([performance.now(), box.textContent.trim()])).observe(box, { childList: true, characterData: true, subtree: true });
  });
}

test('UX-20 a new task is offered in the queue, counted, and nothing moves by itself', async () => {
  const officer = await person('police', { js: true });
  await go(officer, '/zh/desk');
  await listen(officer);
  await officer.evaluate(() => {
    document.querySelector('main table a').focus();
    scrollTo(0, 40);
  });
  const before = await officer.evaluate(() => [document.activeElement.href, scrollY, document.querySelector('tbody').innerText]);
  await applyForProof('1');
  await officer.locator('[data-events] strong', { hasText: '有 1 条新任务' }).waitFor({ timeout: 5000 });
  await applyForProof('2');
  await applyForProof('3');
  await officer.locator('[data-events] strong', { hasText: '有 3 条新任务' }).waitFor({ timeout: 15000 });
  const after = await officer.evaluate(() => [document.activeElement.href, scrollY, document.querySelector('tbody').innerText]);
  equal(JSON.stringify(after), JSON.stringify(before), 'focus, scroll and list');
  const said = await officer.evaluate(() => globalThis.said.map((x) => x[0]));
  for (let i = 1; i < said.length; i++) check(said[i] - said[i - 1] < 50 || said[i] - said[i - 1] > 4900, `said twice within ${said[i] - said[i - 1]} ms`);
  equal((await axe(officer)).join(), '', 'axe on the page with news');
  const shown = officer.locator('.live a', { hasText: '显示' });
  check(await shown.isVisible(), 'no link to show them');
  await shown.click();
  await officer.waitForLoadState();
  check(!(await officer.locator('[data-events]').innerText()).includes('新任务'), 'they are still called new');
});

test('UX-20 who stood open while the server was started again is told of what came meanwhile, each thing once, where he was', async () => {
  const [keeps, forgets] = [await person('police', { js: true }), await person('police', { js: true })];
  // The control: a page whose connection does not come back is told nothing.
  await forgets.addInitScript(() => {
    const Real = globalThis.EventSource;
    globalThis.EventSource = function (url) {
      globalThis.stream = new Real(url);
      return globalThis.stream;
    };
  });
  for (const page of [keeps, forgets]) await go(page, '/zh/desk');
  await applyForProof('1');
  for (const page of [keeps, forgets]) await page.locator('[data-events] strong', { hasText: '有 1 条新任务' }).waitFor({ timeout: 20000 });
  await keeps.evaluate(() => {
    document.querySelector('main table a').focus();
    scrollTo(0, 40);
  });
  const stand = () => keeps.evaluate(() => [document.activeElement.href, scrollY, document.querySelector('tbody').innerText].join());
  const before = await stand();
  await forgets.evaluate(() => globalThis.stream.close());
  await city.stop();
  await city.start();
  await applyForProof('2');
  await keeps.locator('[data-events] strong', { hasText: '有 2 条新任务' }).waitFor({ timeout: 60000 });
  await applyForProof('3'); // had anything been told twice, this would not be the third
  await keeps.locator('[data-events] strong', { hasText: '有 3 条新任务' }).waitFor({ timeout: 60000 });
  equal(await stand(), before, 'focus, scroll and list');
  equal(await forgets.locator('[data-events] strong').innerText(), '有 1 条新任务', 'control: a page that does not come back');
});

test('UX-17 another officer with the same task open is named within 2 s by events, and on reload without scripts', async () => {
  const { number } = await applyForProof('9');
  const first = await person('police', { js: true });
  await openTask(first, number);
  check(!(await first.locator('[data-who]').isVisible()), 'somebody is named before anybody came');
  const second = await person('police2');
  await openTask(second, number);
  const start = Date.now();
  await first.locator('[data-who]', { hasText: '样警官正在处理' }).waitFor({ timeout: 2000 });
  console.log(`   named after ${Date.now() - start} ms`);
  check(await second.locator('[data-who]', { hasText: '样民警正在处理' }).isVisible(), 'without scripts: not named when the page was read');
  const stranger = await person('food');
  equal(await go(stranger, new URL(second.url()).pathname), 404, 'an officer of another role');
  const topics = new URL(second.url()).pathname.replace(/.*task\//, 'task.');
  equal((await stranger.request.get(`${base}/zh/events?topics=${topics}&poll=1`)).status(), 404, 'its events for that officer');
  equal((await stranger.request.get(`${base}/zh/events?topics=queue&after=0&poll=1`)).status(), 200, 'his own');
  await second.locator('main [name=move][value=approve]').check({ force: true });
  await press(second, 'main form:has([name=move]) button.button');
  await first.locator('[data-events] strong', { hasText: '新变化' }).waitFor({ timeout: 10000 });
  await first.locator('[data-who]').waitFor({ state: 'hidden', timeout: 2000 });
});

test('UX-20 the applicant’s page learns that the case went on; without events it asks every 30 s, without scripts there is a link', async () => {
  const { citizen, number, url } = await applyForProof('1');
  const plain = await person('citizen');
  await plain.goto(url);
  check(/更新于 \d\d:\d\d/.test(await plain.locator('.live').innerText()), 'no moment of reading');
  check(await plain.locator('.live a', { hasText: '刷新' }).isVisible(), 'no link to read it again');
  const page = await person('citizen', { js: true });
  await page.goto(url);
  const polling = await person('citizen', { js: true });
  await polling.addInitScript(() => {
    delete globalThis.EventSource;
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = (f, ms) => wait(f, ms === 30000 ? 300 : ms);
  });
  await polling.goto(url);
  equal((await decide(await person('police'), number, 'approve')).status(), 200, 'deciding');
  for (const p of [page, polling]) {
    await p.locator('[data-events] strong', { hasText: '新进展' }).waitFor({ timeout: 10000 });
  }
  equal(await citizen.request.get(`${base}/zh/events?topics=case.1&poll=1`).then((r) => r.status()), 404, 'a case of nobody');
});

test('E7 the clock is stopped by hand for a legal reason, seen by the applicant, and runs again', async () => {
  const company = await person('company');
  await asCompany(company);
  await go(company, '/zh/apply/restaurant');
  await press(company);
  await fillAndSubmit(company, { ...restaurant, area: '60', uses_gas: 'no', outdoor_sign: 'no' });
  const number = (await company.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  const caseUrl = company.url().replace('/done', '');
  await decide(await person('window'), number, 'accept');
  const food = await person('food', { js: true }); // axe needs scripts; the steps do not
  await decide(food, number, 'pass', { opinion: '勘验符合要求' });
  await openTask(food, number);
  const clock = `${new URL(food.url()).pathname}/clock`;
  await go(food, clock);
  equal((await press(food, 'main aside button.button')).status(), 422, 'without a reason');
  check(/^错误：/.test(await food.title()), 'the title does not say so');
  await food.locator('main [name=reason][value=hearing]').check({ force: true });
  await food.fill('main [name=note]', '相邻住户申请听证');
  equal((await press(food, 'main aside button.button')).status(), 200, 'stopping');
  check(/计时已暂停：听证/.test(await food.locator('main').innerText()), 'the officer does not see it');
  equal((await axe(food)).join(), '', 'axe');
  await go(food, '/zh/desk');
  check(/计时暂停：听证/.test(await row(food, number).innerText()), 'the queue does not say so');
  await company.goto(caseUrl);
  const text = await company.locator('main').innerText();
  for (const words of ['计时已暂停：听证', '《行政许可法》第四十五条、第四十六条', '相邻住户申请听证', '计时暂停：听证', '已用']) check(text.includes(words), `the applicant does not read: ${words}`);
  check(/已暂停\s*听证/.test(await company.locator('.rail .paused').innerText()), 'the rail does not give the reason');
  await go(company, '/zh/space/messages');
  check(/办理计时暂停/.test(await company.locator('main').innerText()), 'no message');
  const window = await person('window');
  equal(await go(window, clock), 404, 'the window at another role’s clock');
  await go(food, clock);
  await food.fill('main [name=note]', '听证会已举行');
  equal((await press(food, 'main aside button.button')).status(), 200, 'resuming');
  check(/计时恢复/.test(await (await person('company')).goto(caseUrl).then((r) => r.text())), 'the applicant does not see that it runs');
  equal((await decide(food, number, 'approve')).status(), 200, 'deciding afterwards');
});

test('UX-17 twenty cases are decided on three pages; one that changed meanwhile does not stop the others', async () => {
  const numbers = await applyForProofs(20);
  const officer = await person('police', { js: true }); // axe needs scripts; the steps do not
  await go(officer, '/zh/desk?sort=received&order=desc');
  const count = counting(officer);
  for (const n of numbers) await row(officer, n).locator('input[name=task]').check();
  await press(officer, 'form#batch button.button');
  equal(await officer.locator('main tbody tr').count(), 20, 'rows to check');
  equal(await officer.locator('main tbody input:checked').count(), 20, 'clean ones');
  equal(await officer.locator('main tbody', { hasText: '《居住证暂行条例》第九条' }).count(), 1, 'the legal basis');
  equal((await axe(officer)).join(), '', 'axe on the page to check');
  const other = await person('police2');
  equal((await decide(other, numbers[7], 'approve')).status(), 200, 'another officer decides one');
  const fields = await officer.locator('main form#batch').evaluate((f) => new URLSearchParams([...new FormData(f).entries()]).toString());
  await press(officer, 'main form#batch button.button');
  check(count.pages <= 2, `${count.pages} pages after the queue`);
  const text = await officer.locator('main').innerText();
  equal(await officer.locator('main tbody tr').count(), 19, 'decided');
  check(text.includes('没有办成 1 件') && text.includes('已由别人办理'), 'the one that failed is not told');
  check(text.includes('《居住证暂行条例》第九条'), 'the result names no legal basis');
  equal((await axe(officer)).join(), '', 'axe on the result');
  const again = await officer.request.post(`${base}/zh/desk/batch`, {
    data: fields, maxRedirects: 0, headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: base },
  });
  equal(again.status(), 303, 'the same form sent again');
  equal(again.headers().location.replace(/.*desk/, ''), officer.url().replace(/.*desk/, ''), 'is answered alike');
  console.log(`   pages ${count.pages + 1}`);
});
