// UX-07 without scripts, and the controls of what ux_03.mjs measures on every page with bars.mjs: a planted fault of each kind is found.
import { bars, overBudget, titled } from './bars.mjs';
import { base, check, equal, forget, go, none, person, press, refuses, signIn, test } from './lib.mjs';
import { inRow, planted } from './look.mjs';

test('UX-07 the large mode is a link, is kept for 30 days, and stays when one signs in, without JavaScript', async () => {
  const page = await person(null);
  const font = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  await go(page, '/zh/');
  const usual = await font();
  await page.locator('.tools a', { hasText: '大字版' }).click();
  await page.waitForLoadState();
  equal(new URL(page.url()).pathname, '/zh/', 'the link leads back');
  check((await font()) >= 23 && usual < 23, `large is ${await font()} px, usual ${usual} px`);
  const days = async () => ((await page.context().cookies()).find((c) => c.name === 'size').expires - Date.now() / 1000) / 86400;
  check((await days()) > 29.9, `kept for ${await days()} days`);
  forget('food');
  await signIn(page, 'food');
  check((await font()) >= 23, `signed in it is ${await font()} px`);
  await page.locator('.tools a', { hasText: '标准字号' }).click();
  await page.waitForLoadState();
  check((await font()) < 23, 'the way back');
});

test('UX-06 UX-07 UX-08 UX-11 UX-21 UX-22 UX-25 controls: a planted fault of each kind is found', async () => {
  const page = await inRow({ lang: 'zh', theme: 'light', size: 'large', width: 320, script: 'on' });
  const path = '/zh/sign-in';
  const html = async (reply) => reply.text();
  const found = async (plant, style = '') => {
    await page.setViewportSize({ width: 320, height: 640 });
    const reply = await planted(page, path, (h) => h.replace('</main>', `${plant}</main>`));
    if (style) await page.evaluate((css) => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }, style);
    return bars(page, await html(reply), page.row);
  };
  none(await found(''), 'without a plant');
  const finds = (plant, style, why) => refuses(async () => none(await found(plant, style), 'faults'), why, String(why));
  await finds('<p class="held">够长的一句话</p>', '.held { width: 180px; height: 45px; overflow: hidden }', /UX-06 twice.*cuts off/);
  await finds('<p class="a">甲乙丙丁</p><p class="b">戊己庚辛</p>', '.a, .b { height: 24px; margin: 0 !important }', /UX-06 twice.*covers/);
  await finds('<p class="a">甲乙丙丁</p>', '.a { text-indent: -3em }', /left of the window/);
  await finds('<p class="one">abcdefghijklmnopqrstuv</p>', '.one { white-space: nowrap; font: 20px monospace }', /UX-06 more space: .*too wide/);
  await finds('<p class="one">abcdefghijklmnopqrst</p>', '.one { white-space: nowrap; font: 20px monospace; letter-spacing: 0 !important }', /UX-22 .*too wide/);
  await finds('', 'body { font-size: 20px }', /UX-07 large text is 20/);
  await finds('', 'body { line-height: 1.4 }', /UX-07/);
  await finds('<p><a href="/zh/">一个链接</a></p>', '', /UX-08 a "一个链接"/);
  await finds('<button>好</button>', '', /UX-08 button/);
  await finds('<button class="hidden">好</button>', '', /UX-08 button/);
  none(await found('<button class="hidden" tabindex="-1" aria-hidden="true">好</button>'), 'what nobody can hit');
  none(await found('<p>一句话里有<a href="/zh/">一个链接</a>。</p>'), 'a link in a sentence');
  await finds('<img src="data:," alt="">', '', /UX-21 a picture without words/);
  await finds('<div><div><svg class="qr" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg></div></div>', '', /UX-21 a QR code that nothing can read/);
  await finds('<table><tbody><tr><th>受理</th><td><span class="tag">已办</span></td></tr></tbody></table><svg class="flow"><g class="flow-userTask"><title>办理 受理 正在办理</title></g></svg>', '', /UX-21 the drawing says/);
  await finds(`<p>${'很长的一句话没有停顿'.repeat(150)}</p>`, '', /UX-25 sentences of/);
  await finds('<p>系统错误</p>', '', /UX-25 "系统错误"/);
  await finds(Array.from({ length: 5 }, (_, i) => `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="图片${i}"><link rel="stylesheet" href="/assets/none-${i}.css">`).join(''), '', /UX-11 \d+ requests/);
  const fine = { staff: false, html: 14336, parts: [{ type: 'css', bytes: 12288, url: base }, { type: 'js', bytes: 5120, url: base }] };
  none(overBudget(fine), 'as much as is allowed');
  for (const [change, why] of [[{ html: 14337 }, /HTML/], [{ parts: [{ type: 'css', bytes: 12289, url: base }] }, /CSS/], [{ parts: [{ type: 'js', bytes: 5121, url: base }] }, /JS/], [{ parts: [{ type: 'other', bytes: 1, url: 'https://example.org/' }] }, /third party/]])
    await refuses(async () => none(overBudget({ ...fine, ...change }), 'faults'), why, String(why));
  const titles = new Map();
  const one = { lang: 'zh', title: '办事', route: 'A1', path: '/a', everybody: false };
  none([...titled(titles, one), ...titled(titles, { ...one, path: '/b' }), ...titled(titles, { ...one, lang: 'en', route: 'A2' })], 'titles');
  await refuses(async () => none(titled(titles, { ...one, route: 'A2' }), 'faults'), /is the title of/, 'two pages, one title');
  await refuses(async () => none(titled(new Map([['zh 办事', '/a']]), { ...one, path: '/b', everybody: true }), 'faults'), /is the title of/, 'two addresses, one title');
});
