// E5 and E9 without scripts: an opinion is asked for and given, a decision is countersigned, and the applicant is shown neither before it counts.
import { base, check, equal, go, person, press, test } from './lib.mjs';
import { axe } from './look.mjs';

const title = (page) => page.locator('h1').innerText();

// A review that nobody holds, and what it leads to.
async function freeReview(page) {
  await go(page, '/zh/desk?sort=received');
  const rows = await page.locator('main tbody tr').evaluateAll((all) => all.map((r) => ({ text: r.innerText, href: r.querySelector('a').getAttribute('href') })));
  const row = rows.find((r) => /食品经营许可审查\n/.test(r.text) && /待签收/.test(r.text)); // with nothing behind the step: its own task
  check(row, 'no review is free');
  return row.href;
}

async function inHand(page, words) {
  await go(page, '/zh/desk/mine');
  const links = await page.locator('main tbody tr', { hasText: words }).locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  return links;
}

test('E5 a form that lacks everything tells each field, and keeps what was chosen', async () => {
  const food = await person('food', { js: true }); // axe needs scripts; the steps do not
  const href = await freeReview(food);
  await food.goto(`${base}${href}/hand`);
  equal((await axe(food)).join(), '', 'axe');
  await food.locator('main [name=act][value=transfer]').check({ force: true });
  const reply = await press(food);
  equal(reply.status(), 422, 'nothing but the act');
  equal(await food.locator('.errors a').count(), 2, 'faults: colleague and reason');
  check(await food.locator('main [name=act][value=transfer]').isChecked(), 'the choice is lost');
  await food.context().close();
});

test('E5 an opinion before the decision, a countersignature after it', async () => {
  const food = await person('food');
  const two = await person('food2');
  const href = await freeReview(food);
  await food.goto(`${base}${href}/hand`);
  await food.locator('main [name=act][value=consult]').check({ force: true });
  await food.selectOption('main [name=to]', { index: 1 });
  await food.fill('main [name=text]', '请看健康证');
  equal((await press(food)).status(), 200, 'asking');
  equal(await food.locator('main form:has([name=move])').count(), 0, 'a decision is offered while an opinion is out');
  check((await food.locator('main').innerText()).includes('正在等同事的意见'), 'nothing says that an opinion is out');
  const asked = (await inHand(two, '加签'))[0];
  check(asked, 'who was asked has no task');
  await two.goto(base + asked);
  check(/加签/.test(await title(two)), await title(two));
  equal(await two.locator('main [name=move]').count(), 0, 'who is asked may decide');
  await two.fill('main [name=text]', '证书有效');
  await Promise.all([two.waitForNavigation(), two.locator('main button[name=act][value=opinion]').click()]);
  await food.goto(base + href);
  check((await food.locator('#timeline').innerText()).includes('证书有效'), 'the opinion is not in the record');
  await food.locator('main [name=move][value=approve]').check({ force: true });
  await food.locator('main details:has([name=to]) summary').click();
  await food.selectOption('main [name=to]', { index: 1 });
  await Promise.all([food.waitForNavigation(), food.locator('main form:has([name=move]) button.button').click()]);
  const word = (await inHand(two, '会签'))[0];
  check(word, 'who is to confirm has no task');
  await two.goto(base + word);
  await two.fill('main [name=text]', '同意');
  await Promise.all([two.waitForNavigation(), two.locator('main button[name=act][value=opinion]').click()]);
  await food.goto(base + href);
  check((await food.locator('main').innerText()).includes('这个任务已经办完'), 'the decision did not take effect');
  equal(await food.locator('main a[href$="act=recall"]').count(), 0, 'what has taken effect may be taken back');
  await food.context().close();
  await two.context().close();
});

test('UX-21 E9 the table beside the drawing says the same: which steps are open, which are done', async () => {
  const food = await person('food', { js: true }); // axe needs scripts; the page does not
  await food.goto(base + (await freeReview(food)));
  await food.goto(base + (await food.locator('main a[href$="/diagram"]').getAttribute('href')));
  const drawn = async (kind) => (await food.locator(`main svg .flow-${kind} title, main svg.flow-${kind} title`).allTextContents()).length;
  const told = (words) => food.locator('main tbody tr', { has: food.locator('.tag', { hasText: words }) }).count();
  const open = await told('正在办理');
  check(open > 0, 'no step is open');
  equal(await drawn('now'), open, 'steps that are open');
  equal(await drawn('done'), await told('已办'), 'steps that are done');
  equal((await axe(food)).join(), '', 'axe');
  check(!/王飞|样二/.test(await food.locator('main').innerText()), 'the applicant is named');
  await food.context().close();
});
