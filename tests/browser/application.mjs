// What an application's own pages do: consent, groups, lost sessions, windows that meet, files, supplements, the receipt.
import { execFileSync } from 'node:child_process';
import { base, browser, check, city, equal, forget, go, password, person, press, remember, signIn, test } from './lib.mjs';
import { answer, asCompany, decide, draft, fillAndSubmit, restaurant } from './steps.mjs';

const smallShop = { ...restaurant, area: '60', uses_gas: 'no', outdoor_sign: 'no' };
const pdf = (name) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n% ${name}\n%%EOF\n`) });
const main = (page) => page.locator('main').innerText();

// A company with a draft of its own: what an earlier test began is submitted or stays where it is.
async function shop(decision) {
  const page = await person('company');
  await asCompany(page);
  const fill = await draft(page, 'restaurant', decision);
  return { page, fill };
}

// This account's sessions end now, as they do after half an hour; its browsers do not know.
function endSessions(login) {
  forget(login);
  execFileSync('python3', ['-c', `import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=20)
c.execute('UPDATE identity_session SET seen_ms = 0 WHERE account IN (SELECT id FROM identity_account WHERE login = ?)', sys.argv[2:])
c.commit()`, `${city.dir}/var/tongban.db`, login]);
}

async function signInAgain(page, login) {
  check(page.url().includes('/sign-in?back='), `not led to the sign-in page but to ${page.url()}`);
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await press(page);
  await remember(page);
}

test('B4 consent stands before the first question: each datum with source, date, purpose and reader; nothing chosen beforehand', async () => {
  const page = await person('citizen');
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  const id = page.url().match(/case\/(\d+)/)[1];
  await go(page, `/zh/case/${id}/consent`);
  const text = await main(page);
  for (const word of ['居住地址', '人口基础信息库', '公安', '截至', '用途', '谁会看到', '户籍窗口']) check(text.includes(word), `not told: ${word}`);
  check(/\*/.test(await page.locator('.data').innerText()), 'the address is not masked');
  if (!/已完成/.test(text) && !(await page.locator('[name=decision]:checked').count())) {
    const reply = await press(page);
    equal(reply.status(), 422, 'neither');
    check((await page.title()).startsWith('错误：'), 'title');
    check(await page.locator('.errors a[href="#decision"]').count(), 'no link to the choice');
    await go(page, `/zh/case/${id}/fill/registered`);
    check(/\/consent$/.test(page.url()), 'questions before consent');
    await go(page, `/zh/case/${id}/check`);
    check(/\/consent$/.test(page.url()), 'checking before consent');
  }
  await page.locator('[name=decision][value=agree]').check({ force: true });
  await press(page);
  await go(page, `/zh/case/${id}/fill/registered`);
  check(await page.locator('.known .source').count() >= 2, 'sources beside what was taken');
  await go(page, `/zh/case/${id}/fill`);
  check(/您同意从登记库带入/.test(await main(page)), 'the tasks do not tell the decision');
  let log = '';
  for (let i = 0; i < 40 && !/决定是否使用登记信息/.test(log); i++) {
    await go(page, '/zh/space/access-log?by=me');
    log = await main(page);
  }
  check(/同意从登记库带入信息/.test(log), 'not among what was done with my data');
});

test('B4 who does not agree types it: nothing of the registry is on the page, and officers read that it was typed', async () => {
  const page = await person('citizen');
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  const id = page.url().match(/case\/(\d+)/)[1];
  await go(page, `/zh/case/${id}/fill/registered`);
  const address = (await page.locator('.known').innerText().catch(() => '')).match(/居住地址\s+(\S+)/)?.[1];
  await go(page, `/zh/case/${id}/consent`);
  await page.locator('[name=decision][value=type]').check({ force: true });
  await press(page);
  await go(page, `/zh/case/${id}/fill/registered`);
  check(!address || !(await page.content()).includes(address), 'the registered address is shown');
  await page.locator('[name=purpose][value="1"]').check({ force: true });
  equal((await press(page)).status(), 422, 'nothing typed');
  await answer(page, { residence_division: '120101', residence: '自填路 9 号', purpose: '1' });
  equal((await press(page)).status(), 200, 'typed');
  await fillAndSubmit(page, {});
  const number = (await main(page)).match(/\d{8}-\d{6}-\d/)[0];
  const officer = await person('police');
  await go(officer, '/zh/desk');
  await officer.locator('main tr, main li', { hasText: number }).locator('a').first().click();
  await officer.waitForLoadState();
  const text = await main(officer);
  check(/自填路 9 号/.test(text) && /申请人选择自己填写/.test(text), 'the officer does not read that it was typed');
});

test('B7 a group without JavaScript: add, refuse, change, remove after asking; it is on the check page and before the officer', async () => {
  const { page, fill } = await shop();
  for (const name of ['company', 'premises', 'business', 'people']) {
    await page.goto(`${fill}/${name}`);
    await answer(page, smallShop);
    equal((await press(page)).status(), 200, name);
  }
  await page.goto(`${fill}/handlers`);
  const before = await page.locator('.entry').count();
  await page.locator('main a.button', { hasText: '从业人员' }).click();
  await page.waitForLoadState();
  await page.fill('[name=name]', '样九');
  const refused = await press(page);
  equal(refused.status(), 422, 'half an entry');
  check((await page.title()).startsWith('错误：'), 'title');
  equal(await page.inputValue('[name=name]'), '样九', 'what was typed is kept');
  check(await page.locator('[name=certificate][aria-invalid=true][aria-describedby]').count(), 'the field is not marked');
  await answer(page, { certificate: 'JK-9', duty: '1' });
  await press(page, 'button[value=more]');
  check(/entry\/new$/.test(page.url()), 'another');
  await answer(page, { name: '样十', certificate: 'JK-10', duty: '2' });
  await press(page);
  equal(await page.locator('.entry').count(), before + 2, 'entries');
  await page.locator('.entry').last().locator('a', { hasText: '修改' }).click();
  await page.waitForLoadState();
  await page.fill('[name=certificate]', 'JK-11');
  await press(page);
  check(/JK-11/.test(await page.locator('.entry').last().innerText()), 'the change is not shown');
  await page.locator('.entry').nth(before).locator('a', { hasText: '移除' }).click();
  await page.waitForLoadState();
  check(/样九/.test(await main(page)), 'the page that asks does not say what is removed');
  const asking = page.url();
  await press(page);
  equal(await page.locator('.entry').count(), before + 1, 'entries after one was removed');
  await page.goto(asking);
  check(/\/handlers$/.test(page.url()), 'an entry that is gone leads to the list');
  equal((await press(page)).status(), 200, 'on');
  await page.goto(fill);
  await fillAndSubmit(page, smallShop);
  const number = (await main(page)).match(/\d{8}-\d{6}-\d/)[0];
  const clerk = await person('window');
  await go(clerk, '/zh/desk');
  await clerk.locator('main tr, main li', { hasText: number }).locator('a').first().click();
  await clerk.waitForLoadState();
  check(/样十\s+JK-11\s+传菜和服务/.test(await clerk.locator('#answers table').innerText()), 'not before the officer');
});

test('UX-13 a form sent after the session ended: the same person is back on the page with what was typed; nobody else ever sees it', async () => {
  const { page, fill } = await shop();
  await page.goto(`${fill}/premises`);
  await answer(page, { district: '120102', address: '过期路 77 号', area: '88' });
  endSessions('company');
  await press(page);
  check(!/过期路|88/.test(decodeURIComponent(page.url()).replace(/\d{6,}|:\d+/g, '')), 'what was typed is in the address'); // but a case's or a port's own digits
  check(/已加密暂存/.test(await main(page)), 'the sign-in page does not say that it is kept');
  // Another person in the same browser.
  await page.fill('input[name=login]', 'citizen');
  await page.fill('input[name=password]', password);
  await press(page);
  await page.goto(`${fill}/premises`);
  check(!(await page.content()).includes('过期路 77 号'), 'another person sees it');
  await go(page, '/zh/sign-out');
  await press(page);
  // The same person in another browser.
  const elsewhere = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await signIn(elsewhere, 'company');
  await asCompany(elsewhere);
  await elsewhere.goto(`${fill}/premises`);
  check(!(await elsewhere.content()).includes('过期路 77 号'), 'another browser shows it');
  // The same person in the same browser.
  await signIn(page, 'company');
  await asCompany(page);
  await page.goto(`${fill}/premises`);
  equal(await page.inputValue('[name=address]'), '过期路 77 号', 'what was typed');
  equal(await page.inputValue('[name=district]'), '120102', 'what was chosen');
  check(/已经放回/.test(await main(page)), 'not said that it is back');
  // And once more, straight: at most two pages, acting for the same company as before.
  await page.fill('[name=area]', '99');
  endSessions('company');
  await press(page);
  await signInAgain(page, 'company');
  check(page.url().endsWith('/premises'), `not the same page: ${page.url()}`);
  equal(await page.inputValue('[name=area]'), '99', 'typed again');
  equal((await press(page)).status(), 200, 'saved');
  await page.goto(`${fill}/premises`);
  equal(await page.inputValue('[name=area]'), '99', 'saved value');
  check(!/已经放回/.test(await main(page)), 'it is still given back after it was saved');
});

test('UX-13 files are not kept when the session ended, and the page says so', async () => {
  const { page, fill } = await shop();
  for (const name of ['company', 'premises', 'business', 'people', 'handlers']) {
    await page.goto(`${fill}/${name}`);
    await answer(page, smallShop);
    await press(page);
  }
  await page.goto(fill.replace('/fill', '/material/floor-plan'));
  await page.setInputFiles('input[type=file]', pdf('plan.pdf'));
  endSessions('company');
  await press(page);
  await signInAgain(page, 'company');
  check(page.url().endsWith('/floor-plan'), 'not the same page');
  check(/文件没有保留/.test(await main(page)), 'not said that the file was lost');
});

test('UX-14 a later window is shown both versions and decides', async () => {
  const { page, fill } = await shop();
  const other = await page.context().newPage();
  await page.goto(`${fill}/premises`);
  await answer(page, { district: '120101', area: '60', address: '起点路 1 号' });
  await press(page);
  for (const p of [page, other]) await p.goto(`${fill}/premises`);
  await page.fill('[name=address]', '甲路 1 号');
  equal((await press(page)).status(), 200, 'the first window');
  await other.fill('[name=address]', '乙路 2 号');
  equal((await press(other)).status(), 409, 'the later window');
  const text = await main(other);
  check(/甲路 1 号/.test(text) && /乙路 2 号/.test(text), 'not both versions');
  equal(await other.inputValue('[name=address]'), '乙路 2 号', 'what was typed is kept');
  await page.goto(`${fill}/premises`);
  equal(await page.inputValue('[name=address]'), '甲路 1 号', 'nothing was overwritten unseen');
  equal((await press(other)).status(), 200, 'knowingly');
  await page.reload();
  equal(await page.inputValue('[name=address]'), '乙路 2 号', 'knowingly overwritten');
});

test('UX-14 a draft that saves itself is no other window', async () => {
  const page = await person('company', { js: true });
  await asCompany(page);
  const fill = await draft(page, 'restaurant');
  await page.clock.install();
  await page.goto(`${fill}/company`);
  for (const name of ['自存一号', '自存二号']) {
    await page.fill('[name=shop_name]', name);
    const [reply] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/draft')), page.clock.runFor(21000)]);
    equal(reply.status(), 200, 'the draft');
    await page.waitForFunction(() => /已自动保存/.test(document.querySelector('[data-draft-state]').textContent));
  }
  await page.fill('[name=shop_name]', '最后的名字');
  equal((await press(page)).status(), 200, 'the submit');
});

test('B5 every task has its state: done, to do, cannot start yet', async () => {
  const { page, fill } = await shop();
  await page.goto(fill);
  const rows = await page.locator('.tasks .tasks li, .tasks ul li').evaluateAll((l) => l.map((x) => [Boolean(x.querySelector('.tag')), x.innerText]));
  check(rows.length >= 6 && rows.every(([tag]) => tag), 'a task without a state');
  const states = rows.map(([, t]) => t).join('\n');
  check(/已完成/.test(states), 'nothing done, though consent was given');
  const blocked = await page.locator('.tasks li', { hasText: '还不能开始' }).last();
  if (await blocked.count()) check(!(await blocked.locator('a').count()), 'what cannot start is a link');
});

test('B6 a wrong check digit is told at its field with what to do, in both languages, and nothing typed is lost', async () => {
  const { page, fill } = await shop();
  for (const [lang, says] of [['zh', /校验位不对，请对照证件核对每一位/], ['en', /check digit/i]]) {
    const at = `${fill.replace(/\/zh\//, `/${lang}/`)}/people`;
    await page.goto(at);
    await answer(page, { ...smallShop, manager_id: '990101199003071001' });
    equal((await press(page)).status(), 422, 'a wrong check digit');
    const field = page.locator('input[name=manager_id]');
    equal(await field.getAttribute('aria-invalid'), 'true', 'the field is not marked');
    const told = await page.locator(`[id="${(await field.getAttribute('aria-describedby')).split(' ')[0]}"]`).innerText();
    check(says.test(told), `not told at the field: ${told}`);
    check(await page.locator('.error-summary a[href="#manager_id"], [role=alert] a[href="#manager_id"]').count(), 'no way from the top to the field');
    equal(await field.inputValue(), '990101199003071001', 'the number is lost');
    equal(await page.locator('input[name=manager_name]').inputValue(), smallShop.manager_name, 'the name is lost');
  }
  await page.locator('input[name=manager_id]').fill(smallShop.manager_id);
  equal((await press(page)).status(), 200, 'the right one is refused');
});

