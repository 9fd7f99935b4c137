// Going through pages by keyboard alone, and what a person who does so must be able to rely on.
import { check } from './lib.mjs';
import { compare, png } from './png.mjs';

const MOST_STOPS = 250;

// The element that has the focus, as far as a person perceives it; `order` is its place in the document.
export function stop(page) {
  return page.evaluate(() => {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const all = [...document.querySelectorAll('*')];
    const r = e.getBoundingClientRect();
    return {
      order: all.indexOf(e), tag: e.tagName, type: e.getAttribute('type') || '', name: e.getAttribute('name') || '', id: e.id, value: e.value ?? '', checked: !!e.checked,
      href: e.getAttribute('href') || '', text: (e.innerText || '').trim(), class: e.className?.baseVal ?? e.className, main: !!e.closest('main'), own: e.tabIndex > 0,
      box: { x: r.x, y: r.y, width: r.width, height: r.height },
    };
  });
}
const nameOf = (s) => `${s.tag}${s.id ? `#${s.id}` : ''}${s.class ? `.${s.class}` : ''} "${s.text.slice(0, 20)}"`;

// Tab until `fits` says yes; the skip link is taken first where it helps, as people do.
export async function tabTo(page, fits, what) {
  for (let i = 0; i < MOST_STOPS; i++) {
    await page.keyboard.press('Tab');
    const s = await stop(page);
    if (s && fits(s)) return s;
    if (s && s.class === 'skip') await page.keyboard.press('Enter');
  }
  throw new Error(`Tab does not reach ${what} on ${page.url()}`);
}
async function turning(page, act) {
  await Promise.all([page.waitForEvent('load'), act()]);
}
export async function follow(page, fits, what) {
  await tabTo(page, (s) => s.tag === 'A' && fits(s), what);
  await turning(page, () => page.keyboard.press('Enter'));
}

// Fills what the page asks for and presses its first button: text by typing, choices by arrows and Space, a file by the system's dialogue.
export async function operate(page, answers, files) {
  for (let i = 0; i < MOST_STOPS; i++) {
    await page.keyboard.press('Tab');
    let s = await stop(page);
    if (!s) continue;
    if (s.class === 'skip') {
      await page.keyboard.press('Enter');
      continue;
    }
    if (!s.main) continue;
    const want = answers[s.name];
    if (s.type === 'radio' && want !== undefined) {
      for (let k = 0; k < 30 && s.value !== want; k++) {
        await page.keyboard.press('ArrowDown');
        s = await stop(page);
      }
      if (!s.checked) await page.keyboard.press('Space');
      check((await stop(page)).value === want && (await stop(page)).checked, `arrows do not choose ${s.name}=${want}`);
    } else if (s.type === 'checkbox') {
      if (s.value === want && !s.checked) await page.keyboard.press('Space');
    } else if (s.tag === 'SELECT' && want !== undefined) {
      for (let k = 0; k < 60 && s.value !== want; k++) {
        await page.keyboard.press('ArrowDown');
        s = await stop(page);
      }
      check(s.value === want, `arrows do not choose ${s.name}=${want}`);
    } else if (s.type === 'file') {
      if (await page.locator('main .file').count()) continue;
      const [dialogue] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
      await dialogue.setFiles(files);
    } else if ((s.tag === 'INPUT' || s.tag === 'TEXTAREA') && want !== undefined && s.value === '') {
      await page.keyboard.type(want);
    } else if (s.tag === 'BUTTON' && /\bbutton\b/.test(s.class) && !(/secondary/.test(s.class) && (await page.locator('main form button.button:not(.secondary)').count()))) {
      await turning(page, () => page.keyboard.press('Enter'));
      return;
    }
  }
  throw new Error(`no button within ${MOST_STOPS} stops on ${page.url()}`);
}

