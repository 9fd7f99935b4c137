// What else must hold of each shape of page, looked at where axe looks (ux_03.mjs): text of twice the size, more space in it, texts 40 % longer
// (UX-06, UX-22), the large mode (UX-07), how large is what can be hit (UX-08), bytes and requests (UX-11), the words of each picture
// (UX-21), plain words (UX-25). Each fault begins with its check.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { base, city } from './lib.mjs';
import { media } from './look.mjs';

// What a page may weigh, compressed, and what it may ask for until it is shown (ux.md, 4.1).
export const budgets = {
  public: { html: 14 * 1024, css: 12 * 1024, js: 5 * 1024, requests: 4 },
  staff: { html: 40 * 1024, css: 16 * 1024, js: 20 * 1024, requests: 8 },
};
export function overBudget({ staff, html, parts }, budget = budgets[staff ? 'staff' : 'public']) {
  const faults = [];
  const sum = (type) => parts.filter((p) => p.type === type).reduce((n, p) => n + p.bytes, 0);
  const weigh = (what, bytes, most) => bytes > most && faults.push(`UX-11 ${what}: ${bytes} bytes, at most ${most}`);
  weigh('HTML', html, budget.html);
  weigh('CSS', sum('css'), budget.css);
  weigh('JS', sum('js'), budget.js);
  if (parts.length + 1 > budget.requests) faults.push(`UX-11 ${parts.length + 1} requests, at most ${budget.requests}`);
  for (const p of parts.filter((p) => !p.url.startsWith(base))) faults.push(`UX-11 a third party is asked: ${p.url}`);
  return faults;
}

// In the page: what can be seen of it without changing it.
function seen({ least, fontOfLarge }) {
  const faults = [];
  const name = (e) => `${e.tagName.toLowerCase()}${e.className ? `.${e.className.baseVal ?? e.className}` : ''} "${(e.innerText || e.value || e.name || '').trim().slice(0, 20)}"`;
  const staff = document.body.classList.contains('staff');
  // UX-07
  if (document.documentElement.dataset.size === 'large') {
    const s = getComputedStyle(document.body);
    const [font, line] = [parseFloat(s.fontSize), parseFloat(s.lineHeight)];
    if (font < fontOfLarge || line / font < 1.5 - 0.001) faults.push(`UX-07 large text is ${font} px on lines of ${line} px`);
  }
  // UX-08: the box that takes the click: of a choice its whole row, of a tile the tile.
  const boxOf = (e) => {
    const boxes = [e.getBoundingClientRect()];
    if (/^(radio|checkbox)$/.test(e.type)) for (const l of e.labels) boxes.push(l.getBoundingClientRect());
    for (const x of [e, ...(e.labels || [])]) {
      const after = getComputedStyle(x, '::after');
      if (after.content === 'none' || after.position !== 'absolute') continue;
      let holder = x;
      while (holder !== document.body && getComputedStyle(holder).position === 'static') holder = holder.parentElement;
      boxes.push(holder.getBoundingClientRect());
    }
    const [l, t, r, b] = [Math.min(...boxes.map((x) => x.left)), Math.min(...boxes.map((x) => x.top)), Math.max(...boxes.map((x) => x.right)), Math.max(...boxes.map((x) => x.bottom))];
    return [r - l, b - t];
  };
  const inSentence = (e) => {
    if (getComputedStyle(e).display !== 'inline') return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === 'inline') block = block.parentElement;
    return block.innerText.trim().length > e.innerText.trim().length;
  };
  const must = least[staff ? 'staff' : 'public'];
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.skip') || inSentence(e)) continue;
    if (e.tabIndex < 0 && e.matches('.hidden[aria-hidden=true]')) continue; // what Enter presses: nobody can hit it
    const [w, h] = boxOf(e);
    if (w < must - 0.5 || h < must - 0.5) faults.push(`UX-08 ${name(e)} is ${Math.round(w)} x ${Math.round(h)}, at least ${must}`);
  }
  // UX-25: sentences of the system, not of people, in Chinese.
  const sentences = [];
  for (const e of document.querySelectorAll('main p, main li, main dd, main .hint')) {
    if (e.querySelector('p, li, dd') || e.closest('.data, .value, td, [lang]') !== document.documentElement) continue;
    for (const part of e.innerText.split(/[。！？；\n]/)) {
      const han = (part.match(/\p{Script=Han}/gu) || []).length;
      if (han > 3) sentences.push([han, part]);
    }
  }
  const mean = sentences.reduce((n, [han]) => n + han, 0) / (sentences.length || 1);
  if (mean > 35) faults.push(`UX-25 sentences of ${mean.toFixed(0)} characters on average: ${sentences.sort((a, b) => b[0] - a[0])[0][1].trim()}`);
  if (/系统错误/.test(document.body.innerText)) faults.push('UX-25 "系统错误" says neither cause nor what to do');
  const parts = performance.getEntriesByType('resource').filter((r) => !r.name.startsWith('data:')).map((r) => ({ url: r.name, bytes: r.encodedBodySize, type: /\.css\b/.test(r.name) ? 'css' : /\.js\b/.test(r.name) ? 'js' : 'other' }));
  return { faults, staff, parts, pictures: document.querySelectorAll('main svg:not([aria-hidden=true]), main img, main canvas, main video, main object').length };
}

