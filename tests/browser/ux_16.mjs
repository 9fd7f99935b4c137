// UX-16: a clerk takes the application of a visitor without a phone, with four materials, by keys alone: at most 45 keystrokes beside
// text, at most 3 pages; the receipt is one sheet of A4. He hands over a result in the same way, and who fetched it rates it without
// signing in and without scripts. Control: a count that is over, and a sheet more, are found.
import { base, browser, check, equal, go, person, refuses, test } from './lib.mjs';
import { draft } from './steps.mjs';

const KEYS_MAX = 45;
const PAGES_MAX = 3;
const HAND_KEYS_MAX = 20;

// The identity number on the card that the visitor puts on the counter.
async function card(login) {
  const page = await person(login);
  await page.goto(`${await draft(page, 'residence-proof')}/registered`);
  return (await page.locator('main').innerText()).match(/\d{17}[\dX]/)[0];
}

const within = (count) => check(count.keys <= KEYS_MAX && count.pages <= PAGES_MAX, `${count.keys} keys, ${count.pages} pages`);
const sheets = (pdf) => (pdf.toString('latin1').match(/\/Type \/Page\b/g) || []).length;

// Every key but those of text is counted.
function hands(page) {
  const count = { keys: 0, typed: 0, pages: 1 };
  const press = async (key, times = 1) => {
    for (let i = 0; i < times; i++) {
      count.keys++;
      await page.keyboard.press(key);
    }
  };
  const type = async (text) => {
    count.typed++;
    await page.keyboard.type(text);
  };
  // Tab until the field has the focus; what is on the way is passed.
  const to = async (id) => {
    for (let i = 0; i < 20; i++) {
      const at = await page.evaluate(() => document.activeElement?.id || document.activeElement?.value || '');
      if (at === id) return;
      await press('Tab');
    }
    throw new Error(`Tab does not reach ${id}`);
  };
  const enter = async () => {
    count.pages++;
    count.keys++;
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.waitForLoadState();
  };
  return { count, press, type, to, enter };
}

async function choose(page, h, id, value) {
  await h.to(id);
  for (let i = 0; i < 20 && (await page.inputValue(`#${id}`)) !== value; i++) await h.press('ArrowDown');
}

