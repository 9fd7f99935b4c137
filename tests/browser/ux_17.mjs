// UX-17: an approver's way from the queue to the decision, counted; its legal basis; two officers at one task.
import { base, check, equal, go, none, person, press, refuses, test } from './lib.mjs';
import { clearDraft, fillAndSubmit } from './steps.mjs';

// Counts full navigations, and what a hand does: clicks and keys that are no text.
function working(page) {
  const count = { pages: 1, actions: 0 }; // the queue itself is a page
  page.on('load', () => count.pages++);
  return {
    count,
    click: async (locator, options) => {
      count.actions++;
      await locator.click(options);
      await page.waitForLoadState();
    },
  };
}
export function within(count, pages, actions) {
  check(count.pages <= pages, `${count.pages} pages, ${pages} are allowed`);
  check(count.actions <= actions, `${count.actions} actions, ${actions} are allowed`);
}

async function cleanCase() {
  const citizen = await person('citizen');
  await clearDraft(citizen, 'residence-proof');
  await go(citizen, '/zh/apply/residence-proof');
  await press(citizen);
  await fillAndSubmit(citizen, { purpose: '2' });
  return (await citizen.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
}

test('UX-17 a clean case: at most 3 pages and 4 actions from the queue to the decision, which names its legal basis', async () => {
  const number = await cleanCase();
  const officer = await person('police');
  await go(officer, '/zh/desk');
  const hand = working(officer);
  const row = officer.locator('main tbody tr', { hasText: number });
  check(await row.count(), `no task with ${number} in the queue`);
  await hand.click(row.locator('a').first());
  const law = await officer.locator('#law dl').innerText();
  check(/《.+》/.test(law), `the task names no law: ${law}`);
  const basis = await officer.inputValue('main [name=basis]');
  check(/《.+》第.+条/.test(basis), `the decision's basis is not there before the officer types: "${basis}"`);
  await hand.click(officer.locator('main [name=move][value=approve]'), { force: true });
  const [reply] = await Promise.all([officer.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), hand.click(officer.locator('main form:has([name=move]) button.button').first())]);
  equal(reply.status(), 200, 'the decision');
  await officer.waitForLoadState();
  console.log(`   pages ${hand.count.pages}, actions ${hand.count.actions}`);
  within(hand.count, 3, 4);
  await refuses(async () => within({ pages: 4, actions: 4 }, 3, 4), /4 pages/, 'control');
  await refuses(async () => within({ pages: 3, actions: 5 }, 3, 4), /5 actions/, 'control');
  await go(officer, '/zh/desk/done');
  const done = await officer.locator('main tbody tr', { hasText: number }).locator('a').first().getAttribute('href');
  await officer.goto(base + done);
  check((await officer.locator('main').innerText()).includes(basis), 'the decision does not name its legal basis afterwards');
});

test('UX-17 each open task names the law it is decided under', async () => {
  const faults = [];
  let looked = 0;
  for (const login of ['window', 'food', 'fire', 'sign', 'police']) {
    const officer = await person(login);
    await go(officer, '/zh/desk');
    const tasks = await officer.locator('main tbody tr a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    for (const href of tasks.slice(0, 3)) {
      await officer.goto(base + href);
      looked++;
      // Where only an opinion is wanted there is no form to decide by: the page names the law all the same.
      const decides = await officer.locator('main [name=move]').count();
      const basis = decides ? await officer.locator('main [name=basis]').first().inputValue({ timeout: 2000 }).catch(() => '') : await officer.locator('#law dl').innerText();
      if (!/《.+》/.test(basis)) faults.push(`${login} ${await officer.locator('h1').innerText()}: "${basis}"`);
    }
    await officer.context().close();
  }
  check(looked >= 5, `only ${looked} tasks`);
  none(faults, 'tasks without a legal basis');
});