// In the page: text that is cut off, covers other text, or stands outside the window.
function crowded() {
  const faults = [];
  const root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) faults.push(`${over} px too wide`);
  const clips = new Map(); // element -> the box outside of which nothing of it is seen, because something around it scrolls
  const clipOf = (e) => {
    if (!e || e === document.body) return null;
    if (!clips.has(e)) {
      let clip = clipOf(e.parentElement);
      if (/auto|scroll/.test(getComputedStyle(e).overflow)) {
        const r = e.getBoundingClientRect();
        clip = { l: Math.max(r.left, clip?.l ?? -Infinity), t: Math.max(r.top, clip?.t ?? -Infinity), r: Math.min(r.right, clip?.r ?? Infinity), b: Math.min(r.bottom, clip?.b ?? Infinity) };
      }
      clips.set(e, clip);
    }
    return clips.get(e);
  };
  const left = '.hidden, .skip, svg, select, textarea, script, style, [aria-hidden=true]';
  const boxes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const n = walk.currentNode;
    const e = n.parentElement;
    if (!/\S/.test(n.data) || e.closest(left) || !e.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(n);
    const half = parseFloat(getComputedStyle(e).fontSize) * 0.4; // the letters, not the space around them
    const clip = clipOf(e);
    for (const r of range.getClientRects()) {
      if (r.width < 2 || r.height < 2) continue;
      const mid = (r.top + r.bottom) / 2;
      const b = { l: r.left, r: r.right, t: mid - half, b: mid + half, n };
      if (clip) Object.assign(b, { l: Math.max(b.l, clip.l), r: Math.min(b.r, clip.r), t: Math.max(b.t, clip.t), b: Math.min(b.b, clip.b) });
      if (b.r - b.l < 2 || b.b - b.t < 2) continue;
      if (b.l < -1) faults.push(`"${n.data.trim().slice(0, 20)}" stands left of the window`);
      boxes.push(b);
    }
  }
  boxes.sort((a, b) => a.t - b.t);
  let open = [];
  for (const b of boxes) {
    open = open.filter((o) => o.b > b.t + 2);
    for (const o of open)
      if (o.n !== b.n && Math.min(o.r, b.r) - Math.max(o.l, b.l) > 2 && Math.min(o.b, b.b) - b.t > 2) faults.push(`"${b.n.data.trim().slice(0, 20)}" covers "${o.n.data.trim().slice(0, 20)}"`);
    open.push(b);
  }
  for (const e of document.querySelectorAll('body *')) {
    const s = getComputedStyle(e);
    if (!/hidden|clip/.test(`${s.overflowX} ${s.overflowY}`) || e.closest(left) || !e.checkVisibility() || !/\S/.test(e.innerText || '')) continue;
    if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) faults.push(`${e.tagName}.${e.className} cuts off "${e.innerText.trim().slice(0, 20)}"`);
  }
  return [...new Set(faults)].slice(0, 4);
}

// The same under a style sheet of the reader's, which is taken away again.
const under = (page, css) => page.evaluate(`(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(${JSON.stringify(css)});
  document.adoptedStyleSheets.push(sheet);
  const faults = (${crowded})();
  document.adoptedStyleSheets.pop();
  return faults;
})()`);
export const stresses = {
  'UX-06 twice the size': 'html { font-size: 200% !important }',
  // WCAG 2.2, 1.4.12
  'UX-06 more space': '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }',
};
// Every word four tenths longer, and every run of Chinese: what another language would make of it.
const lengthen = (page) => page.evaluate(() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const longer = (w) => w + w.slice(0, Math.ceil(w.length * 0.4));
  while (walk.nextNode()) {
    const n = walk.currentNode;
    if (!n.parentElement.closest('script, style, .number, time')) n.data = n.data.replace(/\p{Script=Han}+/gu, longer).replace(/[A-Za-z]{2,}/g, longer);
  }
});

