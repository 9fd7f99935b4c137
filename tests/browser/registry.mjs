// A registry as its keeper works with it: finds, looks at what is masked, says why the whole is needed, corrects, ends; and the person sees
// who looked and what for.
import { check, equal, go, person, press, test } from './lib.mjs';
import { answer, findRecord, register, seeWhole } from './steps.mjs';

const id = '120101199003079990';
const main = (page) => page.locator('main').innerText();

test('R1-R5 a keeper finds, sees masked, unmasks with a reason, corrects, ends', async () => {
  const page = await person('population');
  check((await page.locator('nav.menu').innerText()).includes('登记库'), 'no registries in the menu');
  equal((await register(page, '120101199003079991')).status(), 422, 'a wrong check digit');
  check((await main(page)).includes('校验位不对'), 'the check digit is not named');
  equal(await page.inputValue('[name=citizen_id]'), '120101199003079991', 'what was typed');
  equal((await register(page, id)).status(), 200, 'a new record');
  equal((await findRecord(page, 'person', '1201 0119 9003 0799 90')).status(), 200, 'found');
  check(!page.url().includes(id), 'the number stands in the address');
  await page.locator('main table a').first().click();
  const record = page.url();
  check(/1\*+0/.test(await main(page)) && !(await main(page)).includes(id), 'not masked');
  equal((await go(page, new URL(`${record}/unmask`).pathname)), 200, 'why');
  equal((await press(page)).status(), 422, 'no reason given');
  await seeWhole(page, 'person', record.split('/').pop());
  check((await main(page)).includes(id) && (await main(page)).includes('核对申请人身份'), 'the whole record and the purpose');
  check(!page.url().includes(id), 'the number stands in the address');
  await go(page, new URL(`${record}/correct`).pathname);
  await answer(page, { citizen_id: '120101199003079991', phone: '13800000002', source: '本人申报', why: '换了号码' });
  equal((await press(page)).status(), 422, 'a wrong check digit in a correction');
  check((await main(page)).includes('校验位不对') && (await page.inputValue('[name=phone]')) === '13800000002', 'the fault, and what was typed');
  await answer(page, { citizen_id: '' });
  equal((await press(page)).status(), 200, 'corrected');
  await go(page, new URL(`${record}/history`).pathname);
  check((await main(page)).includes('138****0002') && (await main(page)).includes('换了号码'), 'the history tells the correction');
  await go(page, new URL(`${record}/end`).pathname);
  await answer(page, { source: '部门共享', why: '死亡' });
  await press(page);
  check((await main(page)).includes('已注销') && !(await page.locator('main a[href$="/correct"]').count()), 'ended');
});

test('R1 a keeper finds people by parts of a name, pinyin, initials, a phone, and what is nearly that; masked, and no address says it', async () => {
  const page = await person('population');
  await register(page, '120101199003078883', { name: '样司马敬德', phone: '13811112222' });
  for (const typed of ['样司马敬德', '司马', 'jingde', 'ysmjd', '13811112222', '138 1111 2222', '样斯马敬德', 'jinde']) {
    equal((await findRecord(page, 'person', typed)).status(), 200, typed);
    const found = await main(page);
    check(/样\*\*\*\*/.test(found) && found.includes('138****2222'), `not found by ${typed}`);
    check(!found.includes('司马敬德') && !page.url().includes(encodeURIComponent(typed)), `not masked, or in the address: ${typed}`);
    equal(await page.inputValue('[name=value]'), typed, 'what was typed');
    equal(/读音或写法相近/.test(found), ['样斯马敬德', 'jinde'].includes(typed), `nearly: ${typed}`);
  }
  equal((await findRecord(page, 'person', '120101199003078884')).status(), 422, 'a wrong check digit');
  check((await main(page)).includes('校验位不对') && (await page.inputValue('[name=value]')) === '120101199003078884', 'the fault, and what was typed');
  equal((await findRecord(page, 'person', '诸葛不存在')).status(), 200, 'nobody');
  check((await main(page)).includes('没有找到您可以看的登记'), 'the empty state');
});

test('R1 a keeper of another area finds nobody, and the person sees who looked and what for', async () => {
  const citizen = await person('citizen');
  await go(citizen, '/zh/space/access-log');
  let table = await main(citizen);
  for (let i = 0; i < 50 && (await citizen.locator('main .pages a[rel=next]').count()); i++) {
    await Promise.all([citizen.waitForNavigation(), citizen.locator('main .pages a[rel=next]').click()]);
    table += await main(citizen);
  }
  check(table.includes('公安和平分局人口管理科') && table.includes('核对申请人身份') && !table.includes('您本人'), 'the look with its purpose, without one\'s own acts');
  check((await citizen.locator('main tbody tr td:last-child').allInnerTexts()).every((t) => t.trim()), 'a row without purpose');
  await citizen.locator('main nav.tabs a').nth(1).click();
  check(citizen.url().includes('by=me') && (await main(citizen)).includes('您本人'), 'one\'s own acts on a page of their own');
  const other = await person('population2');
  await findRecord(other, 'person', '120101199003070005');
  check((await main(other)).includes('没有找到您可以看的登记'), 'another area\'s record is found');
});
