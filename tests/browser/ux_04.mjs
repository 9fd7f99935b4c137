// UX-04: the application of UX-01, a window's intake and an approval with Tab, Shift-Tab, Enter, Space, arrows and typing only.
import { base, check, none, password, person, refuses, test } from './lib.mjs';
import { follow, forgetMarks, marks, operate, stop, tabTo, walk } from './keys.mjs';
import { clearDraft, pdf, smallShop } from './steps.mjs';

async function atKeyboard(login, theme = 'light') {
  const page = await person(null, { js: true, colorScheme: theme, height: 800 });
  await page.goto(`${base}/zh/sign-in`);
  await operate(page, { login, password });
  check(!page.url().includes('/sign-in'), `${login} could not sign in by keyboard: ${await page.title()}`);
  return page;
}
// The pages of a journey: each kind is walked from top to end once, before it is used.
function walker(page, theme) {
  const seen = new Set();
  const faults = [];
  return {
    faults,
    stops: 0,
    async look() {
      const kind = new URL(page.url()).pathname.replace(/\d{6,}/g, '#').replace(/(material\/).*/, '$1');
      if (seen.has(kind)) return;
      seen.add(kind);
      const w = await walk(page, { theme });
      faults.push(...w.faults);
      this.stops += w.stops;
      await page.reload(); // the walk ends anywhere; the person begins at the top
    },
    kinds: () => [...seen],
  };
}

let number;
test('UX-04 the application by keyboard alone, from the home page to the number', async () => {
  const page = await atKeyboard('company');
  const w = walker(page, 'light');
  await clearDraft(await person('company'), 'restaurant');
  await page.goto(`${base}/zh/identity`);
  await w.look();
  const company = await page.locator('input[name=for]').nth(1).getAttribute('value');
  await operate(page, { for: company });
  await page.goto(`${base}/zh/`);
  await w.look();
  await follow(page, (s) => s.main && s.href.includes('/guide/') && s.text.includes('开餐馆一件事'), 'the item');
  await w.look();
  await follow(page, (s) => /\bbutton\b/.test(s.class) && s.href.includes('/apply/'), 'the button to apply');
  const answers = { ...smallShop, declared: 'yes', decision: 'agree' };
  for (let i = 0; i < 40 && !/\/done$/.test(page.url()); i++) {
    await w.look();
    const url = page.url();
    const hasForm = await page.locator('main form button.button').count();
    if (/\/material\/[a-z_-]+$/.test(url) && (await page.locator('main .file').count())) await follow(page, (s) => s.main && /\bbutton\b/.test(s.class), 'the way on');
    else if (hasForm) await operate(page, answers, pdf(url));
    else {
      const next = await page.locator('main a').evaluateAll((links) => {
        const open = links.filter((a) => /\/fill\/|\/material\/|\/check$/.test(a.getAttribute('href') || ''));
        const first = open.find((a) => !/已完成|已上传/.test(a.closest('li')?.textContent || ''));
        return first ? first.getAttribute('href') : null;
      });
      check(next, `no way on from ${url}`);
      await follow(page, (s) => s.href === next, next);
    }
    check(page.url() !== url || !(await page.locator('.errors').count()), `${url}: ${await page.locator('.errors').allInnerTexts()}`);
  }
  await w.look();
  number = (await page.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)?.[0];
  check(number, `no number on ${page.url()}`);
  console.log(`   ${w.kinds().length} kinds of page, ${w.stops} stops walked, ${marks().length} kinds of mark measured, least ${Math.min(...marks().map((m) => m.strong / m.least)).toFixed(1)} of what is needed`);
  none(w.faults, 'faults');
});

async function decideByKeyboard(page, w, wanted, opinion) {
  await w.look();
  await follow(page, (s) => s.main && s.text.includes(number), `the task of ${number}`);
  await w.look();
  const moves = await page.locator('main [name=move]').evaluateAll((all) => all.map((m) => m.value));
  const chosen = wanted.find((m) => moves.includes(m));
  check(chosen, `none of ${wanted} is among ${moves}`);
  await operate(page, { move: chosen, opinion });
  check(!(await page.locator('.errors').count()), `${await page.locator('.errors').allInnerTexts()}`);
  await w.look();
}

test('UX-04 the intake at the window by keyboard alone', async () => {
  check(number, 'the application was not made');
  const page = await atKeyboard('window', 'dark');
  const w = walker(page, 'dark');
  await decideByKeyboard(page, w, ['accept'], '材料齐全');
  none(w.faults, 'faults');
});

test('UX-04 an approval by keyboard alone', async () => {
  check(number, 'the application was not made');
  const page = await atKeyboard('food');
  const w = walker(page, 'light');
  await decideByKeyboard(page, w, ['approve', 'pass'], '符合条件');
  check((await page.locator('main').innerText()).includes(number), 'the queue does not say what was done');
  none(w.faults, 'faults');
});

test('UX-04 controls: no mark, a trap, an order of its own, a button out of reach, no skip link are found', async () => {
  const page = await person(null, { js: true, height: 800 });
  const planted = async (plant, why) => {
    forgetMarks();
    await page.goto(`${base}/zh/sign-in`);
    await page.evaluate(plant);
    await refuses(async () => none((await walk(page)).faults, 'faults'), why, String(why));
  };
  const style = (css) => `{ const s = new CSSStyleSheet(); s.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [s]; }`;
  await planted(style('*:focus, *:focus-visible, *:has(:focus) { outline: none !important; box-shadow: none !important; }'), /the focus changes/);
  await planted(style('*:focus-visible { outline: 1px solid #ddd !important; box-shadow: none !important; }'), /the focus changes/);
  await planted("document.querySelector('[name=login]').addEventListener('keydown', (e) => e.key === 'Tab' && e.preventDefault())", /holds the focus/);
  await planted("document.querySelector('main button').tabIndex = 3", /order of its own|against the document/);
  await planted("document.querySelector('main button').tabIndex = -1", /is not reached/);
  await planted("document.querySelector('.skip').remove()", /not the skip link/);
  forgetMarks();
  await page.goto(`${base}/zh/sign-in`);
  await tabTo(page, (s) => s.class === 'skip', 'the skip link');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  check((await stop(page)).main, 'the skip link does not lead into the main part');
});