test('B8 a file is refused with a reason, uploaded, replaced and removed', async () => {
  const { page, fill } = await shop();
  for (const name of ['company', 'premises', 'business', 'people', 'handlers']) {
    await page.goto(`${fill}/${name}`);
    await answer(page, smallShop);
    await press(page);
  }
  const at = fill.replace('/fill', '/material/floor-plan');
  await page.goto(at);
  while (await page.locator('button[name=remove]').count()) await press(page, 'button[name=remove]');
  equal((await press(page)).status(), 422, 'no file');
  await page.setInputFiles('input[type=file]', { name: 'plan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ not a pdf') });
  equal((await press(page)).status(), 422, 'a file that is none');
  check(/重新选择/.test(await main(page)) && /PDF、JPG 或 PNG/.test(await main(page)), 'not said what to do');
  check(await page.locator('#file[aria-invalid=true]').count(), 'the field is not marked');
  await page.setInputFiles('input[type=file]', pdf('first.pdf'));
  equal((await press(page)).status(), 200, 'a file');
  await page.goto(at);
  await page.locator('.file a', { hasText: '替换' }).click();
  await page.waitForLoadState();
  check(/first\.pdf/.test(await page.locator('label[for=file]').innerText()), 'not said what is replaced');
  await page.setInputFiles('input[type=file]', pdf('second.pdf'));
  equal((await press(page)).status(), 200, 'replaced');
  await page.goto(at);
  equal(await page.locator('.file').count(), 1, 'one file');
  check(/second\.pdf/.test(await page.locator('.file').innerText()), 'the new one');
  await press(page, 'button[name=remove]');
  equal(await page.locator('.file').count(), 0, 'removed');
});

