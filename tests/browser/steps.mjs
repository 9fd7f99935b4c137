// The steps of whole journeys, as people take them: answering, uploading, submitting, deciding.
import { base, check, go, person, press, remember } from './lib.mjs';

export const pdf = (text) => ({ name: 'material.pdf', mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n% ${text}\n%%EOF\n`) });

// Answers one question page: types what is asked, chooses what is offered.
export async function answer(page, answers, count) {
  for (const [name, value] of Object.entries(answers)) {
    const field = page.locator(`main [name="${name}"]`);
    if (!(await field.count())) continue;
    const type = await field.first().getAttribute('type');
    const tag = await field.first().evaluate((e) => e.tagName);
    if (tag === 'SELECT') await field.selectOption(value);
    else if (type === 'radio' || type === 'checkbox') await page.locator(`main [name="${name}"][value="${value}"]`).check({ force: true });
    else {
      await field.fill(value);
      if (count) count.typed++;
    }
  }
}

// Where a draft was just begun: agrees to what is taken of the registries, if that is asked.
export async function agree(page, decision = 'agree') {
  if (!/\/consent$/.test(page.url())) return;
  await page.locator(`main [name=decision][value=${decision}]`).check({ force: true });
  await press(page);
}

// A draft of this person for an item; the address of its tasks.
export async function draft(page, item, decision) {
  await go(page, `/zh/apply/${item}`);
  await press(page);
  await agree(page, decision);
  return page.url().replace(/\/fill.*/, '/fill');
}

// From a draft's first page to its confirmation, or to the page whose address `until` matches; files for each material that is asked for.
export async function fillAndSubmit(page, answers, count, until = /\/done$/) {
  for (let i = 0; i < 40; i++) {
    const url = page.url();
    if (until.test(url)) return;
    if (/\/consent$/.test(url)) await agree(page);
    else if (/\/fill\/[a-z_-]+$/.test(url)) {
      await answer(page, answers, count);
      const reply = await press(page);
      check(reply.status() === 200, `${url}: ${reply.status()} ${await page.locator('.errors').allInnerTexts()}`);
    } else if (/\/material\/[a-z_-]+$/.test(url)) {
      if (await page.locator('.file').count()) {
        await Promise.all([page.waitForLoadState(), page.locator('main a.button, main .actions a').first().click()]);
        continue;
      }
      await page.setInputFiles('input[type=file]', pdf(url));
      const reply = await press(page);
      check(reply.status() === 200, `${url}: ${reply.status()}`);
    } else if (/\/check$/.test(url)) {
      await page.locator('main input[type=checkbox]').check({ force: true });
      await press(page);
    } else {
      const next = await page.locator('main a').evaluateAll((links) => {
        const open = links.filter((a) => /\/fill\/|\/material\/|\/check$/.test(a.getAttribute('href') || ''));
        const done = (a) => /已完成|Completed|已上传/.test(a.closest('li')?.textContent || '');
        const first = open.find((a) => !done(a));
        return first ? first.getAttribute('href') : null;
      });
      check(next, `no way on from ${url}`);
      await page.goto(base + next);
    }
  }
  throw new Error('no end after 40 pages');
}

export async function asCompany(page, lang = 'zh') {
  await go(page, `/${lang}/identity`);
  await page.locator('input[name=for]').nth(1).check({ force: true });
  await press(page);
  await remember(page);
}

export const restaurant = {
  shop_name: '津样小馆', district: '120101', address: '示例路 8 号', area: '260', kinds: '1', uses_gas: 'yes', outdoor_sign: 'yes',
  manager_name: '样二', manager_id: '99010119900307100X', manager_phone: '13800000000', sign_width: '300', sign_height: '80',
};
export const handler = { name: '样一', certificate: 'JK-1', duty: '1' };
export const smallShop = { ...restaurant, area: '60', uses_gas: 'no', outdoor_sign: 'no' };

// An officer's next task with this case number: opens, decides.
export async function decide(page, number, move, fields = {}) {
  await go(page, '/zh/desk?sort=received&order=desc'); // what came last may be on a later page by urgency
  const link = page.locator('main tr, main li', { hasText: number }).locator('a').first();
  check(await link.count(), `no task with ${number} in the queue`);
  await link.click();
  await page.waitForLoadState();
  await page.locator(`main [name=move][value=${move}]`).check({ force: true });
  for (const [name, value] of Object.entries(fields)) await page.fill(`main [name=${name}]`, value);
  return press(page, 'main form:has([name=move]) button.button');
}

// The demo city has a draft of each item; who wants to begin anew hands that one of it in first.
export async function clearDraft(page, item) {
  if (item === 'restaurant') await asCompany(page);
  await go(page, `/zh/space/cases?item=${item}`);
  const draft = page.locator('main .list > li', { hasText: '草稿' }).locator('a').first();
  if (!(await draft.count())) return;
  await page.goto(`${base}${(await draft.getAttribute('href')).replace(/\/fill$/, '')}/fill`);
  await fillAndSubmit(page, item === 'restaurant' ? restaurant : { purpose: '1' });
}

// The question of /progress, a sum in words, as a person answers it.
export async function answerQuestion(page) {
  const asked = await page.locator('label[for=answer]').innerText();
  const sum = asked.match(/([一二三四五六七八九])加([一二三四五六七八九])/);
  check(sum, `no sum: ${asked}`);
  await page.fill('[name=answer]', String('零一二三四五六七八九'.indexOf(sum[1]) + '零一二三四五六七八九'.indexOf(sum[2])));
}

// `many` such applications, for tests that need a long list and look at none of them: the same forms, sent without drawing their pages.
export async function applyForProofs(many) {
  const { citizen, number } = await applyForProof('1');
  const numbers = [number];
  const { request } = citizen;
  const forms = (html) => [...html.matchAll(/<form[^>]* method="post"[^>]*>[^]*?<\/form>/g)].map((m) => m[0]).filter((f) => /class="button/.test(f));
  const hidden = (form) => Object.fromEntries([...form.matchAll(/<input[^>]* type="hidden"[^>]*>/g)].map(([i]) => [i.match(/ name="([^"]*)"/)[1], (i.match(/ value="([^"]*)"/) || ['', ''])[1]]));
  const send = async (reply, fields) => {
    const html = await reply.text();
    const form = forms(html.slice(html.indexOf('<main')))[0];
    check(form, `no form on ${reply.url()}`);
    const action = new URL((form.match(/ action="([^"]*)"/) || ['', reply.url()])[1], reply.url()).href;
    const post = () => request.post(action, { form: { ...hidden(form), ...fields }, headers: { Origin: base } });
    let next = await post();
    for (let k = 0; k < 5 && next.status() === 429; k++) { // nobody is this quick: the city says how long to wait
      await new Promise((yes) => setTimeout(yes, 1000 * Number(next.headers()['retry-after'] || 1)));
      next = await post();
    }
    check(next.status() === 200, `${action}: ${next.status()}`);
    return next;
  };
  for (let i = 1; i < many; i++) {
    let page = await send(await request.get(`${base}/zh/apply/residence-proof`), {});
    if (/\/consent$/.test(page.url())) page = await send(page, { decision: 'agree' });
    const draft = page.url().match(/.*\/case\/[^/]+/)[0];
    await send(await request.get(`${draft}/fill/registered`), { purpose: String((i % 3) + 1) });
    const done = await send(await request.get(`${draft}/check`), { declared: 'yes' });
    numbers.push((await done.text()).match(/\d{8}-\d{6}-\d/)[0]);
  }
  await citizen.context().close();
  return numbers;
}

// The smallest application: a proof of residence, from its guide to the receipt.
export async function applyForProof(purpose) {
  const citizen = await person('citizen');
  await go(citizen, '/zh/apply/residence-proof');
  await press(citizen);
  await fillAndSubmit(citizen, { purpose });
  const number = (await citizen.locator('main').innerText()).match(/\d{8}-\d{6}-\d/)[0];
  return { citizen, number, url: citizen.url().replace('/done', '') };
}

// ---- registries ----

// A new record of a person in the first district; the page of the record, or the form again.
export async function register(page, citizenId, more = {}) {
  await go(page, '/zh/desk/registry/person/new');
  await answer(page, {
    name: '样登记', citizen_id: citizenId, sex: '2', 'birth_date-year': '1990', 'birth_date-month': '3', 'birth_date-day': '7', division: '120101', phone: '13800000001', source: '本人申报', ...more,
  });
  return press(page);
}

export async function findRecord(page, type, value) {
  await go(page, `/zh/desk/registry/${type}`);
  await answer(page, { value });
  return press(page);
}

// Says why the whole record must be seen; the page that shows it.
export async function seeWhole(page, type, id, why = '与证件核对') {
  await go(page, `/zh/desk/registry/${type}/${id}/unmask`);
  await answer(page, { purpose: '1', why });
  return press(page);
}
