// What the tests share: a browser, people who sign in, journeys that count their pages, and the count at the end.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';

export const base = process.env.BASE;
export const password = 'tongban-demo-2026';
const tests = [];
export function test(name, body) {
  tests.push({ name, body });
}
export function check(condition, text) {
  if (!condition) throw new Error(text);
}
export function equal(got, want, text) {
  check(got === want, `${text}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

export const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// Signing in is limited to a few times a minute from one address, as it should be: whoever signed in once comes back with the same cookies.
const states = {};
export async function remember(page) {
  if (page.login) states[page.login] = await page.context().storageState();
}

// A context of its own: cookies of one person. `js` is off unless asked for.
export async function person(login, options = {}) {
  const { js = false, width = 1280, height = 900, lang = 'zh', ...rest } = options;
  const storageState = login ? states[login] : undefined;
  const context = await browser.newContext({ javaScriptEnabled: js, viewport: { width, height }, storageState, ...rest });
  const page = await context.newPage();
  page.lang = lang;
  page.login = login;
  if (login && !storageState) {
    await signIn(page, login, lang);
    await remember(page);
  }
  return page;
}
export async function signIn(page, login, lang = 'zh') {
  await page.goto(`${base}/${lang}/sign-in`);
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await press(page);
  check(!page.url().includes('/sign-in'), `${login} could not sign in: ${await page.title()}`);
}
// Submits the page's main form as a person does; answers with the reply.
export async function press(page, selector = 'main form button.button') {
  const button = page.locator(selector).first();
  const [reply] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), button.click()]);
  await page.waitForLoadState();
  return reply;
}
export async function go(page, path) {
  const reply = await page.goto(base + path);
  return reply.status();
}
// Counts full navigations and typed fields of one journey.
export function counting(page) {
  const count = { pages: 0, typed: 0 };
  page.on('load', () => count.pages++);
  return count;
}
export async function axe(page) {
  await page.evaluate(axeSource); // not as a script element: the page's CSP would refuse it, as it should
  return page.evaluate(async () => {
    const r = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
  });
}
const axeSource = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export async function runAll(only) {
  let passed = 0;
  let failed = 0;
  for (const t of tests) {
    if (only.length && !only.some((o) => t.name.includes(o))) continue;
    const start = Date.now();
    try {
      await Promise.race([t.body(), new Promise((_, no) => setTimeout(() => no(new Error('took over 300 s')), 300000).unref())]);
      passed++;
      console.log(`ok ${t.name} (${Date.now() - start} ms)`);
    } catch (e) {
      failed++;
      console.log(`FAIL ${t.name}: ${String(e.message).split('\n').slice(0, 12).join('\n    ')}`);
    }
    for (const c of browser.contexts()) await c.close();
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}
