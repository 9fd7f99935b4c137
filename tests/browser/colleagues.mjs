// E5, E9 and E10 without scripts: an opinion is asked for and given, a decision is countersigned, and the applicant is shown neither before
// it counts; who is away is stood in for.
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

// Each day's boxes: today, in the city's zone.
const today = () => new Date().toLocaleDateString('en-CA', { timeZone: 'Asia/Shanghai' }).split('-');

async function fillDays(page) {
  for (const key of ['from', 'until']) for (const [i, part] of ['year', 'month', 'day'].entries()) await page.fill(`main [name=${key}-${part}]`, today()[i]);
}

const rowsOf = async (page, path) => {
  await go(page, path);
  return page.locator('main tbody tr').count();
};

test('E10 who is away is stood in for: named, accepted, a task taken once, the record names both, ended', async () => {
  const food = await person('food', { js: true }); // axe needs scripts; the steps do not
  const two = await person('food2');
  const href = await freeReview(food);
  await food.goto(base + href);
  await Promise.all([food.waitForNavigation(), food.click('main form[action$="/claim"] button')]);
  equal(await two.goto(base + href).then(() => two.locator('main form[action$="/take"]').count()), 0, 'who does not stand in is offered to take it');
  // a form that lacks all
  await go(food, '/zh/desk/deputies/new');
  equal((await axe(food)).join(), '', 'axe: naming');
  await food.fill('main [name=until-year]', '');
  equal((await press(food)).status(), 422, 'nothing was said');
  const faults = await food.locator('.errors a').allTextContents();
  equal(faults.length, 3, `faults: colleague, last day, reason: ${faults}`);
  await food.selectOption('main [name=to]', { index: 1 });
  await fillDays(food);
  await food.locator('main [name=matters][value="item:restaurant"]').check({ force: true });
  await food.fill('main [name=reason]', '年休假');
  equal((await press(food)).status(), 200, 'naming');
  const own = new URL(food.url()).pathname;
  check(/等同事接受/.test(await food.locator('main').innerText()), 'it does not say that it waits');
  equal(await food.locator('main button[value=accept]').count(), 0, 'who is away may accept for the other');
  // told, and accepted
  await go(two, '/zh/space/messages');
  check(/请您代办/.test(await two.locator('main').innerText()), 'who is named is not told');
  await two.goto(base + own);
  check(/年休假/.test(await two.locator('main').innerText()), 'the reason is not shown to who is named');
  await Promise.all([two.waitForNavigation(), two.click('main button[value=accept]')]);
  check(/正在代办/.test(await two.locator('main').innerText()), 'it is not in force');
  // a third finds nothing
  const fire = await person('fire');
  equal(await go(fire, own), 404, 'a stranger sees it');
  await fire.context().close();
  // the queue, and taking
  await go(two, '/zh/desk/for');
  const listed = await two.locator('main tbody a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  check(listed.includes(href), 'what is in his hands is not listed');
  await two.goto(base + href);
  check(/不在岗，到/.test(await two.locator('main').innerText()), 'the task does not say that its holder is away');
  const stale = await person('food2'); // the same page, opened before
  await stale.goto(base + href);
  await Promise.all([two.waitForNavigation(), two.click('main form[action$="/take"] button')]);
  check((await two.locator('#timeline').innerText()).match(/代/), 'the record does not name both');
  equal(await two.locator('main form:has([name=move])').count(), 1, 'who took it may not decide');
  const late = await Promise.all([stale.waitForNavigation(), stale.click('main form[action$="/take"] button')]);
  equal(late[0].status(), 409, 'taken twice');
  await stale.context().close();
  equal(await rowsOf(two, '/zh/desk/for').then(async () => (await two.locator('main').innerText()).includes(href)), false, 'it is still to be taken');
  // who hands on reads it
  await two.goto(`${base}${href}/hand`);
  check(/不在岗，由/.test(await two.locator('main [name=to]').innerText()), 'who hands on does not read who is away');
  await two.goto(base + own);
  check(await two.locator(`main a[href="${href}"]`).count(), 'what was taken is not listed');
  await two.goto(base + href);
  await two.locator('main [name=move][value=approve]').check({ force: true });
  await Promise.all([two.waitForNavigation(), two.locator('main form:has([name=move]) button.button').first().click()]);
  await food.goto(base + href);
  check(/代/.test(await food.locator('#timeline li').first().innerText().then(() => food.locator('#timeline').innerText())), 'the decision names one alone');
  // the head sees it, and ends it
  const head = await person('head', { js: true });
  await go(head, '/zh/desk/deputies/unit?state=active');
  equal((await axe(head)).join(), '', 'axe: the unit');
  check(await head.locator(`main a[href="${own}"]`).count(), 'the head does not see it');
  await head.goto(base + own);
  await Promise.all([head.waitForNavigation(), head.click('main a.danger')]);
  await Promise.all([head.waitForNavigation(), head.click('main button.danger')]);
  check(/已终止/.test(await head.locator('main').innerText()), 'the head cannot end it');
  await go(food, '/zh/space/messages');
  check(/代办已终止/.test(await food.locator('main').innerText()), 'who is away is not told of the end');
  // the head names one for somebody
  await go(head, '/zh/desk/deputies/unit/new');
  await head.selectOption('main [name=unit]', { label: (await head.locator('main [name=unit] option').allTextContents()).find((t) => /市场监督/.test(t)) });
  await Promise.all([head.waitForNavigation(), head.click('main form button')]);
  await head.selectOption('main [name=of]', { label: '样食药' });
  await Promise.all([head.waitForNavigation(), head.click('main form:has([name=of]) button')]);
  await head.selectOption('main [name=to]', { index: 1 });
  await fillDays(head);
  await head.fill('main [name=reason]', '病假');
  equal((await press(head)).status(), 200, 'appointing');
  check(/由 样负责 指定/.test(await head.locator('main').innerText()), 'it does not say who named');
  await Promise.all([food, two, head].map((p) => p.context().close()));
});

test('E1 a case that is followed stands in the list, and its follower hears of another state', async () => {
  const food = await person('food');
  const two = await person('food2');
  const href = await freeReview(food);
  await two.goto(base + href);
  await Promise.all([two.waitForNavigation(), two.locator('main form[action$="/follow"] button').click()]);
  check(two.url().endsWith(href), `from the task to ${two.url()}`);
  check((await two.locator('main').innerText()).includes('已关注'), 'nothing says that it is followed');
  const number = (await two.locator('.case-number').innerText()).trim();
  await go(two, '/zh/desk/followed');
  const row = two.locator('main tbody tr', { hasText: number });
  equal(await row.count(), 1, 'rows of the case');
  await two.goto(base + (await row.locator('a').getAttribute('href')));
  equal((await two.locator('.case-number').innerText()).trim(), number, 'the row opens another case');
  await food.goto(base + href);
  await food.locator('main [name=move][value=supplement]').check({ force: true });
  await food.fill('main [name=opinion]', '请补交平面图');
  await Promise.all([food.waitForNavigation(), food.locator('main form:has([name=move]) button.button').first().click()]);
  await go(two, '/zh/space/messages');
  check((await two.locator('main').innerText()).includes(`（${number}）现在是：待补正`), 'the follower was told nothing');
  await go(two, '/zh/desk/followed');
  await two.goto(base + (await row.locator('a').getAttribute('href')));
  await Promise.all([two.waitForNavigation(), two.locator('main form[action$="/follow"] button').click()]);
  await go(two, '/zh/desk/followed');
  equal(await row.count(), 0, 'a case that is not followed is listed');
  for (const page of [food, two]) await page.context().close();
});
