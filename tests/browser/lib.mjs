// What the tests share: a city, a browser, people who sign in, journeys that count their pages, and the count at the end.
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { openCity } from './city.mjs';

export let base; // set before the first test runs
export let city;
export let browser;
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
export function none(faults, text) {
  const all = [...new Set(faults)];
  check(!all.length, `${text}: ${all.length}\n${all.slice(0, Number(process.env.FAULTS) || 40).join('\n')}`);
}
// A negative control: the check must refuse what has a planted fault, and say why in words that match `why`.
export async function refuses(body, why, text) {
  let said = null;
  try {
    await body();
  } catch (e) {
    said = String(e.message);
  }
  check(said !== null, `${text}: the planted fault is not found`);
  check(why.test(said), `${text}: found, but for another reason: ${said.slice(0, 300)}`);
}

// The shell is the same engine without windows: `chromium --headless` draws a toolbar for every context, which took 40 % of the time.
export const chromiumPath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync);
export const chromiumArgs = ['--no-sandbox', '--disable-gpu', '--in-process-gpu', '--process-per-site', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export function launch() {
  return chromium.launch({ executablePath: chromiumPath, timeout: 120000, args: chromiumArgs });
}

// Signing in is limited to a few times a minute from one address, as it should be: whoever signed in once comes back with the same cookies.
const states = {};
export async function remember(page) {
  if (page.login) states[page.login] = await page.context().storageState();
}

// A group that looks at all pages works in a copy of the city in which the atlas was made (main.mjs), as the people who are signed in there.
export let atlases = null; // role -> what atlasOf gave
let seen = false;
export function inSeenCity() {
  seen = true;
}
function askForAtlas() {
  return new Promise((yes, no) => {
    process.once('message', (m) => (m === 'made' ? yes() : no(new Error('the atlas could not be made'))));
    process.send('atlas');
  });
}
async function enterSeenCity() {
  await askForAtlas();
  atlases = JSON.parse(readFileSync(`${process.env.WORK}/atlas.json`, 'utf8'));
  for (const [role, a] of Object.entries(atlases)) if (role !== 'nobody') states[role] = a.state;
}

// Who was signed in when the atlas was made signs in again where that session has ended meanwhile: a slow machine, or the full product.
export async function renew(role) {
  if (role === 'nobody') return;
  const cookie = states[role].cookies.map((c) => `${c.name}=${c.value}`).join('; ');
  const reply = await fetch(`${base}/zh/password`, { headers: { cookie }, redirect: 'manual' });
  if (reply.status !== 303) return;
  delete states[role];
  const page = await person(role);
  if (role === 'company') await (await import('./steps.mjs')).asCompany(page);
  atlases[role].state = states[role];
  await page.context().close();
}

// Whose session a test ends signs in anew, also where the test fails half way.
export function forget(login) {
  delete states[login];
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
  const count = { pages: 0, typed: 0, actions: 0 };
  page.on('load', () => count.pages++);
  return count;
}

// A city and a browser for `body`, outside of tests.
export async function inCity(body) {
  city = await openCity();
  base = city.base;
  browser = await launch();
  try {
    await body(city);
  } finally {
    await browser.close();
    await city.close();
  }
}

// What this process and all that it has waited for (browser, city) took of the processors: other than the clock, it is the same on a busy
// machine. The browser does not wait for those that draw its pages, more than half of it all: it is asked for theirs before they end.
const drawn = new Map(); // process -> seconds
async function askProcesses() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  for (const p of processInfo) if (p.type !== 'browser') drawn.set(p.id, p.cpuTime);
  await session.detach();
}
function processor() {
  const ticks = readFileSync('/proc/self/stat', 'utf8').replace(/.*\) /, '').split(' ').slice(11, 15).map(Number);
  return Math.round(ticks.reduce((n, t) => n + t, 0) / 100 + [...drawn.values()].reduce((n, t) => n + t, 0));
}

const limit = process.env.UX === 'full' ? 3600 : 600; // seconds
export async function runAll(only) {
  let passed = 0;
  let failed = 0;
  const chosen = tests.filter((t) => !only.length || only.some((o) => t.name.includes(o)));
  if (chosen.length) {
    if (seen) await enterSeenCity();
    city = await openCity(seen ? 'seen' : 'var');
    base = city.base;
    browser = await launch();
  }
  for (const t of chosen) {
    const start = Date.now();
    try {
      await Promise.race([t.body(), new Promise((_, no) => setTimeout(() => no(new Error(`took over ${limit} s`)), limit * 1000).unref())]);
      passed++;
      console.log(`ok ${t.name} (${Date.now() - start} ms)`);
    } catch (e) {
      failed++;
      console.log(`FAIL ${t.name}: ${String(e.message).split('\n').slice(0, 2 + (Number(process.env.FAULTS) || 40)).join('\n    ')}`);
    }
    await askProcesses();
    for (const c of browser.contexts()) await c.close();
  }
  if (chosen.length) {
    await browser.close();
    await city.close();
  }
  if (chosen.length) console.log(`   processor: ${processor()} s`);
  console.log(`${passed} passed, ${failed} failed`);
  if (process.connected) process.disconnect();
  process.exit(failed ? 1 : 0);
}
