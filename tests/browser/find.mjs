// D-find: an officer finds cases by number, name and item, within his reach; what was typed stands in no address; facets are links with
// counts; whoever was looked up sees it.
import { applyForProof } from './steps.mjs';
import { base, check, equal, go, person, refuses, test } from './lib.mjs';

const numbers = async (page) => (await page.locator('main tbody a.number').allInnerTexts()).map((t) => t.trim());

async function find(page, typed, lang = 'zh') {
  await go(page, `/${lang}/desk/find`);
  await page.fill('#q', typed);
  await Promise.all([page.waitForNavigation(), page.click('main form[role=search] button')]);
}

// Is a word that somebody typed in an address, as it is or as addresses write it?
function told(url, word) {
  if (decodeURIComponent(url).includes(word)) throw new Error(`${url} tells ${word}`);
}

test('find: by name, pinyin, number and item; the name stands in no address; facets count and narrow', async () => {
  const { number } = await applyForProof('1');
  const other = await applyForProof('1');
  const officer = await person('police');
  await find(officer, 'jzzm');
  check((await numbers(officer)).includes(number), 'not found by the initials of the item');
  const name = (await officer.locator('main tbody tr', { hasText: number }).locator('td').nth(1).innerText()).trim();
  check(name.length > 1, 'no name beside the number');
  await find(officer, name);
  check((await numbers(officer)).includes(number), 'not found by name');
  equal(await officer.inputValue('#q'), name, 'what was typed stays in its box');
  told(officer.url(), name);
  await refuses(async () => told(`${base}/zh/desk/find?q=${encodeURIComponent(name)}`, name), /tells/, 'control: a name in an address');
  // a facet: the link says how many, and so many it shows
  const facet = officer.locator('.facets details', { hasText: '事项' });
  await facet.locator('summary').click();
  const link = facet.locator('a', { hasText: '居住证明' });
  const count = Number(await link.locator('.meta').innerText());
  await Promise.all([officer.waitForNavigation(), link.click()]);
  told(officer.url(), name);
  check((await officer.locator('main .total').innerText()).includes(String(count)), `${count} were told`);
  equal(await officer.locator('main .chips .chip').count(), 2, 'what was typed and what was chosen are chips');
  check((await officer.locator('.facets a[aria-current]').count()) === 1, 'the chosen one is not marked');
  await Promise.all([officer.waitForNavigation(), officer.locator('main .chips a').last().click()]);
  equal(await officer.locator('main tbody tr').count(), 0, 'all cleared, nothing is asked');
  // the address is the officer's own
  await find(officer, name);
  const address = officer.url();
  const colleague = await person('window');
  equal((await colleague.request.get(address)).status(), 404, "another's address");
  // a part of the number, and the whole
  await find(officer, number.slice(9, 15));
  check((await numbers(officer)).includes(number), 'not found by the running number');
  await find(officer, number.slice(0, 15));
  equal((await numbers(officer)).join(), number, 'by day and running number');
  await find(officer, number);
  check(/\/desk\/case\/\d+$/.test(officer.url()), 'the whole number leads to the case');
  await find(officer, number.slice(0, 8));
  check((await numbers(officer)).includes(other.number), 'by the day');
  // who was looked up sees it
  await go(other.citizen, '/zh/space/access-log');
  check((await other.citizen.locator('main').innerText()).includes('查询'), 'the look is not on his log');
});

test('find: nothing typed is told at the box; what is nobody is told; another department finds nothing', async () => {
  const { number } = await applyForProof('1');
  const officer = await person('police');
  await find(officer, '  ');
  equal(await officer.locator('#q[aria-invalid=true]').count(), 1, 'no fault at the box');
  await find(officer, '欧阳不存在');
  equal(await officer.locator('main tbody tr').count(), 0, 'found');
  check((await officer.locator('main').innerText()).includes('没有找到您可以看的办件'), 'not told');
  const food = await person('food');
  await find(food, number);
  check((await food.locator('main').innerText()).includes('没有找到您可以看的办件'), 'found by another department');
  await find(officer, 'juzhu zhengming', 'en');
  check((await officer.locator('h1').innerText()) === 'Find a case', 'not in English');
});
