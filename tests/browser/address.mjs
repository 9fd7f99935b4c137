// B9: an address level by level without JavaScript: forth and back, by name and pinyin, from the registry, refused and kept; and at the window.
import { axe, clean } from './look.mjs';
import { base, check, equal, go, none, person, press, refuses, test } from './lib.mjs';
import { draft } from './steps.mjs';

// The number on somebody's card.
async function card(login) {
  const page = await person(login);
  await page.goto(`${await draft(page, 'residence-proof')}/registered`);
  return (await page.locator('main').innerText()).match(/\d{17}[\dX]/)[0];
}
// A draft that wants its notice on paper; the page that asks where to.
async function where(decision = 'agree', login = 'citizen') {
  const page = await person(login);
  const fill = await draft(page, 'elder-allowance', decision);
  await page.goto(`${fill}/contact`);
  await page.fill('[name=contact_phone]', '13800000011');
  await page.locator('[name=by_post][value=yes]').check({ force: true });
  equal((await press(page)).status(), 200, 'contact');
  await page.goto(`${fill}/post`);
  equal(await page.locator('h1').innerText(), '通知书寄到哪里？', 'the page');
  return { page, fill };
}
const way = (page) => page.locator('fieldset .file > span').allInnerTexts();
const step = async (page, name) => {
  await page.selectOption('#post_to', { label: name });
  equal((await press(page, 'button[value=step-post_to]')).status(), 200, name);
};
const text = (page) => page.locator('main').innerText();

test('B9 level by level: the registry begins it, each step has an address, Back goes back, what was chosen can be chosen again; stored and shown', async () => {
  const { page, fill } = await where();
  const begun = await way(page);
  check(begun.length >= 2 && begun[0] === '天津市', `from the registry: ${begun}`);
  await press(page, `button[name=post_to-to] >> nth=${begun.indexOf('市辖区')}`);
  equal((await way(page)).join(), '天津市', 'chosen again');
  await step(page, '市辖区');
  await step(page, '和平区');
  await step(page, '劝业场街道');
  check(/at=120101001(&|$)/.test(page.url()), `the address says the step: ${page.url()}`);
  equal((await way(page)).join(), '天津市,市辖区,和平区,劝业场街道', 'the way');
  check(/在“劝业场街道”的哪里/.test(await text(page)), 'what is asked');
  await page.goBack();
  equal((await way(page)).join(), '天津市,市辖区,和平区', 'Back');
  await page.goForward();
  // with nothing chosen at the last level, and by the main button
  equal((await press(page, 'main .actions button.button')).status(), 422, 'not to the end');
  check(/还没有选到最后一级/.test(await page.locator('.errors').innerText()), 'said');
  equal((await way(page)).at(-1), '劝业场街道', 'kept');
  await page.selectOption('#post_to', { label: '花园路社区居委会' });
  equal((await press(page, 'main .actions button.button')).status(), 200, 'the main button takes the step too');
  equal((await way(page)).at(-1), '花园路社区居委会', 'the end');
  equal(await page.inputValue('#post_to'), await page.inputValue('[name=post_to-road]'), 'its road has the label');
  check((await page.inputValue('[name=post_to-road]')).length > 0 && /已从“.+”带入，请核对/.test(await text(page)), 'what the registry says, and that it does');
  await page.fill('[name=post_to-road]', '');
  equal((await press(page, 'main .actions button.button')).status(), 422, 'no road, no number');
  check(/路名和门牌号至少填一项/.test(await page.locator('.errors').innerText()), 'said');
  equal((await way(page)).at(-1), '花园路社区居委会', 'the place is kept');
  await page.fill('[name=post_to-road]', '示例路');
  await page.fill('[name=post_to-number]', '８号');
  await page.fill('[name=post_to-room]', '1-101');
  const reply = await press(page, 'main .actions button.button');
  equal(reply.status(), 200, 'saved');
  check(!/\/post/.test(page.url()), `on to ${page.url()}`);
  await page.goto(`${fill}/post`);
  equal(await page.inputValue('[name=post_to-number]'), '8号', 'what stands');
  await go(page, fill.replace(base, '').replace('/fill', '/check'));
  check((await text(page)).includes('天津市 市辖区 和平区 劝业场街道 花园路社区居委会 示例路 8号 1-101'), 'as people read it');
});

test('B9 "save for later" is that, also where another place is chosen', async () => {
  const { page, fill } = await where();
  await page.goto(`${fill}/post?at=120101001`);
  await page.selectOption('#post_to', { label: '花园路社区居委会' });
  await press(page, 'button[value=later]');
  check(!/\/post/.test(page.url()), `off to ${page.url()}`);
});

