// UX-24: dark, forced colours, reduced motion and print, each compared in pixels with what it must differ from and what it must equal.
// (Valid HTML, CSP and the console are looked at on every page: ux_03.mjs.)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { atlases, base, browser, check, city, inSeenCity, none, person, refuses, renew, test } from './lib.mjs';
import { roles } from './atlas.mjs';
import { planted } from './look.mjs';
import { compare, ground, png } from './png.mjs';

inSeenCity();
// What says when the page was read may change between two pictures.
const shot = async (page) => png(await page.screenshot({ animations: 'allow', mask: [page.locator('.live')] }));
// Where everything stands: what a theme may not move.
const layout = (page) => page.evaluate(() => [...document.querySelectorAll('body *')].map((e) => { const r = e.getBoundingClientRect(); return `${e.tagName} ${Math.round(r.x)} ${Math.round(r.y)} ${Math.round(r.width)} ${Math.round(r.height)}`; }).join('\n'));
const plain = { colorScheme: 'light', forcedColors: 'none', reducedMotion: 'no-preference', media: 'screen', contrast: 'no-preference' };

// A page that loads itself anew after a while (the hall's screen) stands still here: it may not go while it is compared.
async function still(page, path) {
  const reply = await page.goto(base + path);
  if (!reply.headers().refresh) return reply;
  await page.route(base + path, async (route) => {
    const response = await route.fetch();
    const { refresh, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  const stands = await page.goto(base + path);
  await page.unroute(base + path);
  return stands;
}

async function compared(page, path) {
  const faults = [];
  await page.emulateMedia(plain);
  const reply = await still(page, path);
  if (reply.status() !== 200) return [`status ${reply.status()}`];
  const light = await shot(page);
  const places = await layout(page);
  if (ground(light).mean < 0.6) faults.push(`light is dark: mean luminance ${ground(light).mean.toFixed(2)}`);

  const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => [null, '::before', '::after'].some((p) => {
    const s = getComputedStyle(e, p);
    return `${s.transitionDuration}, ${s.animationName === 'none' ? '0s' : s.animationDuration}`.split(', ').some((d) => parseFloat(d) > 0) || s.scrollBehavior === 'smooth';
  })).map((e) => `${e.tagName}.${e.className?.baseVal ?? e.className}`));
  if (moving.length) faults.push(`moves by itself: ${[...new Set(moving)].slice(0, 3)}`);

  await page.emulateMedia({ ...plain, colorScheme: 'dark' });
  const dark = await shot(page);
  if (ground(dark).mean > 0.2) faults.push(`dark is light: mean luminance ${ground(dark).mean.toFixed(2)}`);
  if ((await layout(page)) !== places) faults.push('dark moves something');

  await page.emulateMedia({ ...plain, reducedMotion: 'reduce' });
  const reduced = compare(light, await shot(page));
  if (reduced.changed) faults.push(`reduced motion changes ${reduced.changed} px of a page at rest`);
  await page.emulateMedia({ ...plain, forcedColors: 'active' });
  const forced = await shot(page);
  if (ground(forced).most !== (await page.evaluate(() => {
    const probe = document.createElement('p');
    probe.setAttribute('style', '');
    probe.style.backgroundColor = 'Canvas';
    document.body.append(probe);
    const rgb = getComputedStyle(probe).backgroundColor.match(/\d+/g).slice(0, 3);
    probe.remove();
    return `#${rgb.map((x) => Number(x).toString(16).padStart(2, '0')).join('')}`;
  }))) faults.push(`forced colours: the ground is ${ground(forced).most}, not Canvas`);
  if (!compare(light, forced).changed) faults.push('forced colours change nothing');
  // What can be operated has an edge of its own, though backgrounds are gone.
  const edgeless = await page.evaluate(() => [...document.querySelectorAll('.button, input:not([type=hidden], [type=radio], [type=checkbox], [type=file]), select, textarea')].filter((e) => e.checkVisibility() && (parseFloat(getComputedStyle(e).borderTopWidth) || 0) < 1).map((e) => e.outerHTML.slice(0, 60)));
  for (const e of edgeless.slice(0, 3)) faults.push(`forced colours: no edge: ${e}`);

  await page.emulateMedia({ ...plain, media: 'print' });
  const printed = await shot(page);
  if (ground(printed).most !== '#ffffff') faults.push(`print: the ground is ${ground(printed).most}`);
  const chrome = await page.evaluate(() => ['.skip', '.tools', '.menu', '.side', '.actions', 'header nav', 'main .button'].flatMap((q) => [...document.querySelectorAll(q)]).filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 1).map((e) => `${e.tagName}.${e.className}`));
  if (chrome.length) faults.push(`print shows ${[...new Set(chrome)].slice(0, 4)}`);
  await page.emulateMedia({ ...plain, media: 'print', colorScheme: 'dark' });
  const night = compare(printed, await shot(page));
  if (night.changed) faults.push(`print of a dark screen differs by ${night.changed} px`);
  await page.emulateMedia({ ...plain });
  return faults;
}
// The sheets of paper: A4, and the page's heading can be read from them; of a ticket's slip one of 80 by 160 mm, and its number.
async function sheets(page) {
  const slip = await page.locator('.slip .ticket-number').count();
  const h1 = (await page.locator(slip ? '.slip .ticket-number' : 'h1').first().innerText()).replace(/\s+/g, '');
  await page.emulateMedia({ ...plain, media: 'print' });
  const file = `${city.dir}/print.pdf`;
  writeFileSync(file, await page.pdf({ preferCSSPageSize: true }));
  const info = execFileSync('pdfinfo', [file]).toString();
  const text = execFileSync('pdftotext', [file, '-']).toString().replace(/\s+/g, '');
  const faults = [];
  if (!(slip ? /Page size: +22[67]\S* x 45[34]\S* pts/ : /A4/).test(info)) faults.push(`print: not ${slip ? '80 by 160 mm' : 'A4'}: ${info.match(/Page size:.*/)}`);
  if (!text.includes(h1.slice(0, 12))) faults.push(`print: the heading "${h1}" is not on paper`);
  if (Number(info.match(/Pages:\s+(\d+)/)[1]) > (slip ? 1 : 6)) faults.push(`print: ${info.match(/Pages:\s+\d+/)}`);
  return faults;
}

