// The honest list of pages: every row of the program's route table, for every role, on the objects of the demo city. Nobody writes a
// page's address here: the rows come from `tongban routes`, the objects from what the lists of the city link to. A row that no role can
// see is a fault (`uncovered`), so a new page must be seen by a browser before the tests pass.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { base, go, person, press } from './lib.mjs';
import { answer, answerQuestion, asCompany, draft as begin, fillAndSubmit, findRecord, handler, register, restaurant, seeWhole } from './steps.mjs';
import { routes } from './city.mjs';

export const roles = ['nobody', 'citizen', 'company', 'window', 'food', 'fire', 'sign', 'police', 'population', 'hall', 'kiosk', 'editor', 'supervisor', 'head', 'system', 'security', 'audit'];
const applicants = { citizen: 'residence-proof', company: 'restaurant' };
const officers = ['window', 'food', 'fire', 'sign', 'police'];

const halls = readdirSync(fileURLToPath(new URL('../../systems', import.meta.url)), { recursive: true })
  .filter((x) => /\/queues\/[^/]+\.yaml$/.test(x)).map((x) => x.split('/').pop().replace('.yaml', ''));
const hrefs = (page, pattern) =>
  page.locator('main a[href]').evaluateAll((a, source) => [...new Set(a.map((x) => x.getAttribute('href')).filter((h) => new RegExp(source).test(h)))], pattern.source);
const last = (href) => href.replace(/\?.*/, '').split('/').pop();
const unique = (list) => [...new Set(list)];

// One link for each different text beside it: one case of each state, one task of each step.
async function oneOfEach(page, selector, kind) {
  const rows = await page.locator(selector).evaluateAll((e) => e.map((x) => ({ text: x.innerText, href: x.querySelector('a')?.getAttribute('href'), tag: x.querySelector('.tag')?.innerText || '' })));
  const seen = new Map();
  for (const r of rows) if (r.href && !seen.has(kind(r))) seen.set(kind(r), r.href);
  return [...seen.values()];
}