test('B9 found by name and pinyin, Enter looks; nothing found says what to do; English; a place that is none is refused', async () => {
  const { page, fill } = await where();
  for (const [words, found] of [['小白楼', '小白楼街道'], ['xiaobailou', '小白楼街道'], ['hexi', '河西区']]) {
    await page.goto(`${fill}/post`);
    await page.goto(`${page.url()}?at=-`);
    await page.fill('[name=post_to-words]', words);
    await Promise.all([page.waitForNavigation(), page.press('[name=post_to-words]', 'Enter')]);
    const all = await page.locator('.choice label').allInnerTexts();
    check(all.includes(found), `${words}: ${all}`);
    check(new RegExp(`找到 \\d+ 个`).test(await page.locator('[role=status]').first().innerText()), 'how many');
  }
  await page.goto(`${page.url().replace(/\?.*/, '')}?at=-&words=小白楼`);
  await page.locator('.choice', { hasText: '小白楼街道' }).first().locator('input').check({ force: true });
  equal((await press(page, 'button[value=step-post_to] >> nth=1')).status(), 200, 'chosen');
  check((await way(page)).includes('小白楼街道'), `the way: ${await way(page)}`);
  await page.goto(`${page.url().replace(/\?.*/, '')}?at=-&words=没有这种地方`);
  check(/没有找到。请换一个说法/.test(await text(page)), 'nothing found');
  await page.goto(page.url().replace('/zh/', '/en/'));
  check(/Nothing found/.test(await text(page)) && /Choose this/.test(await text(page)), 'in English');
  await page.goto(`${page.url().replace(/\?.*/, '')}?at=-&words=Heping%20Dis`);
  check((await page.locator('.choice label').allInnerTexts()).includes('Heping District'), 'by its English name');
  const form = await page.locator('main form').evaluate((f) => Object.fromEntries(new FormData(f)));
  const send = async (fields) => (await page.request.post(`${fill}/post`, { form: { ...form, act: 'go', 'post_to-below': '', 'post_to-words': '', ...fields }, headers: { Origin: base } }));
  for (const division of ['120101', '999999', "1' OR 1", ''])
    equal((await send({ 'post_to-division': division, 'post_to-road': '示例路', _key: '' })).status(), 422, division);
  const other = await person('food');
  check([403, 404].includes((await other.request.post(`${fill}/post`, { form: { ...form, act: 'step-post_to', 'post_to-below': '120101' }, headers: { Origin: base } })).status()), 'a step of somebody else');
});

test('B9 who types everything himself is asked the same with nothing filled in', async () => {
  const { page } = await where('type', 'grandpa');
  equal((await way(page)).length, 0, 'no place');
  check(!/带入，请核对/.test(await text(page)), 'no source');
});

test('B9 UX-03 UX-05 each of its states: axe, width, HTML, zh and en', async () => {
  const { fill } = await where();
  const faults = [];
  for (const [lang, theme, width] of [['zh', 'light', 1280], ['en', 'dark', 320], ['zh', 'dark', 390]]) {
    const page = await person('citizen', { js: true, width, height: 800, colorScheme: theme });
    const at = `${fill.replace('/zh/', `/${lang}/`)}/post`;
    for (const [state, query] of [['begun', ''], ['root', '?at=-'], ['found', '?at=-&words=和平'], ['whole', '?at=120101001001'], ['none', '?at=-&words=zzzz']]) {
      const reply = await page.goto(at + query);
      faults.push(...(await clean(page, reply)).map((x) => `${lang} ${width} ${state}: ${x}`));
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/address-${lang}-${theme}-${width}-${state}.png`, fullPage: true });
    }
    const reply = await press(page, 'main .actions button.button');
    faults.push(...(await clean(page, reply)).map((x) => `${lang} ${width} refused: ${x}`));
    faults.push(...(await axe(page)).map((x) => `${lang} ${width} refused: ${x}`));
    await page.context().close();
  }
  none(faults, 'faults');
  const page = await person('citizen', { js: true });
  await page.goto(`${fill}/post`);
  await page.evaluate(() => document.querySelector('label[for=post_to]').remove());
  await refuses(async () => none(await axe(page), 'faults'), /label: #post_to/, 'control: a list without its label');
});

test('B9 at the window: the screen again at each step, with all that stands on it, and nothing is taken in by it', async () => {
  const page = await person('window');
  await go(page, '/zh/window/intake');
  await page.fill('#citizen_id', await card('citizen'));
  await page.selectOption('#item', 'elder-allowance');
  await Promise.all([page.waitForNavigation(), page.locator('main form button.button').click()]);
  await page.fill('[name=account_number]', '6200000000000000001');
  await page.fill('[name=contact_phone]', '13800000011');
  await page.locator('[name=by_post][value=yes]').check({ force: true });
  if (!(await page.locator('#post_to').isVisible())) await page.locator('summary', { hasText: '通知书寄到哪里' }).click();
  if ((await way(page)).length) await press(page, 'button[name=post_to-to]'); // his draft has one already
  for (const name of ['天津市', '市辖区', '和平区', '劝业场街道', '花园路社区居委会']) {
    await page.selectOption('#post_to', { label: name });
    equal((await press(page, 'button[value=step-post_to]')).status(), 200, name);
    check(/\/window\/intake\/elder-allowance\//.test(page.url()), page.url());
    equal(await page.inputValue('[name=account_number]'), '6200000000000000001', 'what was typed');
    check(await page.locator('[name=by_post][value=yes]').isChecked(), 'what was chosen');
    check((await way(page)).at(-1) === name, `${name}: ${await way(page)}`);
    check(await page.locator('#post_to').isVisible(), 'it is open');
    equal(await page.locator('[autofocus]').first().getAttribute('id'), 'post_to', 'the focus goes on from here');
  }
  await page.fill('[name=post_to-road]', '示例路');
  await page.fill('[name=post_to-number]', '8 号');
  await page.locator('[name=channel][value="1"]').check({ force: true });
  for (const box of ['agree', 'declared']) await page.locator(`[name=${box}]`).check({ force: true });
  await Promise.all([page.waitForNavigation(), page.locator('button[value=go]:not(.hidden)').click()]);
  check(/\/window\/receipt\/\d+$/.test(page.url()), `${page.url()} ${await page.locator('.errors, .notice').allInnerTexts()}`);
});