// UX-21: what a picture says stands beside it in words too, on paper as on the screen.
async function wordless(page, row) {
  const faults = [];
  await page.emulateMedia({ media: 'print', colorScheme: 'light', forcedColors: 'none' });
  const found = await page.evaluate(() => [...document.querySelectorAll('main svg:not([aria-hidden=true]), main img, main canvas, main video, main object')].map((e, at) => {
    e.dataset.picture = at;
    const words = (x) => (x ? x.innerText.replace(/\s+/g, '') : '');
    const kind = e.matches('svg.qr') ? 'code' : e.matches('svg.flow') ? 'process' : 'other';
    const near = kind === 'code' ? e.parentElement.parentElement : document.querySelector('main');
    // Of a drawn process each task of somebody's, by name, and how it stands, if it has begun: a row of the table says both.
    const rows = [...document.querySelectorAll('main tbody tr')].map((x) => [...x.querySelectorAll('th, .tag')].map(words)).filter((x) => x.length > 1);
    const missed = (t) => {
      const title = t.textContent.replace(/\s+/g, '');
      return !rows.some(([name, state]) => title.includes(name) && title.includes(state) !== t.parentElement.classList.contains('flow-ahead'));
    };
    const said = kind === 'process' ? [...e.querySelectorAll('g.flow-userTask > title')].filter(missed).map((t) => t.textContent) : [e.getAttribute('aria-label') || e.getAttribute('alt') || e.querySelector(':scope > title')?.textContent || ''];
    return { at, kind, said: said.map((t) => t.replace(/\s+/g, '')), words: words(near), links: [...near.querySelectorAll('a[href]')].map((a) => a.href), shown: e.checkVisibility({ visibilityProperty: true }) };
  }));
  for (const p of found) {
    if (p.kind === 'code' && p.shown) {
      const file = `${city.dir}/code.png`;
      writeFileSync(file, await page.locator(`[data-picture="${p.at}"]`).screenshot());
      let said = '';
      try {
        said = execFileSync('zbarimg', ['--raw', '-q', '-Sdisable', '-Sqrcode.enable', file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
      } catch { /* told below */ }
      // The address it says, or what the address ends with: a number, a code; what proves the moment is for machines alone.
      const value = decodeURIComponent(said).replace(/\?shown=.*/, '').replace(/.*[/=]/, '').replace(/\s/g, '');
      if (!said) faults.push('UX-21 a QR code that nothing can read');
      else if (!p.words.includes(value) && !p.words.includes(said) && !p.links.some((l) => l === said)) faults.push(`UX-21 the QR code says ${said}, which the words beside it do not`);
    } else if (p.kind === 'process') {
      if (p.said.length) faults.push(`UX-21 the drawing says what no row does: ${p.said.slice(0, 3)}`);
    } else if (p.kind === 'other' && p.said[0].length < 2) faults.push(`UX-21 a picture without words (${p.at + 1} of ${found.length})`);
  }
  await page.emulateMedia({ media: 'screen', ...media(row) });
  return faults;
}

// UX-25: two pages that are not the same have not the same title: among those that everybody may see no two addresses, else no two rows of
// the route table. `seen` is a Map; a query shows a page in another state only.
export function titled(seen, { lang, title, route, path, everybody }) {
  const of = everybody ? path.replace(/\?.*/, '') : route;
  const key = `${lang} ${title}`;
  if (!title.trim()) return [`UX-25 ${path} has no title`];
  if (!seen.has(key)) seen.set(key, of);
  return seen.get(key) === of ? [] : [`UX-25 "${title}" is the title of ${seen.get(key)} and of ${of}`];
}

// All of it for the page as it stands; it is not the same afterwards. `html` is what the server sent.
export async function bars(page, html, row) {
  const { faults, staff, parts, pictures } = await page.evaluate(seen, { least: { public: 44, staff: 24 }, fontOfLarge: 23 });
  faults.push(...overBudget({ staff, html: gzipSync(html).length, parts }));
  if (row.width !== 1280) await page.setViewportSize({ width: 1280, height: 640 });
  const [twice, space] = Object.entries(stresses);
  for (const f of await under(page, twice[1])) faults.push(`${twice[0]}: ${f}`);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const f of await under(page, space[1])) faults.push(`${space[0]}: ${f}`);
  if (pictures) faults.push(...(await wordless(page, row)));
  await lengthen(page);
  for (const f of await page.evaluate(crowded)) faults.push(`UX-22 texts 40 % longer: ${f}`);
  return faults;
}
