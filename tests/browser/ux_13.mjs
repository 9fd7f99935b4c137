// UX-13: what was begun is found again: in another browser, after the session has ended, after the server has been stopped and started.
import { base, check, city, counting, equal, go, launch, password, person, press, refuses, test } from './lib.mjs';
import { clearDraft, draft } from './steps.mjs';

const typed = '天津市演示学校';
async function begin(page) {
  await clearDraft(page, 'residence-proof');
  await page.goto(`${await draft(page, 'residence-proof')}/registered`);
  return page.url();
}
// Signs in elsewhere and follows what the pages offer to the form; counts the pages after the one to which signing in leads.
async function comeBack(context, address) {
  const page = await context.newPage();
  await page.goto(`${base}/zh/sign-in`);
  await page.fill('[name=login]', 'citizen');
  await page.fill('[name=password]', password);
  await press(page);
  const count = counting(page);
  const matter = new URL(address).pathname.match(/\/case\/\d+/)[0]; // there may be others that wait for him
  for (const link of [`main a[href*="${matter}"]:not([href$="/withdraw"])`, `main a[href*="${matter}/fill/"]`]) {
    if (page.url() === address) break;
    await Promise.all([page.waitForEvent('load'), page.locator(link).first().click()]);
  }
  equal(page.url(), address, 'the place');
  check(count.pages <= 2, `${count.pages} pages`);
  return page;
}
async function same(page, recipient, purpose) {
  equal(await page.inputValue('[name=recipient]'), recipient, 'what was typed');
  check(await page.locator(`[name=purpose][value="${purpose}"]`).isChecked(), 'what was chosen');
}

test('UX-13 the session is ended mid-form: in another browser the same answers at the same place, at most 2 pages after signing in', async () => {
  const page = await person('citizen');
  const address = await begin(page);
  await page.locator('[name=purpose][value="2"]').check({ force: true });
  await page.fill('[name=recipient]', typed);
  await press(page, 'main button[value=later]');
  await go(page, '/zh/sign-out'); // the session is dead, not only its cookie gone
  await press(page);
  await page.goto(address);
  check(page.url().includes('/sign-in'), 'an ended session must lead to the sign-in page');
  const other = await launch();
  try {
    const there = await comeBack(await other.newContext({ javaScriptEnabled: false }), address);
    await same(there, typed, '2');
    await refuses(() => same(there, 'other', '2'), /what was typed/, 'control');
  } finally {
    await other.close();
  }
});

test('UX-13 the server is stopped with SIGTERM and started again while somebody types: what is older than 20 seconds is there, and the rest is saved again', async () => {
  const page = await person(null, { js: true });
  await page.clock.install();
  await page.goto(`${base}/zh/sign-in`);
  await page.fill('[name=login]', 'citizen');
  await page.fill('[name=password]', password);
  await press(page);
  const address = await begin(page);
  const saved = () => page.waitForResponse((r) => r.url().endsWith('/draft') && r.ok());
  await page.locator('[name=purpose][value="1"]').check({ force: true });
  await page.fill('[name=recipient]', '先写的');
  const first = saved();
  await page.clock.runFor(20000);
  await first;
  const code = await Promise.all([city.stop('SIGTERM'), page.fill('[name=recipient]', '先写的，后写的')]).then(([c]) => c);
  equal(code, 0, 'the end of the server');
  await page.clock.runFor(20000);
  await page.waitForFunction(() => document.querySelector('[data-draft-state]').textContent === document.querySelector('[data-draft-state]').dataset.failed);
  await city.start();
  const again = await person(null, { storageState: await page.context().storageState() });
  await again.goto(address);
  await same(again, '先写的', '1'); // the session lives on, at most the last 20 seconds are lost
  const second = saved();
  await page.clock.runFor(20000);
  await second;
  await again.goto(address);
  await same(again, '先写的，后写的', '1'); // and not even these, where the page stayed open
  await page.fill('[name=recipient]', '还没有保存的'); // control: what has not been saved is not there
  await again.goto(address);
  await refuses(() => same(again, '还没有保存的', '1'), /what was typed/, 'control');
  const reply = await press(page);
  equal(reply.status(), 200, 'and the page goes on');
});
