// The service hall without scripts and without a mouse: a ticket is taken at the kiosk, called, served; what the screen and its own page
// say at each step; the slip of 80 mm; two clerks who call at once.
import { base, check, equal, go, person, refuses, test } from './lib.mjs';

const label = async (page) => (await page.locator('.ticket-number').first().innerText()).trim();
const words = (page) => page.locator('main').innerText();

async function take(kiosk, more = {}) {
  await go(kiosk, '/zh/hall/heping/kiosk');
  if (more.priority) { await kiosk.locator('#class').focus(); for (let i = 0; i < 9 && !(await kiosk.getByLabel(more.priority).isChecked()); i++) await kiosk.keyboard.press('ArrowRight'); }
  await kiosk.locator('button[name=line][value=advice]').focus();
  await Promise.all([kiosk.waitForURL(/\/ticket\//), kiosk.keyboard.press('Enter')]);
  return { label: await label(kiosk), path: new URL(kiosk.url()).pathname };
}
// The button of that name, by keys alone: what comes next has the focus when the page opens.
const names = { n: '叫下一位', b: '开始办理', f: '办完', r: '再叫一次', m: '过号' };
async function key(page, letter) {
  await tabTo(page, names[letter]);
  equal(await page.evaluate(() => document.activeElement.accessKey), letter, 'its letter');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.waitForLoadState();
}
async function tabTo(page, name, most = 60) {
  for (let i = 0; i < most; i++) {
    const at = await page.evaluate(() => document.activeElement?.textContent?.trim() || '');
    if (at.startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}`);
}

test('hall: a ticket from the kiosk to the end, no script, no mouse', async () => {
  const kiosk = await person('kiosk');
  const clerk = await person('window');
  const screen = await person(null);
  const visitor = await person(null, { width: 390 });
  const first = await take(kiosk);
  const second = await take(kiosk, { priority: '残疾人' });
  check(/^C\d{3}$/.test(first.label) && first.label !== second.label, `numbers ${first.label} ${second.label}`);
  await go(visitor, first.path);
  check((await words(visitor)).includes('等候'), 'the ticket waits');
  equal(await visitor.locator('svg[role=img], .qr, main svg').count() > 0, true, 'its code');
  // the clerk sits down and calls: who has priority first
  await go(clerk, '/zh/window');
  await tabTo(clerk, '开窗口 4 号');
  await Promise.all([clerk.waitForNavigation(), clerk.keyboard.press('Enter')]);
  await key(clerk, 'n');
  equal(await label(clerk), second.label, 'priority is called first');
  await go(screen, '/zh/hall/heping/screen');
  check((await screen.locator('[role=status]').innerText()).includes(`请 ${second.label} 号到4 号值班窗口`), 'the screen says it in words');
  equal((await screen.request.get(`${base}/zh/hall/heping/screen`)).headers().refresh, '10', 'the screen is read again');
  equal((await kiosk.request.get(`${base}${first.path}?at=kiosk`)).headers().refresh, '20; url=/zh/hall/heping/kiosk', 'the kiosk goes back');
  await key(clerk, 'b');
  await key(clerk, 'f');
  await key(clerk, 'n');
  equal(await label(clerk), first.label, 'then the other');
  await go(visitor, first.path);
  check((await words(visitor)).includes('请马上到4 号值班窗口'), 'his page sends him there');
  // nobody comes: three calls, missed, back
  check(!(await clerk.locator('button[value=missed]').count()), 'not missed after one call');
  await key(clerk, 'r');
  await key(clerk, 'r');
  await key(clerk, 'm');
  await go(visitor, first.path);
  check((await words(visitor)).includes('已经过号'), 'his page says so');
  await tabTo(clerk, '重新排队');
  await Promise.all([clerk.waitForNavigation(), clerk.keyboard.press('Enter')]);
  await key(clerk, 'n');
  equal(await label(clerk), first.label, 'back in line');
  await key(clerk, 'b');
  await key(clerk, 'f');
  await go(visitor, first.path);
  check((await words(visitor)).includes('已办完'), 'finished');
  await go(clerk, '/zh/window/tally');
  check(/样窗口\s+咨询和值班\s+2\s+0/.test(await words(clerk)), `the tally counts two: ${await words(clerk)}`);
  await go(clerk, '/zh/window');
  await tabTo(clerk, '关窗口');
  await Promise.all([clerk.waitForNavigation(), clerk.keyboard.press('Enter')]);
});

test('hall: the slip is one piece of paper 80 mm wide', async () => {
  const kiosk = await person('kiosk');
  await take(kiosk);
  const pdf = await kiosk.pdf({ preferCSSPageSize: true });
  const text = pdf.toString('latin1');
  equal((text.match(/\/Type \/Page\b/g) || []).length, 1, 'pages');
  const box = text.match(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/);
  check(box && Math.abs(Number(box[1]) - 226.8) < 2, `width ${box && box[1]} pt`);
  const big = (await kiosk.pdf({ format: 'A4' })).toString('latin1');
  await refuses(async () => check(/MediaBox \[0 0 22\d/.test(big), 'too wide'), /too wide/, 'control: a sheet of A4');
});

test('hall: two clerks who call the last ticket at once: one has it, the other is told', async () => {
  const kiosk = await person('kiosk');
  const one = await person('window');
  const two = await person('window2');
  for (const [page, counter] of [[one, 'heping/3'], [two, 'heping/4']]) {
    await go(page, '/zh/window');
    const button = page.locator(`button[name=counter][value="${counter}"]`);
    if (await button.count()) await Promise.all([page.waitForNavigation(), button.click()]);
  }
  for (let left = true; left;) { // whoever waits from before
    await go(one, '/zh/window');
    left = !(await words(one)).includes('等候 0 人');
    if (left) for (const letter of ['n', 'b', 'f']) await key(one, letter);
  }
  await take(kiosk);
  await go(one, '/zh/window');
  await go(two, '/zh/window');
  await Promise.all([key(one, 'n'), key(two, 'n')]);
  const said = [await words(one), await words(two)];
  equal(said.filter((s) => s.includes('已叫号')).length, 1, `one has it: ${said.join(' | ')}`);
  equal(said.filter((s) => s.includes('现在没有人等候')).length, 1, 'the other is told');
});

// The last day that may be booked, as a link; a time of it, as a choice.
async function chooseLastDay(page, nth) {
  const days = await page.locator('main .tile a').evaluateAll((a) => a.map((x) => x.getAttribute('href')));
  await go(page, days.at(-1).replace(/#.*/, ''));
  const box = page.locator('main input[name=at]').nth(nth);
  await box.focus();
  await page.keyboard.press('Space');
  return (await page.locator(`label[for="${await box.getAttribute('id')}"]`).innerText()).trim();
}

test('hall: a time is booked, moved and cancelled, no script; the hall knows it, nobody else', async () => {
  const page = await person('granny', { width: 390 });
  const open = await person(null);
  await go(open, '/zh/halls');
  await go(open, '/zh/hall/heping');
  await open.click('main a[href*="/book?line=general"]');
  await open.waitForLoadState();
  check((await words(open)).includes('余'), 'everybody sees what is left');
  await go(page, '/zh/hall/heping/book?line=general');
  // nothing chosen: told at the field
  await Promise.all([page.waitForNavigation(), page.click('main form[method=post] button[type=submit]')]);
  check((await words(page)).includes('时间') && await page.locator('[aria-invalid=true]').count() > 0, 'what is missing is told');
  await go(page, '/zh/hall/heping/book?line=general');
  const first = await chooseLastDay(page, 3);
  await Promise.all([page.waitForURL(/\/space\/appointment\/\d+$/), page.click('main form[method=post] button[type=submit]')]);
  const mine = new URL(page.url()).pathname;
  check((await words(page)).includes(first), `the page says when: ${first}`);
  const code = (await words(page)).match(/预约码\s+(\d{8})/)[1];
  // moved: the time that was is free again, the code is the same
  await page.click('main a[href*="/book?move="]');
  await page.waitForLoadState();
  const second = await chooseLastDay(page, 4);
  await Promise.all([page.waitForURL(/\/space\/appointment\/\d+$/), page.click('main form[method=post] button[type=submit]')]);
  equal(new URL(page.url()).pathname, mine, 'the same appointment');
  check((await words(page)).includes(second) && (await words(page)).includes(code), `moved to ${second}`);
  await go(page, '/zh/space/appointments');
  check((await words(page)).includes('已预约'), 'it stands in the list');
  await go(page, '/zh/space/messages');
  check((await words(page)).includes('预约成功') && (await words(page)).includes('预约已改期'), 'both are told');
  // another person is told that it is not there; the kiosk that it is not today's; the clerk sees a masked name
  const other = await person('citizen');
  equal(await go(other, mine), 404, 'not somebody else\'s');
  const kiosk = await person('kiosk');
  await go(kiosk, '/zh/hall/heping/kiosk');
  await kiosk.fill('#code', code);
  await Promise.all([kiosk.waitForNavigation(), kiosk.click('button[value=booked]')]);
  check((await words(kiosk)).includes('没有这个预约'), 'not today');
  equal(await kiosk.inputValue('#code'), code, 'what was typed stays');
  const clerk = await person('window');
  await go(clerk, '/zh/window');
  await clerk.click('main a[href$="/window/bookings"]');
  await clerk.waitForLoadState();
  const day = (await page.request.get(`${base}/zh/space/appointments/export`).then((r) => r.text()));
  check(day.includes(second), 'the file has it');
  await go(page, mine);
  await Promise.all([page.waitForNavigation(), page.click('button.danger')]);
  check((await words(page)).includes('已取消'), 'cancelled');
  equal(await page.locator('button.danger').count(), 0, 'once');
});