async function applicantObjects(page, role) {
  const cases = [];
  await go(page, '/zh/space/cases');
  cases.push(...(await oneOfEach(page, 'main .list > li', (r) => r.tag)).map((h) => h.match(/\/case\/([^/]+)/)[1]));
  // A draft that lacks nothing but to be submitted.
  await begin(page, applicants[role]);
  await fillAndSubmit(page, role === 'company' ? restaurant : { purpose: '1' }, null, /\/check$/);
  const draft = caseOf(page);
  await go(page, `/zh/case/${draft}/fill`);
  const pages = unique((await hrefs(page, /\/fill\//)).map((h) => h.replace(/.*\/fill\//, '').replace(/\?.*/, '')));
  const materials = unique((await hrefs(page, /\/material\//)).map(last));
  if (materials.length) await go(page, `/zh/case/${draft}/material/${materials[0]}`);
  const files = unique((await hrefs(page, /\/file\//)).map(last));
  const groups = await entries(page, draft, pages);
  await go(page, '/zh/space/licences');
  const papers = (await hrefs(page, /\/paper\//)).slice(0, 2).map((h) => h.match(/\/paper\/([^/]+)/)[1]);
  const codes = (await hrefs(page, /\/v\//)).slice(0, 2).map(last);
  const booking = await booked(page, role === 'company' ? 1 : 0);
  if (role === 'citizen') await offered(page);
  const mandates = [];
  for (const list of ['/zh/space/mandates', '/zh/space/mandates/held']) if ((await go(page, list)) === 200) mandates.push(...(await hrefs(page, /\/space\/mandate\/\d+$/)).map(last));
  return [
    { mandate: unique(mandates).slice(0, 2) },
    { booking },
    { case: [draft], page: pages, material: materials, file: files },
    { case: unique(cases), page: pages.slice(0, 1), material: materials.slice(0, 1), file: ['0'], paper: papers, code: codes },
    { number: await lookUp(page, draft, pages) },
    ...groups,
  ];
}

// A time in a hall on the last day that may be booked, and what the city has of appointments that are over.
async function booked(page, nth) {
  await go(page, `/zh/hall/${halls[0]}/book`);
  await go(page, (await hrefs(page, /[?&]day=/)).at(-1).replace(/#.*/, ''));
  await page.locator('main input[name=at]').nth(nth).check({ force: true });
  await press(page);
  const made = last(page.url());
  await go(page, '/zh/space/appointments');
  return unique([made, ...(await oneOfEach(page, 'main tbody tr', (r) => r.tag)).map(last)]);
}

// Somebody asks this one to act for him, which is not answered yet.
async function offered(page) {
  await go(page, '/zh/space/data');
  const shown = await page.locator('main').innerText();
  const giver = await person('granny');
  await go(giver, '/zh/space/mandates/new');
  await answer(giver, { name: shown.match(/姓名\s+([^\s]+)/)[1], citizen_id: shown.match(/\d{17}[\dX]/)[0], standing: 'viewer', months: '1', agreed: 'yes' });
  await press(giver);
  await giver.context().close();
}

const caseOf = (page) => new URL(page.url()).pathname.match(/\/case\/([^/]+)/)[1];

// Pages whose questions repeat: one entry is made, beside the page for another.
async function entries(page, draft, pages) {
  const found = [];
  for (const name of pages) {
    await go(page, `/zh/case/${draft}/fill/${name}`);
    if (!(await hrefs(page, /\/entry\/new$/)).length) continue;
    await go(page, `/zh/case/${draft}/fill/${name}/entry/new`);
    await answer(page, handler);
    await press(page);
    const made = (await hrefs(page, /\/entry\/[^/]+$/)).map(last).filter((x) => x !== 'new');
    found.push({ case: [draft], page: [name], entry: unique(['new', ...made]).slice(0, 2) });
  }
  return found;
}

// Asks for the progress of one's own case as somebody who has not signed in does: the answer stays open to this browser.
async function lookUp(page, draft, pages) {
  await go(page, `/zh/case/${draft}/fill/${pages[0]}`);
  const id = (await page.locator('main dl').first().innerText()).match(/\d{17}[\dX]/);
  await go(page, '/zh/space/cases');
  const number = (await page.locator('main .number').first().innerText()).trim();
  if (!id) return [];
  await go(page, '/zh/progress');
  await page.fill('[name=number]', number);
  await page.fill('[name=tail]', id[0].slice(-4));
  await answerQuestion(page);
  await press(page);
  return [number];
}

async function officerObjects(page, posts) {
  const tasks = [];
  for (const path of ['/zh/desk', '/zh/desk/done']) {
    await go(page, path);
    tasks.push(...(await oneOfEach(page, 'main tbody tr', (r) => r.text.split('\t').slice(2, 3).join() + r.tag)).map(last));
  }
  const cases = [];
  const files = [];
  for (const id of unique(tasks)) {
    await go(page, `/zh/desk/task/${id}`);
    cases.push(...(await hrefs(page, /\/desk\/case\//)).map((h) => h.match(/\/desk\/case\/([^/]+)/)[1]));
    files.push(...(await hrefs(page, /\/material\//)).map((h) => [id, last(h)]));
  }
  if (cases.length) await follow(page, cases[0]);
  const found = [{ saved: await savedList(page) }, { id: unique(tasks), file: ['0'], role: posts }, { case: unique(cases).slice(0, 2), file: ['0'], role: posts }];
  if (posts.includes('food-reviewer')) found.push(await deputies(page));
  for (const [id, file] of files.slice(0, 1)) found.push({ id: [id], file: [file], role: posts });
  return found;
}

// A case that is followed, so that the list has a row.
async function follow(page, id) {
  await go(page, `/zh/desk/case/${id}`);
  const button = page.locator('form[action$="/follow"] button[value=on]');
  if (await button.count()) await Promise.all([page.waitForNavigation(), button.first().click()]);
}

// Who stands in: food for food2, who has a task in hand and is away today; and another offer, which waits for an answer.
async function deputies(page) {
  const two = await person('food2');
  const name = async (from) => {
    await go(two, '/zh/desk/deputies/new');
    await two.selectOption('[name=to]', { index: 1 });
    for (const key of ['from', 'until']) for (const [i, part] of ['year', 'month', 'day'].entries()) await two.fill(`[name=${key}-${part}]`, from[i]);
    await two.fill('[name=reason]', '年休假');
    await press(two);
    return last(two.url());
  };
  const day = (n) => new Date(Date.now() + n * 864e5).toLocaleDateString('en-CA', { timeZone: 'Asia/Shanghai' }).split('-');
  const ids = [await name(day(0)), await name(day(1))];
  await go(page, `/zh/desk/deputy/${ids[0]}`);
  await Promise.all([page.waitForNavigation(), page.click('main button[value=accept]')]);
  await go(two, '/zh/desk?sort=received');
  const free = await two.locator('main tbody tr', { hasText: '待签收' }).first().locator('a').getAttribute('href');
  await two.goto(base + free);
  await Promise.all([two.waitForNavigation(), two.click('main form[action$="/claim"] button')]);
  await two.context().close();
  return { deputy: ids, id: [last(free)], file: ['0'] };
}

// A list that is saved: it then stands above that list, and opens with it.
async function savedList(page) {
  await go(page, '/zh/desk/done?sort=done&order=asc');
  if (!(await hrefs(page, /\/lists\/new\?/)).length) return [];
  await go(page, (await hrefs(page, /\/lists\/new\?/))[0]);
  await answer(page, { name: '先办的在前' });
  await press(page);
  await go(page, '/zh/lists');
  return (await hrefs(page, /\/lists\/\d+$/)).map(last);
}

// A keeper's records: one that stands, made here, whose whole is shown for some minutes, and one that has ended, of the city's own cases.
async function keeperObjects(page) {
  const [person] = (await shownTypes(page)).filter((t) => t === 'person');
  await register(page, '120101199003079990');
  const id = last(page.url());
  await seeWhole(page, person, id);
  await findRecord(page, person, '120101199003070005');
  return [{ type: [person], id: [id] }, { type: [person], id: (await hrefs(page, /\/desk\/registry\/person\/\d+$/)).map(last) }];
}

async function shownTypes(page) {
  await go(page, '/zh/desk/registry');
  return unique((await hrefs(page, /\/desk\/registry\/[a-z_]+$/)).map(last));
}

// A ticket of the line that is open day and night, as the kiosk hands it out.
async function ticket() {
  const kiosk = await person('kiosk');
  await go(kiosk, `/zh/hall/${halls[0]}/kiosk`);
  await kiosk.click('main button[name=line]');
  await kiosk.waitForLoadState();
  const code = last(kiosk.url());
  await kiosk.context().close();
  return code;
}

// An application taken at the window: told what it lacks, then taken.
async function intakeObjects(page) {
  const citizen = await person('citizen');
  await citizen.goto(`${await begin(citizen, 'residence-proof')}/registered`);
  const number = (await citizen.locator('main').innerText()).match(/\d{17}[\dX]/)[0];
  await citizen.context().close();
  await go(page, '/zh/window/intake');
  await page.fill('#citizen_id', number);
  await page.selectOption('#item', 'residence-proof');
  await press(page);
  const visitor = last(page.url());
  await page.locator('[name=agree]').check({ force: true });
  await press(page, 'main button[value=more]');
  await go(page, new URL(page.url()).pathname.replace(/notice\/.*/, `intake/residence-proof/${visitor}`));
  await page.locator('[name=purpose]').first().check({ force: true });
  await page.locator('[name=declared]').check({ force: true });
  await press(page, 'main button[value=go]');
  return [{ item: ['residence-proof'], visitor: [visitor], case: [last(page.url())] }];
}

// Results that wait at the window: one that is handed over, with its code for a rating, and one that is not yet.
async function resultObjects(page) {
  await go(page, '/zh/window');
  const open = page.locator('main button[name=counter]').first();
  if (await open.count()) await open.click(); // at a counter, so that its second screen can be offered a rating
  await page.waitForLoadState();
  await go(page, '/zh/window/results');
  const waiting = unique((await hrefs(page, /\/window\/result\/\d+$/)).map(last));
  if (waiting.length < 2) throw new Error('the demo city has no results that wait at a window');
  await go(page, `/zh/window/result/${waiting[0]}`);
  for (const box of await page.locator('[name=things]').all()) await box.check({ force: true });
  await page.locator('[name=receiver][value=self]').check({ force: true });
  await page.locator('[name=ack][value=signature]').check({ force: true });
  await press(page, 'main button[value=hand]');
  const words = await page.locator('main').innerText();
  const rating = words.match(/\/r\/(\S+)/)?.[1];
  if (!rating) throw new Error(`a result that was handed over and not rated yet has no code for a rating: ${words}`);
  return { result: { case: waiting.slice(0, 2) }, rating };
}

async function ratingCode() {
  const clerk = await person('window');
  const { rating } = await resultObjects(clerk);
  await clerk.context().close();
  return rating;
}

// At a counter, with somebody before it.
async function hallObjects(page) {
  const codes = [await ticket(), await ticket()];
  await go(page, '/zh/window');
  const open = page.locator('main button[name=counter]').last();
  if (await open.count()) await open.click();
  await page.waitForLoadState();
  if (await page.locator('main button[value=next]').count()) await page.click('main button[value=next]');
  await page.waitForLoadState();
  return [{ ticket: codes }];
}

// Cards of supervision: one that somebody may say something about, one of each colour.
async function cardObjects(page) {
  const found = [];
  for (const query of ['?state=open', '?color=red', '?color=yellow']) {
    await go(page, `/zh/desk/supervision/cards${query}`);
    found.push(...(await hrefs(page, /\/supervision\/card\/\d+$/)).slice(0, 1).map(last));
  }
  return [{ id: unique(found), deputy: await headDeputies(page) }];
}

// A head sees who stands in for whom in his units, and names one: the pages on which he says for whom.
async function headDeputies(page) {
  if ((await go(page, '/zh/desk/deputies/unit')) !== 200) return [];
  const found = (await hrefs(page, /\/desk\/deputy\/\d+$/)).map(last).slice(0, 2);
  await go(page, '/zh/desk/deputies/unit/new');
  await page.selectOption('[name=unit]', { label: (await page.locator('[name=unit] option').allTextContents()).find((t) => /市场监督/.test(t)) });
  await page.click('main form button');
  await page.waitForLoadState();
  const unit = new URL(page.url()).search;
  const who = await page.locator('[name=of] option', { hasText: '样食安' }).getAttribute('value');
  queries['/desk/deputies/unit/new'] = [unit, `?of=${who}`];
  return found;
}

async function administratorObjects(page) {
  const objects = [{ id: [], login: ['food'], number: ['1'] }];
  if ((await go(page, '/zh/admin/users')) === 200) objects[0].id = (await hrefs(page, /\/admin\/users\/\d+$/)).slice(0, 2).map(last);
  if ((await go(page, '/zh/admin/posts?login=food')) === 200) {
    const ends = await hrefs(page, /\/admin\/posts\/[^/]+\/\d+/);
    for (const h of ends.slice(0, 1)) objects.push({ login: [h.split('/').at(-2)], id: [last(h)], number: ['1'] });
  }
  if ((await go(page, '/zh/admin/systems?state=retired')) === 200) for (const h of (await hrefs(page, /\/activate$/)).slice(0, 1)) objects.push({ id: [h.split('/').at(-2)], login: [], number: [] });
  if ((await go(page, '/zh/admin/drafts')) === 200) for (const h of (await hrefs(page, /\/admin\/draft\/\d+$/)).slice(0, 2)) objects.push({ id: [last(h)], item: ['restaurant'], login: [], number: [] });
  if ((await go(page, '/zh/admin/audit')) === 200) objects[0].number = unique([...(await hrefs(page, /\/entry\//)).map(last).slice(0, 1), '1']);
  return objects;
}

// A draft that is being written, one that waits for another's eyes, and one of the system that holds the holidays.
async function editorObjects(page) {
  const ids = [];
  for (const system of ['approval/residence-proof', 'approval/elder-allowance', 'approval/restaurant']) {
    await go(page, '/zh/admin/drafts');
    await page.selectOption('#system', system);
    await press(page);
    ids.push(last(page.url()));
  }
  await press(page, 'main button[value=propose]');
  await go(page, `/zh/admin/draft/${ids[0]}/form/apply/registered/3`); // a question that nobody names: its page offers it again
  await press(page, 'main button[value=remove]');
  await go(page, '/zh/admin/drafts');
  await page.selectOption('#system', 'common');
  await press(page);
  const holidays = last(page.url());
  const open = { id: [ids[0]], item: ['residence-proof'] };
  return [
    { ...open, section: ['about', 'codes', 'limits'], entry: [] },
    { ...open, section: ['faq'], entry: ['1', 'new'] },
    { ...open, item: [], section: [], form: ['apply'], page: ['registered'], entry: ['1', 'new', 'page'] },
    { id: [ids[1]], item: [], section: [], form: ['apply'], page: ['new'], entry: [] }, // of several pages, which can be moved
    { id: [ids[1]], item: [], section: [], form: ['apply'], page: ['post'], entry: ['remove'] },
    { id: [ids[2]], item: ['restaurant'], section: ['materials'], entry: ['1'] },
    { id: [holidays], item: [], section: [], entry: [] },
  ];
}

// Login -> role ids, from the systems' sample accounts.
export function postsOf(login) {
  const root = fileURLToPath(new URL('../../systems', import.meta.url));
  const found = [];
  for (const f of readdirSync(root, { recursive: true }).filter((x) => /sample\/accounts\.csv$/.test(x)))
    for (const line of readFileSync(`${root}/${f}`, 'utf8').split('\n').slice(1)) {
      const [who, , role] = line.split(',');
      if (who === login && role) found.push(role);
    }
  return found;
}

async function objectsOf(page, role) {
  const items = readdirSync(fileURLToPath(new URL('../../systems', import.meta.url)), { recursive: true })
    .filter((x) => /\/items\/[^/]+\.yaml$/.test(x)).map((x) => last(x).replace('.yaml', ''));
  const common = { item: items, number: [], code: ['0000-0000-0000-0000'], hall: halls };
  if (role in applicants) {
    if (role === 'company') await asCompany(page);
    return (await applicantObjects(page, role)).map((o) => ({ ...common, ...o }));
  }
  if (role === 'window') return [...(await intakeObjects(page)), (await resultObjects(page)).result, ...(await officerObjects(page, postsOf(role)))].map((o) => ({ ...common, ...o }));
  if (officers.includes(role)) return (await officerObjects(page, postsOf(role))).map((o) => ({ ...common, ...o }));
  if (role === 'population') return (await keeperObjects(page)).map((o) => ({ ...common, ...o }));
  if (role === 'hall') return (await hallObjects(page)).map((o) => ({ ...common, ...o }));
  if (role === 'editor') return (await editorObjects(page)).map((o) => ({ ...common, ...o }));
  if (role === 'supervisor' || role === 'head') return (await cardObjects(page)).map((o) => ({ ...common, ...o }));
  if (role === 'kiosk') return [{ ...common, ticket: [await ticket()], counter: ['1'] }];
  if (role === 'nobody') return [{ ...common, rating: [await ratingCode()] }];
  return (await administratorObjects(page)).map((o) => ({ ...common, ...o }));
}

// All ways to fill the parameters of a path.
function bind(path, objects) {
  const hole = path.match(/\{([a-z_]+)\}/);
  if (!hole) return [path];
  return (objects[hole[1]] || []).flatMap((v) => bind(path.replace(hole[0], v), objects));
}

// Addresses that show a page in another state: what the query says.
const queries = {
  '/guide/{item}/check/result': [
    '/guide/restaurant/check/result?who=company&kinds=1&area=260&uses_gas=yes&outdoor_sign=yes',
    '/guide/restaurant/check/result?who=person&kinds=6&area=60&uses_gas=no&outdoor_sign=no',
  ],
  '/apply/{item}': ['/apply/restaurant?kinds=1&area=260&uses_gas=yes&outdoor_sign=yes'],
  '/search': ['?q=餐馆', '?q=restaurnt', '?q=kcg&form=2&division=120101', '?q=nothing-of-that-name'],
  '/sign-in': ['?back=%2Fzh%2Fspace'],
  '/admin/posts': ['?login=food'],
  '/admin/why': ['?account=food&act=task.complete', '?account=nobody-here&act=task.complete', '?account=food&object=%2Fdesk%2Fbatch', '?account=food&act=case.read&object=none'],
  '/admin/audit': ['?act=session.open'],
  '/lists/new': ['?of=%2Fdesk&as=due%3Dlate'],
  '/admin/templates': ['?kind=papers', '?q=nothing-of-that-name'],
  '/admin/template': ['?of=papers/receipt&system=common', '?of=notices/held&system=approval/restaurant'],
  '/desk/batch': ['?all=1'],
  '/desk/find': ['?item=residence-proof', '?item=restaurant&state=accepted', '?item=none'],
  '/desk/supervision/ratings': ['?month=2025-11'],
  '/desk/supervision/ratings/list': ['?month=2025-11'],
  '/verify': ['?code=0000-0000-0000-0000'],
};

// What one role sees: [{route, path, status}] below /zh, each address once. Error pages are kept once for each status.
export async function atlasOf(role, table) {
  const page = await person(role === 'nobody' ? null : role);
  const objects = await objectsOf(page, role);
  const seen = new Map();
  const forms = new Set();
  const errors = new Set();
  for (const route of table.filter((r) => r.method === 'GET' && r.kind !== 'stream')) { // a page names its stream, as it does its forms
    const paths = unique([...objects.flatMap((o) => bind(route.path, o)), ...(queries[route.path] || []).map((q) => (q[0] === '/' ? q : route.path + q))]);
    for (const path of paths) {
      // A connection that was idle may be closed by the server just as it is used again: a GET is asked once more, as browsers do.
      const get = () => page.request.get(`${base}/zh${path}`, { maxRedirects: 0 });
      let reply = await get().catch(get);
      if (reply.status() === 429) {
        await new Promise((yes) => setTimeout(yes, 1000 * Number(reply.headers()['retry-after'] || 1)));
        reply = await get();
      }
      const status = reply.status();
      const own = [];
      if (status === 200 && route.kind === 'page') {
        const html = await reply.text();
        for (const m of html.matchAll(/data-events="([^"?#]+)/g)) forms.add(m[1]);
        for (const m of html.matchAll(/<form[^>]* method="post"[^>]*>[^]*?<\/form>/g)) {
          const fields = unique([...m[0].matchAll(/<(?:input|select|textarea)[^>]* name="([^"]+)/g)].map((x) => x[1]));
          for (const a of m[0].match(/<form[^>]*>/)[0].matchAll(/(?:action|data-draft)="([^"?#]+)/g)) own.push({ action: a[1], fields });
        }
      }
      for (const f of own) forms.add(f.action);
      if (status >= 300 && status < 400) continue;
      if (status !== 200 && errors.has(`${status} ${route.kind}`)) continue;
      if (status !== 200) errors.add(`${status} ${route.kind}`);
      seen.set(path, { route, path, status, kind: route.kind, forms: own });
    }
  }
  const state = await page.context().storageState();
  await page.context().close();
  const anyone = new Set(['page.public', 'search.items', 'case.look_up', 'paper.verify', 'hall.read']);
  const pages = [...seen.values()].map((p) => ({ ...p, common: anyone.has(p.route.power) }));
  return { role, pages, forms: [...forms], state };
}

// The atlas of every role, made in one city, which is then copied to each group that looks at all pages: `WORK/atlas.json`, `WORK/seen`.
export async function makeAtlases() {
  const table = await routes();
  const all = {};
  for (const role of roles) all[role] = await atlasOf(role, table);
  return all;
}

// What only a city with a gateway for messages has (contacts.mjs and resume.mjs make one), who is signed in twice (citizen.mjs), and where a job has
// failed (src/web/admin/admin_health_test.c).
const elsewhere = new Set(['A12c POST', 'A12d GET', 'A12d POST', 'C12 POST', 'I10 POST', 'I10-health POST', 'C13 POST']);

// The rows that none of these atlases has: pages and files nobody was shown, calls that are no form's action.
export function uncovered(table, atlases) {
  const shown = new Set(atlases.flatMap((a) => a.pages.filter((p) => p.status === 200).map((p) => p.route.id)));
  const forms = atlases.flatMap((a) => a.forms);
  return table
    .filter((r) => !elsewhere.has(`${r.id} ${r.method}`))
    .filter((r) => (r.method === 'GET' && r.kind !== 'stream' ? !shown.has(r.id) : !forms.some((f) => r.pattern.test(f))))
    .map((r) => `${r.id} ${r.method} ${r.path}: no role of the demo city ${r.method === 'GET' ? 'is shown it' : 'has a form for it'}`);
}

export { routes };
