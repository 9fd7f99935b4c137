// C10, C14 and the window: one person acts for another, as on a phone without JavaScript.
import { check, equal, go, person, press, refuses, remember, test } from './lib.mjs';
import { answer, asCompany, draft } from './steps.mjs';

const phone = { width: 390, height: 844 };
const text = (page) => page.locator('main').innerText();
const newest = async (page, path) => {
  await go(page, path);
  return page.locator('main table.listed tbody th a').first().getAttribute('href');
};

async function standFor(page, name) {
  await go(page, '/zh/identity');
  await page.locator('.choice', { hasText: name }).locator('input').check({ force: true });
  await press(page);
  await remember(page);
}

// Name and number, as the population registry has them.
export async function named(login) {
  const page = await person(login);
  await go(page, '/zh/space/data');
  const shown = await text(page);
  await page.context().close();
  return { name: shown.match(/姓名\s+([^\s]+)/)[1], citizen_id: shown.match(/\d{17}[\dX]/)[0] };
}

test('C14 a member accepts, acts for the company, is seen by both, and is ended at once', async () => {
  const member = await person('finance', phone);
  const offer = await newest(member, '/zh/space/mandates/held');
  await go(member, offer);
  check(/等您接受/.test(await text(member)) && /授权是什么意思/.test(await text(member)), 'the offer and what it means');
  await press(member, 'button[value=accept]');
  check(/有效/.test(await text(member)), 'accepted');
  await standFor(member, '财务人员');
  const begun = await draft(member, 'restaurant');
  check(begun.length > 0, 'finance may fill in');
  const owner = await person('company');
  await asCompany(owner);
  await go(owner, offer);
  check(/填写申请/.test(await text(owner)), 'what was done stands on the page of the company');
  await go(owner, `${offer}/end`);
  check(/确定要终止/.test(await text(owner)), 'ending is a page');
  await press(owner, 'main form button.button');
  check(/已终止/.test(await text(owner)), 'ended');
  const after = await member.goto(`${new URL(member.url()).origin}/zh/space`);
  check(/sign-in/.test(after.url()), 'who no longer stands for it signs in again');
});

test('C10 a daughter acts for her mother, and the mother reads of it', async () => {
  const daughter = await person('daughter', phone);
  const page = await newest(daughter, '/zh/space/mandates/held');
  await go(daughter, page);
  check(/登记库核实：子女/.test(await text(daughter)), 'the tie in the registry');
  await standFor(daughter, '您受托代办');
  check(/代办）/.test(await daughter.locator('header').innerText()), 'the head of the page names both');
  await draft(daughter, 'residence-proof');
  const mother = await person('granny', phone);
  await go(mother, '/zh/space/cases');
  check(/居住证明/.test(await text(mother)), 'it is her case');
  await go(mother, page);
  check(/填写申请/.test(await text(mother)), 'what the daughter did');
  const stranger = await person('citizen', phone);
  equal(await go(stranger, page), 404, 'nobody else sees it');
});

test('C10 who is named wrong is told at the field; a window registers it with both present', async () => {
  const giver = await person('daughter', phone);
  await standFor(giver, '本人');
  const right = await named('citizen');
  await go(giver, '/zh/space/mandates/new');
  await answer(giver, { ...right, name: '样无此人', standing: 'viewer', months: '1', agreed: 'yes' });
  equal((await press(giver)).status(), 422, 'a wrong name');
  check(/找不到这个人的账号/.test(await text(giver)), 'why');
  const clerk = await person('window');
  const him = await named('daughter');
  await go(clerk, '/zh/window/mandate');
  await answer(clerk, { ...right, giver_name: him.name, giver_id: him.citizen_id, standing: 'viewer', months: '1' });
  equal((await press(clerk)).status(), 422, 'without both present');
  await answer(clerk, { agreed: 'yes' });
  await press(clerk);
  check(/已经登记/.test(await text(clerk)), 'registered');
  const holder = await person('citizen', phone);
  await go(holder, '/zh/space/mandates/held');
  const rows = await holder.locator('tbody').innerText(); // the filter above it names every state
  check(/有效/.test(rows), 'in force at once');
  await refuses(async () => check(/已终止/.test(rows), 'ended'), /ended/, 'a mandate that is in force');
});
