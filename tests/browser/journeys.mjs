// Whole journeys without JavaScript, with their pages and typed fields counted.
import { base, check, equal, go, person, press, test } from './lib.mjs';
import { asCompany, decide, fillAndSubmit, restaurant, smallShop } from './steps.mjs';

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
    ['fire', 'pass', { opinion: '疏散通道符合要求' }],
    ['sign', 'pass', { opinion: '招牌位置符合要求' }],
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