test('B13 the confirmation has number, QR, what comes next and a PDF; B14 answers change during a supplement', async () => {
  const { page, fill } = await shop();
  for (const name of ['company', 'premises', 'business', 'people', 'handlers']) {
    await page.goto(`${fill}/${name}`);
    await answer(page, smallShop);
    await press(page);
  }
  await page.goto(fill);
  await fillAndSubmit(page, smallShop);
  const text = await main(page);
  const number = text.match(/\d{8}-\d{6}-\d/)[0];
  check(/接下来/.test(text) && await page.locator('main .qr-block svg').count(), 'next steps or QR');
  const receipt = await page.request.get(base + (await page.locator('main a[href$="receipt.pdf"]').getAttribute('href')));
  equal(receipt.status(), 200, 'receipt');
  equal(receipt.headers()['content-type'], 'application/pdf', 'receipt');
  check((await receipt.body()).subarray(0, 5).toString() === '%PDF-', 'no PDF');
  const stranger = await person('citizen');
  equal((await stranger.request.get(receipt.url(), { maxRedirects: 0 })).status(), 404, 'another person gets the receipt');
  const caseUrl = page.url().replace('/done', '');
  const clerk = await person('window');
  equal((await decide(clerk, number, 'supplement', { opinion: '门牌号与营业执照不一致，请改正' })).status(), 200, 'asking');
  await page.goto(`${caseUrl}/supplement`);
  await page.locator('.changes a', { hasText: '店开在哪里' }).click();
  await page.waitForLoadState();
  await page.fill('[name=area]', '999');
  equal((await press(page)).status(), 409, 'a change that would need another licence');
  equal(await page.inputValue('[name=area]'), '999', 'what was typed is kept');
  await answer(page, { area: '60', address: '示例路 18 号' });
  equal((await press(page)).status(), 200, 'changing');
  check(page.url().endsWith('/supplement'), `back at ${page.url()}`);
  await page.fill('main textarea', '门牌已改');
  equal((await press(page)).status(), 200, 'giving');
  await go(clerk, '/zh/desk');
  await clerk.locator('main tr, main li', { hasText: number }).locator('a').first().click();
  await clerk.waitForLoadState();
  check(/示例路 8 号 → 示例路 18 号/.test(await main(clerk)), 'the officer does not see what changed');
});