test('UX-16 a walk-in with four materials: keys, pages, receipt', async () => {
  const number = await card('company');
  const page = await person('window');
  await go(page, '/zh/window/intake');
  const h = hands(page);
  await h.to('citizen_id');
  await h.type(number);
  await h.to('item');
  await h.press((await page.locator('#item option[value=restaurant]').innerText()).match(/^\d/)[0]); // the number before its name
  equal(await page.inputValue('#item'), 'restaurant', 'the matter');
  await h.to('go');
  await h.enter();
  check((await page.locator('main').innerText()).includes('来访人'), await page.title());
  check(!(await page.content()).includes(number), 'the number is shown masked');
  await h.to('shop_name');
  await h.type('津样小馆');
  await choose(page, h, 'district', '120101');
  await h.to('address');
  await h.type('示例路 8 号');
  await h.to('area');
  await h.type('260');
  await h.press('Tab'); // the first kind of food
  await h.press('Space');
  const gas = page.locator('[name=uses_gas][value=yes]');
  await h.to(await gas.getAttribute('id'));
  await h.press('Space');
  await h.press('Tab');
  await h.press('ArrowDown'); // no sign
  if (!(await page.locator('[name=outdoor_sign][value=no]').isChecked())) await h.press('ArrowDown');
  await h.to('manager_name');
  await h.type('样二');
  await h.to('manager_id');
  await h.type('99010119900307100X');
  await h.to('manager_phone');
  await h.type('13800000000');
  for (const id of ['floor-plan', 'health-certificate', 'fire-statement', 'gas-contract', 'agree', 'declared']) {
    await h.to(id);
    await h.press('Space');
  }
  await h.to('go');
  await h.enter();
  check(/\/window\/receipt\/\d+$/.test(page.url()), `${page.url()} ${await page.locator('.errors').allInnerTexts()}`);
  const words = await page.locator('main').innerText();
  for (const name of ['经营场所平面布局图', '从业人员健康证明', '消防安全自查承诺书', '燃气供用合同']) check(words.includes(name), `the receipt lists ${name}`);
  check(/\d{8}-\d{6}-\d/.test(words), 'the receipt has its number');
  console.log(`   ${h.count.keys} keys, ${h.count.typed} texts, ${h.count.pages} pages`);
  within(h.count);
  await refuses(async () => within({ keys: KEYS_MAX + 1, pages: 3 }), /46 keys/, 'control: one key more');
  await refuses(async () => within({ keys: 3, pages: PAGES_MAX + 1 }), /4 pages/, 'control: one page more');
  equal(sheets(await page.pdf({ format: 'A4' })), 1, 'sheets of A4');
  const slip = await person('window');
  await slip.goto(`${page.url()}?slip=1`);
  const pdf = await slip.pdf({ preferCSSPageSize: true });
  check(/\/MediaBox \[0 0 22[67]/.test(pdf.toString('latin1')), 'the slip is 80 mm wide');
  await page.addStyleTag({ content: 'main::after { content: ""; display: block; height: 2000px; }' }).catch(() => {});
  await page.evaluate(() => { const d = document.createElement('div'); d.innerHTML = '<p>x</p>'.repeat(80); document.querySelector('main').append(d); });
  await refuses(async () => equal(sheets(await page.pdf({ format: 'A4' })), 1, 'sheets'), /sheets/, 'control: a receipt that is too long');
});

test('UX-16 what is missing is told at once, printed, and taken up again', async () => {
  const number = await card('citizen');
  const page = await person('window2');
  await go(page, '/zh/window/intake');
  await page.fill('#citizen_id', number);
  await page.selectOption('#item', 'residence-proof');
  await Promise.all([page.waitForNavigation(), page.locator('main form button.button').click()]);
  await Promise.all([page.waitForNavigation(), page.locator('button[value=go]').click()]);
  equal(await page.locator('.errors li').count() >= 1, true, 'what is wrong is listed');
  check((await page.title()).startsWith('错误：'), await page.title());
  await Promise.all([page.waitForNavigation(), page.locator('button[value=more]').click()]);
  check(/\/window\/notice\/\d+$/.test(page.url()), page.url());
  const words = await page.locator('main').innerText();
  check(words.includes('证明用在哪里') && words.includes('第三十二条'), words);
  equal(sheets(await page.pdf({ format: 'A4' })), 1, 'sheets of A4');
  await Promise.all([page.waitForNavigation(), page.locator('main a', { hasText: '接着收件' }).click()]);
  check((await page.locator('main').innerText()).includes('没办完的申请'), 'the draft goes on');
  check(page.url().startsWith(base), 'here');
});

// What waits at the window, the longest first: its number.
async function waiting(page) {
  await go(page, '/zh/window/results');
  return (await page.locator('main tbody tr th, main tbody tr .number').first().innerText()).match(/\d{8}-\d{6}-\d/)[0];
}

test('UX-16 a result is handed over by keys alone, and rated on the spot without signing in', async () => {
  const page = await person('window');
  const number = await waiting(page);
  await go(page, '/zh/window/results');
  const h = hands(page);
  await h.to('q');
  await h.type(`${base}/zh/progress?number=${number}`); // as a scanner types it
  await h.enter();
  check(/\/window\/result\/\d+$/.test(page.url()), `${page.url()} ${await page.locator('.errors').allInnerTexts()}`);
  check(!page.url().includes(number), 'what was typed stands in no address');
  await h.to('things');
  await h.press('Space');
  await h.to('receiver');
  await h.press('Space');
  await h.to('ack');
  await h.press('Space');
  await h.to('hand');
  await h.enter();
  check(/\/receipt$/.test(page.url()), `${page.url()} ${await page.locator('.errors').allInnerTexts()}`);
  console.log(`   ${h.count.keys} keys, ${h.count.pages} pages`);
  const few = (count) => check(count.keys <= HAND_KEYS_MAX && count.pages <= PAGES_MAX, `${count.keys} keys, ${count.pages} pages`);
  few(h.count);
  await refuses(async () => few({ keys: HAND_KEYS_MAX + 1, pages: 3 }), /21 keys/, 'control: one key more');
  const words = await page.locator('main').innerText();
  check(words.includes(number) && words.includes('申请人本人') && words.includes('在送达回证上签字'), words);
  equal(sheets(await page.pdf({ format: 'A4' })), 1, 'sheets of A4');
  const address = words.match(/https?:\S+\/r\/\S+/)[0];
  const slip = await person('window');
  await slip.goto(`${page.url()}?slip=1`);
  check(/\/MediaBox \[0 0 22[67]/.test((await slip.pdf({ preferCSSPageSize: true })).toString('latin1')), 'the slip is 80 mm wide');
  // whoever fetched it, on his own phone
  const phone = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })).newPage();
  await phone.goto(base + new URL(address).pathname);
  check((await phone.locator('main').innerText()).includes(number), 'which case it is');
  await phone.locator('#level').focus();
  await phone.keyboard.press('Space');
  await phone.locator('button[value=go]').focus();
  await Promise.all([phone.waitForNavigation(), phone.keyboard.press('Enter')]);
  check((await phone.locator('main').innerText()).includes('谢谢您'), await phone.title());
  await phone.goto(base + new URL(address).pathname);
  equal(await phone.locator('main form').count(), 0, 'forms once it was rated');
  await phone.context().close();
  await page.goto(base + new URL(address).pathname);
  check((await page.locator('main').innerText()).includes('工作人员不能代填'), 'no clerk rates');
});
