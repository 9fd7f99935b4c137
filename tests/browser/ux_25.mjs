// UX-25: what is public says what to do next, and a bad rating is put right: it opens a correction with a clock of fifteen working days,
// which its rater sees with its arithmetic, and its unit has as a task. Without JavaScript. Control: a good rating opens none.
import { check, equal, go, person, press, test } from './lib.mjs';
import { answer, applyForProof, decide } from './steps.mjs';

const WORKING_DAYS = 15;

// A case that is over: its address. Its paper is set by the press, so the page is asked until it says so.
async function over() {
  const { citizen, number, url } = await applyForProof('1');
  await decide(await person('police'), number, 'approve');
  for (let i = 0; i < 100; i++) {
    await citizen.goto(url);
    if (await citizen.locator('main a[href$="/rate"]').count()) return { page: citizen, url };
    await citizen.waitForTimeout(200);
  }
  throw new Error(`${number} does not come to its end`);
}

async function rate(page, address, fields) {
  await page.goto(`${address}/rate`);
  await answer(page, fields);
  return press(page);
}

test('UX-25 the clock of a bad rating’s correction: opened at once, fifteen working days, day by day; faults at their fields; a good rating opens none', async () => {
  const { page, url: bad } = await over();
  await page.locator('main a[href$="/rate"]').click();
  await page.waitForLoadState();
  // Faults: nothing chosen; bad without a reason. What is asked under other levels stays out of sight.
  equal((await press(page)).status(), 422, 'nothing chosen');
  check(await page.locator('.errors a[href="#level"]').count(), 'the fault is not at the level');
  await answer(page, { level: '5' });
  check(await page.locator('[name="reasons-5"]').first().isVisible(), 'the reasons of the chosen level are hidden');
  check(!(await page.locator('[name="reasons-1"]').first().isVisible()), 'the reasons of another level are shown');
  equal((await press(page)).status(), 422, 'a bad rating without a reason');
  check(await page.locator('.errors a[href="#reasons-5"]').count(), 'the fault is not at the reasons');
  await answer(page, { level: '5', 'reasons-5': '501', text: '等了很久' });
  await press(page);
  equal(page.url(), bad, 'after rating');
  const link = page.locator('main a', { hasText: /整改 \d/ });
  check(await link.count(), 'the case does not lead to its correction');
  await link.click();
  await page.waitForLoadState();
  const text = await page.locator('main').innerText();
  check(text.includes('政务服务差评整改') && text.includes('办理中'), 'the correction is not under way');
  check(new RegExp(`${WORKING_DAYS}\\s*个工作日`).test(text), `no ${WORKING_DAYS} working days: ${text.slice(0, 400)}`);
  check(text.includes('等了很久'), 'the rater’s words are not there');
  // The arithmetic: as many days are counted as the limit has.
  await page.locator('details summary#clock-days').click();
  const days = await page.locator('table[aria-labelledby], .scroll[aria-labelledby="clock-days"] table').first().innerText();
  check(days.split('\n').length > WORKING_DAYS, `the days are not all told: ${days.slice(0, 300)}`);
  const messages = await person('citizen');
  await go(messages, '/zh/space/messages');
  check((await messages.locator('main').innerText()).includes('差评已转整改'), 'the rater got no message');
  const head = await person('head');
  await go(head, '/zh/desk');
  check((await head.locator('main').innerText()).includes('政务服务差评整改'), 'the unit’s head has no task');
  // Control.
  const good = await over();
  await rate(good.page, good.url, { level: '2', 'reasons-2': '201' });
  equal(good.page.url(), good.url, 'after a good rating');
  check(!(await good.page.locator('main a', { hasText: /整改 \d/ }).count()), 'control: a good rating opened a correction');
});
