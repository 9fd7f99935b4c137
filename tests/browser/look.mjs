// One page looked at: by axe, by a ruler, by a validator of HTML, and by what the browser itself complains of.
import { readFileSync, readdirSync } from 'node:fs';
import { HtmlValidate } from 'html-validate';
import { base, browser } from './lib.mjs';

const axeSource = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const validator = new HtmlValidate({ root: true, extends: ['html-validate:recommended', 'html-validate:document'], rules: {
  // The house writes HTML as short as the standard allows: a type that is the default is not written, a title may be long.
  'long-title': 'off',
  'heading-level': ['error', { minInitialRank: 'h2' }], // what went wrong stands before the page's h1 (ux.md 1.1, error summary)
  'prefer-native-element': ['error', { exclude: ['region'] }], // a div with the role is the same to everybody
  'aria-label-misuse': ['error', { allowAnyNamable: true }], // ARIA 1.2 lets a list have a name
  'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'button', 'submit'] }],
  'no-implicit-button-type': 'off',
  'no-implicit-input-type': 'off',
  'require-sri': ['error', { target: 'crossorigin' }], // nothing comes from another origin; what is ours has its hash in its name
} });

// What axe cannot decide by itself, seen by a person and right: at most ten (ux.md, UX-03).
const undecided = [
  { id: 'color-contrast', at: /^text\[/ }, // in the drawing of a process: #1a1a1a on grounds that are solid (flow_svg.c), under lines that pass by
  { id: 'color-contrast', at: /> \.value > bdi$/ }, // words of an entry in a timeline: its dot and line, drawn as pseudo elements, stand beside them
];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function axe(page, coloursOnly) {
  if (coloursOnly && page.row?.theme === 'contrast') return []; // nothing is left to ask, see below
  if (page.row?.script === 'off') await scripts(page, true); // the page has been loaded without; axe itself needs them
  if (!(await page.evaluate(() => !!globalThis.axe))) await page.evaluate(axeSource); // not as a script element: the page's CSP would refuse it, as it should
  // Forced colours are the person's own, and axe takes the page's for the text's: what they must show is compared in pixels (ux_24.mjs).
  const rules = page.row?.theme === 'contrast' ? { 'color-contrast': { enabled: false } } : {};
  const tags = coloursOnly ? { type: 'rule', values: ['color-contrast'] } : TAGS;
  const found = await page.evaluate(async ({ tags, rules }) => {
    const list = (rules) => rules.flatMap((v) => v.nodes.map((n) => ({ id: v.id, at: n.target.join(' '), why: n.any?.[0]?.message || n.none?.[0]?.message || v.help })));
    for (let again = 3; ; again--) {
      let changed = false; // what a script put in its place meanwhile belongs to neither page: it is looked at anew
      const observer = new MutationObserver(() => (changed = true));
      observer.observe(document, { childList: true, subtree: true });
      const r = await globalThis.axe.run(document, { runOnly: tags, rules, resultTypes: ['violations', 'incomplete'] });
      observer.disconnect();
      const seen = { wrong: list(r.violations), open: list(r.incomplete) };
      if (!again || !changed || !(seen.wrong.length + seen.open.length)) return seen;
    }
  }, { tags, rules });
  if (page.row?.script === 'off') await scripts(page, false);
  return [
    ...found.wrong.slice(0, 6).map((v) => `axe ${v.id}: ${v.at}`),
    ...found.open.filter((v) => !undecided.some((u) => u.id === v.id && u.at.test(v.at))).slice(0, 6).map((v) => `axe cannot tell ${v.id}: ${v.at} (${v.why})`),
  ];
}

// UX-05 at both widths, whichever the page was loaded at.
export async function measuredBoth(page) {
  const { width, height } = page.viewportSize();
  const other = width === 320 ? 1280 : 320;
  const faults = await measured(page);
  await page.setViewportSize({ width: other, height });
  for (const f of await measured(page)) if (!faults.includes(f)) faults.push(`at ${other}: ${f}`);
  await page.setViewportSize({ width, height });
  return faults;
}

// UX-22: what has English, of the program and of any system, is not shown in Chinese to who reads English, unless somebody typed it (a
// template says so: .value, .why, or a lang of its own) or it is the source that an editor works on.
const root = new URL('../../', import.meta.url);
const catalogues = ['locale/en.po', ...readdirSync(new URL('systems', root), { recursive: true }).filter((f) => f.endsWith('texts/en.po')).map((f) => `systems/${f}`)];
const english = new Set(catalogues.flatMap((f) => [...readFileSync(new URL(f, root), 'utf8').matchAll(/^msgid "(.+)"\nmsgstr "([^"]+)/gm)].filter((m) => m[1] !== m[2]).map((m) => m[1])));
const accounts = readdirSync(new URL('systems', root), { recursive: true }).filter((f) => f.endsWith('sample/accounts.csv'));
const names = new Set(accounts.flatMap((f) => readFileSync(new URL(`systems/${f}`, root), 'utf8').split('\n').map((line) => line.split(',')[1])));
const sources = /\/admin\/(draft\/\d|template\?)/;

