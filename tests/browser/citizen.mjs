// The citizen's side, "nothing is asked twice", as on a phone without JavaScript.
import { check, equal, go, person, press, refuses, signIn, test } from './lib.mjs';
import { agree, answer, asCompany, clearDraft, decide, draft, fillAndSubmit, smallShop } from './steps.mjs';

const phone = { width: 390, height: 844 };
const text = (page) => page.locator('main').innerText();

// What is told before signing in is what the draft then holds.
async function carried(page, expected) {
  const draft = page.url().replace(/\/(consent|fill).*/, '');
  await agree(page);
  await page.goto(`${draft}/fill/business`);
  const chosen = await page.locator('main input:checked').evaluateAll((all) => all.map((x) => `${x.name}=${x.value}`).sort().join(' '));
  equal(chosen, expected, 'the answers in the application');
}

test('A9 before signing in: five questions, the exact list, and the application goes on with the answers', async () => {
  const owner = await person('company');
  await clearDraft(owner, 'restaurant');
  const page = await person(null, phone);
  await go(page, '/zh/guide/restaurant');
  await page.getByRole('link', { name: '我能不能办，要带什么？' }).first().click();
  const questions = await page.locator('main fieldset, main .field:not(fieldset)').count();
  check(questions >= 2 && questions <= 5, `${questions} questions`);
  equal((await press(page)).status(), 422, 'nothing answered');
  check((await page.title()).startsWith('错误：'), 'no fault in the title');
  await answer(page, { who: 'company', kinds: '1', area: '260', uses_gas: 'no', outdoor_sign: 'no' });
  equal((await press(page)).status(), 200, 'the result');
  const told = await text(page);
  check(/可以申请/.test(told) && /消防安全自查承诺书/.test(told) && !/燃气供用合同|招牌效果图/.test(told), told);
  await page.getByRole('link', { name: '带着这些回答开始申请' }).click();
  check(/您已经回答的/.test(await text(page)), 'the answers are not on the start page');
  await page.getByRole('link', { name: '登录并开始' }).click();
  await page.fill('input[name=login]', 'company');
  await page.fill('input[name=password]', 'tongban-demo-2026');
  await press(page);
  await page.getByRole('link', { name: '切换身份' }).first().click();
  await page.locator('input[name=for]').nth(1).check({ force: true });
  await press(page);
  check(/您已经回答的/.test(await text(page)), 'the answers were lost on the way through signing in');
  await press(page, 'main form button.start');
  await carried(page, 'kinds=1 outdoor_sign=no uses_gas=no');
  await refuses(() => carried(page, 'kinds=2 outdoor_sign=no uses_gas=no'), /the answers in the application/, 'other answers than were given');
});

test('A9 says why not, by which law, and what to do instead', async () => {
  const page = await person(null, phone);
  await go(page, '/en/guide/restaurant/check');
  await answer(page, { who: 'company', kinds: '6', area: '60', uses_gas: 'no', outdoor_sign: 'no' });
  await press(page);
  const told = await text(page);
  check(/You cannot apply/.test(told) && /《食品安全法》第三十五条|Article 35/.test(told) && /Notify/.test(told), told);
});

test('the right to dispute: from My registered data to the keeper, who corrects it; the next form has the right one', async () => {
  const page = await person('citizen', phone);
  await go(page, '/zh/space/data');
  const row = page.locator('main dl.data > div', { hasText: '居住地址' });
  const before = (await row.locator('strong').innerText()).trim();
  await row.getByRole('link').click();
  check(/您已经回答的/.test(await text(page)), 'the datum is not named on the start page');
  const anew = page.locator('main details', { has: page.locator('button[value=anew]') }); // the demo city has a draft of each item
  if (await anew.count()) {
    await anew.locator('summary').click();
    await press(page, 'main form button[value=anew]');
  } else await press(page, 'main form button.start');
  await agree(page);
  await page.goto(page.url().replace(/\/(consent|fill).*/, '/fill/what'));
  equal(await page.locator('main input:checked').getAttribute('value'), 'address', 'what is wrong is chosen');
  await press(page);
  check((await text(page)).includes(before), 'what is registered is not beside the question');
  await page.fill('[name=address]', '样新路 7 号');
  await press(page);
  await press(page);
  await page.goto(page.url().replace(/\/(material|fill).*/, '/check'));
  await page.locator('main input[type=checkbox]').check({ force: true });
  await press(page);
  const number = (await text(page)).match(/\d{8}-\d{6}-\d/)[0];
  const keeper = await person('population');
  equal((await decide(keeper, number, 'approve')).status(), 200, 'the keeper decides');
  await go(page, '/zh/space/data');
  check(/样新路 7 号/.test(await text(page)), 'the datum is not corrected');
  await go(page, '/zh/space/messages');
  check(/登记已更正/.test(await text(page)), 'the person is not told');
});

test('C6 a document given once is offered for the next application, and used with one press', async () => {
  const page = await person('company', phone);
  await clearDraft(page, 'restaurant');
  const at = await draft(page, 'restaurant');
  await fillAndSubmit(page, { ...smallShop, kinds: '1' }, null, /\/material\/health-certificate$/);
  const offered = page.locator('main button[name=take]').first();
  check(await offered.count(), `nothing is offered: ${await text(page)}`);
  await Promise.all([page.waitForLoadState(), offered.click()]);
  await page.goto(`${at.replace(/\/fill$/, '')}/material/health-certificate`);
  check(/来自您的办件 \d{8}-/.test(await text(page)), `where it came from is not told: ${await text(page)}`);
  await go(page, '/zh/space/materials');
  check(/从业人员健康证明/.test(await text(page)), 'the library does not list it');
});

test('C13 open sign-ins: ended from another device, they are over with the next click; a new device is told of', async () => {
  const here = await person('citizen', phone);
  const there = await person(null, { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1' });
  await signIn(there, 'citizen');
  await go(here, '/zh/space/messages');
  check(/您的账号在新设备上登录/.test(await text(here)) && /苹果手机，Safari/.test(await text(here)), 'the new device is not told of');
  await go(here, '/zh/space/devices');
  check(/就是这一次/.test(await text(here)) && /苹果手机/.test(await text(here)), await text(here));
  await press(here, 'main li:has-text("苹果手机") button');
  check(/已经结束/.test(await text(here)), 'it is not said that it ended');
  await go(there, '/zh/space');
  check(there.url().includes('/sign-in'), 'the other device is still signed in');
  await go(here, '/zh/space');
  check(!here.url().includes('/sign-in'), 'this one ended too');
});

test('C5 a licence shown: the code on the screen is scanned within its minute; a worn one says so and nothing else', async () => {
  const page = await person('company', phone);
  await asCompany(page);
  await go(page, '/zh/space/licences');
  await page.getByRole('link', { name: /^出示/ }).first().click();
  const mark = await page.locator('[data-shown]').getAttribute('data-shown');
  await go(page, '/zh/space/licences');
  const code = await page.locator('main li', { hasText: '出示' }).first().locator('a[href*="/v/"]').getAttribute('href');
  const inspector = await person(null, phone);
  equal(await go(inspector, `${code}?shown=${mark}`), 200, 'scanned');
  check(/由持有人出示/.test(await text(inspector)) && /真实有效/.test(await text(inspector)), 'it is not told that the holder shows it');
  const worn = `${Number(mark.split('.')[0]) - 61000}.${mark.split('.')[1]}`;
  equal(await go(inspector, `${code}?shown=${worn}`), 410, 'a moved mark');
  equal(await inspector.locator('main dl').count(), 0, 'what a worn mark tells');
});
