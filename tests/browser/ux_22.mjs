// UX-22: English pages hold no Chinese but what is marked as such.
import { atlases, check, go, inSeenCity, none, person, test } from './lib.mjs';

inSeenCity();

const chinese = (page) =>
  page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const e = n.parentElement;
      if (/[\u4e00-\u9fff]/.test(n.data) && !e.closest('[lang^=zh], .data, td, dd, .value, .file, option, script, style')) found.push(n.data.trim().slice(0, 40));
    }
    return found;
  });

test('UX-22 English pages hold no Chinese but what is marked as such', async () => {
  const faults = [];
  for (const role of ['nobody', 'citizen', 'window', 'system', 'audit']) {
    const atlas = atlases[role];
    const page = await person(role === 'nobody' ? null : role, { lang: 'en' });
    const once = new Set();
    for (const p of atlas.pages) {
      if (p.kind !== 'page' || once.has(p.route.id)) continue;
      once.add(p.route.id);
      await go(page, `/en${p.path}`);
      for (const t of await chinese(page)) faults.push(`${p.path.replace(/\d{6,}/g, '#')}: ${t}`);
    }
    await page.context().close();
  }
  // Names of people, what they typed, and the name of the language itself stay as they are written.
  none(faults.filter((f) => !/通办|演示|津样|样审计|许轩|请标明库房位置|示例路|: 中文$|“餐馆”|: [\u4e00-\u9fff]{2,4}$/.test(f)), 'Chinese on English pages');
  const page = await person(null, { lang: 'en' });
  await go(page, '/en/');
  await page.evaluate(() => document.querySelector('main').append('没有翻译的一句话'));
  check((await chinese(page)).length > 0, 'control: a sentence without English is not found');
});
