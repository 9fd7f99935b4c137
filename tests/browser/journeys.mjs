// Whole journeys without JavaScript, with their pages and typed fields counted.
import { base, check, counting, equal, go, person, press, remember, test } from './lib.mjs';

const pdf = (text) => ({ name: 'material.pdf', mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n% ${text}\n%%EOF\n`) });

// Answers one question page: types what is asked, chooses what is offered.
export async function answer(page, answers, count) {
  for (const [name, value] of Object.entries(answers)) {
    const field = page.locator(`main [name="${name}"]`);
    if (!(await field.count())) continue;
    const type = await field.first().getAttribute('type');
    const tag = await field.first().evaluate((e) => e.tagName);
    if (tag === 'SELECT') await field.selectOption(value);
    else if (type === 'radio' || type === 'checkbox') await page.locator(`main [name="${name}"][value="${value}"]`).check({ force: true });
    else {
      await field.fill(value);
      if (count) count.typed++;
    }
  }
}

// Where a draft was just begun: agrees to what is taken of the registries, if that is asked.
export async function agree(page, decision = 'agree') {
  if (!/\/consent$/.test(page.url())) return;
  await page.locator(`main [name=decision][value=${decision}]`).check({ force: true });
  await press(page);
}

// A draft of this person for an item; the address of its tasks.
export async function draft(page, item, decision) {
  await go(page, `/zh/apply/${item}`);
  await press(page);
  await agree(page, decision);
  return page.url().replace(/\/fill.*/, '/fill');
}

// From a draft's first page to its confirmation; files for each material that is asked for.
export async function fillAndSubmit(page, answers, count) {
  for (let i = 0; i < 40; i++) {
    const url = page.url();
    if (/\/consent$/.test(url)) await agree(page);
    else if (/\/fill\/[a-z_-]+$/.test(url)) {
      await answer(page, answers, count);
      const reply = await press(page);
      check(reply.status() === 200, `${url}: ${reply.status()} ${await page.locator('.errors').allInnerTexts()}`);
    } else if (/\/material\/[a-z_-]+$/.test(url)) {
      if (await page.locator('.file').count()) {
        await Promise.all([page.waitForLoadState(), page.locator('main a.button, main .actions a').first().click()]);
        continue;
      }
      await page.setInputFiles('input[type=file]', pdf(url));
      const reply = await press(page);
      check(reply.status() === 200, `${url}: ${reply.status()}`);
    } else if (/\/check$/.test(url)) {
      await page.locator('main input[type=checkbox]').check({ force: true });
      await press(page);
    } else if (/\/done$/.test(url)) return;
    else {
      const next = await page.locator('main a').evaluateAll((links) => {
        const open = links.filter((a) => /\/fill\/|\/material\/|\/check$/.test(a.getAttribute('href') || ''));
        const done = (a) => /已完成|Completed|已上传/.test(a.closest('li')?.textContent || '');
        const first = open.find((a) => !done(a));
        return first ? first.getAttribute('href') : null;
      });
      check(next, `no way on from ${url}`);
      await page.goto(base + next);
    }
  }
  throw new Error('no end after 40 pages');
}

export async function asCompany(page, lang = 'zh') {
  await go(page, `/${lang}/identity`);
  await page.locator('input[name=for]').nth(1).check({ force: true });
  await press(page);
  await remember(page);
}

export const restaurant = {
  shop_name: '津样小馆', district: '120101', address: '示例路 8 号', area: '260', kinds: '1', uses_gas: 'yes', outdoor_sign: 'yes',
  manager_name: '样二', manager_phone: '13800000000', sign_width: '300', sign_height: '80',
};
const smallShop = { ...restaurant, area: '60', uses_gas: 'no', outdoor_sign: 'no' };

test('UX-01 a company applies for a food licence from the home page, without JavaScript, in at most 14 pages and 9 typed fields', async () => {
  const page = await person('company');
  await asCompany(page);
  await draft(page, 'restaurant'); // what was begun before is out of the way: the count is of a whole application
  await fillAndSubmit(page, smallShop);
  const count = counting(page);
  await go(page, '/zh/');
  await page.locator('main a', { hasText: '开餐馆一件事' }).last().click();
  await page.waitForLoadState();
  await page.locator('main a.button').first().click();
  await page.waitForLoadState();
  await press(page);
  await fillAndSubmit(page, smallShop, count);
  check(count.pages <= 14, `${count.pages} pages`);
  check(count.typed <= 9, `${count.typed} typed fields`);
  check(/\d{8}-\d{6}-\d/.test(await page.locator('main').innerText()), 'no case number');
  check(await page.locator('main svg').count(), 'no QR code');
  console.log(`   pages ${count.pages}, typed ${count.typed}`);
});

test('UX-02 a resident gets a residence certificate in at most 6 pages and 2 typed fields', async () => {
  const page = await person('citizen');
  const count = counting(page);
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  await fillAndSubmit(page, { purpose: '1' }, count);
  check(count.pages <= 6, `${count.pages} pages`);
  check(count.typed <= 2, `${count.typed} typed fields`);
  console.log(`   pages ${count.pages}, typed ${count.typed}`);
});

// An officer's next task with this case number: opens, decides.
export async function decide(page, number, move, fields = {}) {
  await go(page, '/zh/desk');
  const link = page.locator('main tr, main li', { hasText: number }).locator('a').first();
  check(await link.count(), `no task with ${number} in the queue`);
  await link.click();
  await page.waitForLoadState();
  await page.locator(`main [name=move][value=${move}]`).check({ force: true });
  for (const [name, value] of Object.entries(fields)) await page.fill(`main [name=${name}]`, value);
  return press(page, 'main form:has([name=move]) button.button');
}

test('the main job: company, window and three departments in the browser, three licences, one verified by its QR page', async () => {
  const company = await person('company');
  await asCompany(company);
  await go(company, '/zh/apply/restaurant');
  await press(company);
  await fillAndSubmit(company, restaurant);
  const number = (await company.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  const caseUrl = company.url().replace('/done', '');
  const steps = [
    ['window', 'accept', {}],
    ['food', 'pass', { opinion: '三部门联合勘验，符合要求' }],
    ['food', 'approve', {}],
    ['fire', 'approve', {}],
    ['sign', 'approve', {}],
  ];
  for (const [login, move, fields] of steps) {
    const officer = await person(login);
    const reply = await decide(officer, number, move, fields);
    check(reply.status() === 200, `${login} ${move}: ${reply.status()} ${await officer.title()}`);
    await officer.context().close();
  }
  let text = '';
  for (let i = 0; i < 50 && !/已办结|准予许可/.test(text); i++) {
    await company.goto(caseUrl);
    text = await company.locator('main').innerText();
  }
  check(/准予许可/.test(text), `the case did not end: ${text.slice(0, 200)}`);
  const papers = await company.locator('main a[href*="file.pdf"]').evaluateAll((a) => [...new Set(a.map((x) => x.getAttribute('href')))]);
  equal(papers.length, 3, 'licences');
  const file = await company.request.get(base + papers[0]);
  equal(file.headers()['content-type'], 'application/pdf', 'media type');
  check((await file.body()).subarray(0, 5).toString() === '%PDF-', 'not a PDF');
  const verify = await company.locator('main a[href*="/v/"]').first().getAttribute('href');
  const stranger = await person(null);
  equal(await go(stranger, verify), 200, 'verify page');
  check(/有效/.test(await stranger.locator('main').innerText()), 'the licence is not shown as valid');
  equal(await go(stranger, '/v/0000-0000-0000-0000'), 404, 'a wrong code');
});

test('UX-17 an approver decides a clean case in at most 3 pages and 4 actions', async () => {
  const citizen = await person('citizen');
  await go(citizen, '/zh/apply/residence-proof');
  await press(citizen);
  await fillAndSubmit(citizen, { purpose: '2' });
  const number = (await citizen.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  const officer = await person('police');
  const count = counting(officer);
  const reply = await decide(officer, number, 'approve');
  check(reply.status() === 200, `${reply.status()}`);
  check(count.pages <= 3, `${count.pages} pages`);
});

test('UX-17 two officers on one task: the second gets a readable page and nothing is done twice', async () => {
  const citizen = await person('citizen');
  await go(citizen, '/zh/apply/residence-proof');
  await press(citizen);
  await fillAndSubmit(citizen, { purpose: '3' });
  const number = (await citizen.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  const first = await person('police');
  const second = await person('police');
  for (const p of [first, second]) {
    await go(p, '/zh/desk');
    await p.locator('main tr, main li', { hasText: number }).locator('a').first().click();
    await p.waitForLoadState();
    await p.locator('main [name=move][value=approve]').check({ force: true });
  }
  equal((await press(first, 'main form:has([name=move]) button.button')).status(), 200, 'the first');
  const late = await press(second, 'main form:has([name=move]) button.button');
  equal(late.status(), 409, 'the second');
  check((await second.locator('main').innerText()).length > 20, 'no words for the second officer');
});

test('a department asks for a supplement: the applicant reads it whole, gives it, and the matter goes on; then it is withdrawn', async () => {
  const company = await person('company');
  await asCompany(company);
  await go(company, '/zh/apply/restaurant');
  await press(company);
  await fillAndSubmit(company, smallShop);
  const number = (await company.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  const caseUrl = company.url().replace('/done', '');
  const clerk = await person('window');
  equal((await decide(clerk, number, 'supplement')).status(), 422, 'asking without saying what');
  await clerk.fill('main [name=opinion]', '平面布局图请标明库房位置');
  equal((await press(clerk, 'main form:has([name=move]) button.button')).status(), 200, 'asking');
  await company.goto(caseUrl);
  check(/平面布局图请标明库房位置/.test(await company.locator('main').innerText()), 'the applicant does not see what is asked');
  await company.goto(`${caseUrl}/supplement`);
  await company.fill('main textarea', '已补正，见新上传的布局图');
  equal((await press(company)).status(), 200, 'giving');
  equal((await decide(clerk, number, 'accept')).status(), 200, 'accepting');
  await company.goto(`${caseUrl}/withdraw`);
  if (await company.locator('main textarea').count()) await company.fill('main textarea', '暂缓开业');
  await press(company);
  await company.goto(caseUrl);
  check(/已撤回/.test(await company.locator('main').innerText()), 'not withdrawn');
});