// UX-05: nothing is wider than the window; what scrolls by itself can be reached by keyboard and has a name; one h1; Chinese is
// marked as such on pages in another language.
export async function measured(page) {
  const { faults, chinese } = await page.evaluate(() => {
    const chinese = [];
    const faults = [];
    const root = document.documentElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over) faults.push(`${over} px too wide`);
    for (const e of document.querySelectorAll('body *')) {
      const s = getComputedStyle(e);
      if (e.scrollWidth <= e.clientWidth + 1 || !/auto|scroll/.test(s.overflowX) || /^(TEXTAREA|INPUT|SELECT)$/.test(e.tagName)) continue;
      if (e.tabIndex < 0) faults.push(`${e.tagName}.${e.className} scrolls, but not by keyboard`);
      if (!e.getAttribute('role') || !(e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim())) faults.push(`${e.tagName}.${e.className} scrolls, but has no role and name`);
    }
    // WCAG 3.1.2: what is Chinese on a page in another language says so; an option takes no elements, and is what most of it is.
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (!root.lang.startsWith('zh') && texts.nextNode()) {
      const e = texts.currentNode.parentElement;
      const text = texts.currentNode.data.trim();
      const han = (text.match(/\p{Script=Han}/gu) || []).length;
      if (!han || /^(TEXTAREA|SCRIPT)$/.test(e.tagName)) continue;
      const option = e.tagName === 'OPTION' && han <= 2 * (text.match(/[A-Za-z]+/g) || []).length;
      if (!option && !e.closest('[lang]').lang.startsWith('zh')) faults.push(`not marked as Chinese: ${text.slice(0, 40)}`);
      if (!e.closest('[aria-hidden=true], .value, .why, [lang^=zh]:not(bdi, option)')) chinese.push(text);
    }
    const h1 = document.querySelectorAll('h1').length;
    if (h1 !== 1) faults.push(`${h1} h1`);
    return { faults, chinese };
  });
  if (!sources.test(page.url())) for (const t of new Set(chinese)) if (english.has(t) && !names.has(t)) faults.push(`UX-22 has English, and is shown in Chinese: ${t}`);
  return faults;
}

export async function validated(html, where) {
  const report = await validator.validateString(html, where);
  return report.results.flatMap((r) => r.messages.filter((m) => m.severity > 1).map((m) => `html ${m.ruleId}: ${m.message} (line ${m.line}: ${(html.split('\n')[m.line - 1] || '').trim().slice(0, 80)})`));
}

// All of it at once, for a state that no address leads to.
export async function clean(page, reply) {
  return [...headers(reply), ...(await measured(page)), ...(await validated(await reply.text(), page.url())), ...(await axe(page))];
}

// Whatever the browser complains of on this page, from now on, goes to `faults`; the status of the page itself is no complaint.
export async function watch(page, faults) {
  await page.exposeBinding('violated', (_, text) => faults.push(`CSP: ${text} on ${page.url()}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (e) => globalThis.violated(`${e.violatedDirective} ${e.blockedURI}`)));
  page.on('console', (m) => {
    if (!['error', 'warning'].includes(m.type())) return;
    if (/status of 4\d\d/.test(m.text()) && m.location().url === page.url()) return;
    faults.push(`console ${m.type()}: ${m.text()} on ${page.url()}`);
  });
  page.on('pageerror', (e) => faults.push(`script: ${e.message} on ${page.url()}`));
  page.on('request', (r) => r.url().startsWith(base) || r.url().startsWith('data:') || faults.push(`a third party is asked: ${r.url()}`));
}

export function headers(reply) {
  const h = reply.headers();
  const faults = [];
  const csp = h['content-security-policy'] || '';
  const script = (csp.match(/script-src [^;]*/) || csp.match(/default-src [^;]*/) || [''])[0];
  if (!script || /unsafe-inline|unsafe-eval|\*|data:|blob:/.test(script)) faults.push(`CSP of scripts: "${script}"`);
  if (!/base-uri 'none'/.test(csp) || !/frame-ancestors 'none'/.test(csp)) faults.push(`CSP lacks base-uri or frame-ancestors: ${csp}`);
  if (h['x-content-type-options'] !== 'nosniff') faults.push('no nosniff');
  if (!h['x-request-id']) faults.push('no request id');
  return faults;
}

// The page without what differs from one object to the next: what two pages of one shape have in common; its main part, and the rest.
export const shape = (page) =>
  page.evaluate(() => {
    const main = document.querySelector('main');
    const walk = (e, but) => e === but ? '' : `${e.tagName}.${e.className?.baseVal ?? e.className}${e.getAttributeNames().filter((n) => /^(aria|role|type|hidden|tabindex|lang|open)/.test(n)).join()}${/\S/.test([...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('')) ? 't' : ''}(${[...e.children].map((c) => walk(c, but)).join()})`;
    return { main: main ? walk(main) : '', frame: walk(document.documentElement, main), title: document.title };
  });

// A page for somebody, to be dressed in one row of the matrix after another (matrix.mjs).
export async function mirror(storageState) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  page.cdp = await context.newCDPSession(page);
  return page;
}
const scripts = (page, on) => page.cdp.send('Emulation.setScriptExecutionDisabled', { value: !on });
export const media = (row) => ({ colorScheme: row.theme === 'dark' ? 'dark' : 'light', forcedColors: row.theme === 'contrast' ? 'active' : 'none' });
export async function dress(page, row) {
  await page.setViewportSize({ width: row.width, height: 640 });
  await page.emulateMedia(media(row));
  await page.context().clearCookies({ name: 'size' });
  if (row.size === 'large') await page.context().addCookies([{ name: 'size', value: 'large', url: base }]);
  await scripts(page, row.script === 'on');
  page.row = row;
}
export async function inRow(row, storageState) {
  const page = await mirror(storageState);
  await dress(page, row);
  return page;
}

// A document of ours with a fault planted in it, as if the program had sent it: for the controls.
export async function planted(page, path, change) {
  const pattern = base + path;
  await page.route(pattern, async (route) => {
    const reply = await route.fetch();
    await route.fulfill({ response: reply, body: change(await reply.text()) });
  });
  const reply = await page.goto(pattern);
  await page.unroute(pattern);
  return reply;
}