const once = new Set(); // each row of the route table once, whoever sees it first
const done = new Set();
for (const role of roles)
  test(`UX-24 dark, forced colours, reduced motion and print, in pixels: ${role}`, async () => {
    await renew(role);
    const atlas = atlases[role];
    const mine = atlas.pages.filter((p) => p.kind === 'page' && p.status === 200 && !once.has(p.route.id) && once.add(p.route.id));
    const context = await browser.newContext({ viewport: { width: 800, height: 600 }, storageState: atlas.state });
    const page = await context.newPage();
    const faults = [];
    for (const [i, p] of mine.entries()) {
      for (const f of await compared(page, `/zh${p.path}`)) faults.push(`${p.route.id} ${p.path.replace(/\d{6,}/g, '#')}: ${f}`);
      if (i % 3 === 0) for (const f of await sheets(page)) faults.push(`${p.route.id}: ${f}`);
    }
    for (const p of mine) done.add(p.route.id);
    console.log(`   ${mine.length} pages`);
    none(faults, 'faults');
  });

test('UX-24 dark, forced colours, reduced motion and print: every page that some role sees was compared', async () => {
  const pages = Object.values(atlases).flatMap((a) => a.pages).filter((p) => p.kind === 'page' && p.status === 200);
  none(pages.map((p) => p.route.id).filter((id) => !done.has(id)), 'not compared');
  console.log(`   ${done.size} rows of the route table`);
});

test('UX-24 a theme that was chosen looks the same as one that the system asks for', async () => {
  const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
  const page = await context.newPage();
  await page.emulateMedia({ ...plain, colorScheme: 'dark' });
  await page.goto(`${base}/zh/search`);
  const asked = await shot(page);
  await page.emulateMedia(plain);
  const light = await shot(page);
  await context.addCookies([{ name: 'theme', value: 'dark', url: base }]);
  await page.goto(`${base}/zh/search`);
  const { changed } = compare(asked, await shot(page));
  check(changed < 3000, `the chosen dark differs from the asked one by ${changed} px`); // the switch itself has another word
  check(compare(light, await shot(page)).changed > 100000, 'control: the chosen dark is the light one');
});

test('UX-24 controls: a page that ignores the theme, moves, keeps its colours or prints its buttons is found', async () => {
  const page = await person(null, { js: true, width: 800, height: 600 });
  const css = /<link rel="stylesheet" href="([^"]+)">/;
  const broken = async (change, why, html = (x) => x) => {
    await page.goto(`${base}/zh/sign-in`);
    const href = (await page.content()).match(css)[1];
    await page.route(base + href, async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, body: change(await reply.text()) });
    });
    await page.route(`${base}/zh/sign-in`, async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, body: html(await reply.text()) });
    });
    await refuses(async () => none(await compared(page, '/zh/sign-in'), 'faults'), why, String(why));
    await page.unrouteAll();
  };
  none(await compared(page, '/zh/sign-in'), 'without a plant');
  await broken((s) => s.replace('prefers-color-scheme: dark', 'prefers-color-scheme: none'), /dark is light/);
  await broken((s) => `${s} @media (prefers-color-scheme: dark) { h1 { padding-top: 9px !important } }`, /dark moves/);
  await broken((s) => `${s} .button { transition: background-color .1s }`, /moves by itself/);
  await broken((s) => `${s} html { scroll-behavior: smooth }`, /moves by itself/);
  await broken((s) => `${s} @media (prefers-reduced-motion: reduce) { h1 { color: red } }`, /reduced motion changes/);
  await broken((s) => `${s} @media (prefers-reduced-motion: reduce) { h1 { opacity: .8 } }`, /reduced motion changes/);
  await broken((s) => `${s} * { forced-color-adjust: none }`, /forced colours/);
  await broken((s) => `${s} .button { border: 0 !important }`, /no edge/);
  await broken((s) => s.replace('@media print', '@media none'), /print shows/);
  await broken((s) => `${s} @media print and (prefers-color-scheme: dark) { h1 { color: red } }`, /print of a dark screen/);
  await page.emulateMedia(plain);
  await planted(page, '/zh/sign-in', (h) => h.replace('<h1>', '<h1 hidden>没有印出的标题</h1><h1>'));
  await refuses(async () => none(await sheets(page), 'faults'), /not on paper/, 'control: a heading that is not printed');
});