// ux.md UX-04: the mark of the focus differs from the same place without it by 3:1, on at least a line of one pixel around the element.
const measuredBefore = new Map();
async function markOf(page, s) {
  const size = page.viewportSize();
  const x = Math.max(0, Math.floor(s.box.x) - 8);
  const y = Math.max(0, Math.floor(s.box.y) - 8);
  const clip = { x, y, width: Math.min(size.width, Math.ceil(s.box.x + s.box.width) + 8) - x, height: Math.min(size.height, Math.ceil(s.box.y + s.box.height) + 8) - y };
  if (clip.width <= 0 || clip.height <= 0) return { fault: 'outside of the window' };
  const shot = async () => png(await page.screenshot({ clip, animations: 'disabled' }));
  const focused = await shot();
  const e = await page.evaluateHandle(() => {
    const held = document.activeElement;
    held.blur();
    return held;
  });
  const bare = await shot();
  await e.evaluate((held) => held.focus({ preventScroll: true, focusVisible: true }));
  const { strong } = compare(focused, bare, 3);
  const least = 2 * (Math.min(s.box.width, clip.width) + Math.min(s.box.height, clip.height));
  return { strong, least, fault: strong < least ? `the focus changes ${strong} px by 3:1, ${Math.round(least)} are needed` : null };
}

// From the top of the page to its end by Tab: the skip link first, in the order of the document, everything that can be used is
// reached, nothing holds the focus, each stop is seen; and back by Shift-Tab the same way.
export async function walk(page, { theme = 'light' } = {}) {
  const faults = [];
  const where = `${new URL(page.url()).pathname.replace(/\d{6,}/g, '#')} ${theme}`;
  const wanted = await page.evaluate(() => {
    const groups = new Set();
    const all = [...document.querySelectorAll('*')];
    return all.filter((e) => {
      if (!e.matches('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]') || e.disabled || e.tabIndex < 0 && !e.matches('a, button, input, select, textarea, summary')) return false;
      if (!e.checkVisibility({ visibilityProperty: true })) return false;
      if (e.type === 'radio') {
        const checked = e.form ? e.form.querySelector(`input[name="${e.name}"]:checked`) : null;
        if (checked ? checked !== e : groups.has(e.name)) return false;
        groups.add(e.name);
      }
      return true;
    }).map((e) => all.indexOf(e));
  });
  const stops = [];
  for (let i = 0; i < MOST_STOPS; i++) {
    await page.keyboard.press('Tab');
    const s = await stop(page);
    if (!s) break;
    if (stops.length && s.order === stops.at(-1).order) {
      faults.push(`${where}: ${nameOf(s)} holds the focus`);
      break;
    }
    if (stops.length && s.order === stops[0].order) break;
    stops.push(s);
    const kind = `${theme} ${s.tag} ${s.class} ${s.type} ${s.main} ${Math.round(s.box.height / 20)}`;
    if (!measuredBefore.has(kind)) {
      const mark = await markOf(page, s);
      measuredBefore.set(kind, mark);
      if (mark.fault) faults.push(`${where}: ${nameOf(s)}: ${mark.fault}`);
    }
  }
  if (stops[0]?.class !== 'skip') faults.push(`${where}: the first stop is ${stops[0] ? nameOf(stops[0]) : 'nothing'}, not the skip link`);
  for (let i = 1; i < stops.length; i++) if (stops[i].order < stops[i - 1].order) faults.push(`${where}: ${nameOf(stops[i])} comes after ${nameOf(stops[i - 1])}, against the document`);
  for (const s of stops) if (s.own) faults.push(`${where}: ${nameOf(s)} has an order of its own`);
  for (const order of wanted) if (!stops.some((s) => s.order === order)) faults.push(`${where}: ${await page.evaluate((k) => document.querySelectorAll('*')[k].outerHTML.slice(0, 80), order)} is not reached`);
  if (stops.length > 2) {
    await page.keyboard.press('Shift+Tab');
    const one = await stop(page);
    await page.keyboard.press('Shift+Tab');
    const two = await stop(page);
    if (one && two && !(two.order < one.order)) faults.push(`${where}: Shift-Tab goes from ${nameOf(one)} to ${nameOf(two)}`);
  }
  return { faults, stops: stops.length };
}
export const forgetMarks = () => measuredBefore.clear();
export const marks = () => [...measuredBefore.values()].filter((m) => m.least);
