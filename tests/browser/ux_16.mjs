// UX-16: a clerk takes the application of a visitor without a phone, with four materials, by keys alone: at most 45 keystrokes beside
// text, at most 3 pages; the receipt is one sheet of A4. Control: a count that is over, and a sheet more, are found.
import { base, check, equal, go, person, refuses, test } from './lib.mjs';
import { draft } from './steps.mjs';

const KEYS_MAX = 45;
const PAGES_MAX = 3;

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
