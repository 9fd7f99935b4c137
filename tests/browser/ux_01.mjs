// UX-01, UX-02: whole applications without JavaScript, with their pages and typed fields counted, and what is in hand at the end.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { base, check, city, counting, equal, go, person, press, refuses, test } from './lib.mjs';
import { asCompany, clearDraft, fillAndSubmit, smallShop } from './steps.mjs';

// What a phone would read on the page.
async function scanned(page, selector) {
  const code = page.locator(selector);
  check(await code.count(), `no picture ${selector}`);
  const file = `${city.dir}/qr.png`;
  writeFileSync(file, await code.first().screenshot());
  try {
    return execFileSync('zbarimg', ['--raw', '-q', '-Sdisable', '-Sqrcode.enable', file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  } catch {
    throw new Error('no QR code can be read on the picture');
  }
}
// What a reader who knows nothing of us makes of a paper: is the signature over the whole file valid, are all fonts in it. (The demo
// city's own certificate is in nobody's store: -nocert.)
function judged(file) {
  const said = (...words) => execFileSync(words[0], words.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const signature = said('pdfsig', '-nocert', file);
  check(/Signature is Valid/.test(signature), `pdfsig does not accept it: ${signature.match(/Validation:.*/)}`);
  check(/Total document signed/.test(signature), 'the signature does not cover the whole file');
  const fonts = said('pdffonts', file).trim().split('\n').slice(2);
  check(fonts.length, 'no fonts');
  const outside = fonts.filter((line) => line.trim().split(/\s+/).at(-5) !== 'yes'); // name type encoding emb sub uni object ID
  check(!outside.length, `not embedded: ${outside}`);
}
function pdfOf(bytes) {
  const file = `${city.dir}/paper.pdf`;
  writeFileSync(file, bytes);
  const info = execFileSync('pdfinfo', [file]).toString();
  return { pages: Number(info.match(/Pages:\s+(\d+)/)[1]), text: execFileSync('pdftotext', ['-layout', file, '-']).toString() };
}

test('UX-01 a company applies for a food licence from the home page, without JavaScript: at most 14 pages, at most 9 typed fields; number, QR code and PDF', async () => {
  const page = await person('company');
  await clearDraft(page, 'restaurant');
  const count = counting(page);
  await go(page, '/zh/');
  await page.locator('main a', { hasText: '开餐馆一件事' }).last().click();
  await page.waitForLoadState();
  await page.locator('main a.button').first().click();
  await page.waitForLoadState();
  await press(page);
  await fillAndSubmit(page, smallShop, count);
  console.log(`   pages ${count.pages}, typed ${count.typed}`);
  check(count.pages <= 14 && count.pages > 6, `${count.pages} pages`);
  check(count.typed <= 9 && count.typed > 0, `${count.typed} typed fields`);
  const text = await page.locator('main').innerText();
  const number = text.match(/\d{8}-\d{6}-\d/)?.[0];
  check(number, 'no case number');
  const said = await scanned(page, '.qr-block svg');
  check(said.startsWith(`${base}/`) && said.includes(number), `the QR code says ${said}, not the address that looks up ${number}`);
  const stranger = await person(null);
  const reply = await stranger.goto(said);
  equal(reply.status(), 200, 'the page behind the QR code');
  check((await stranger.locator('main').innerHTML()).includes(number), 'the page behind the QR code does not know the number');
  await refuses(() => scanned(page, 'header svg'), /no QR code/, 'control: another picture');
  const receipt = page.locator('main a[href$=".pdf"]').first();
  check(await receipt.count(), 'no PDF of the receipt');
  const file = await page.request.get(base + (await receipt.getAttribute('href')));
  equal(file.headers()['content-type'], 'application/pdf', 'the receipt');
  const pdf = pdfOf(await file.body());
  equal(pdf.pages, 1, 'pages of the receipt');
  check(pdf.text.includes(number), `the receipt does not have the number: ${pdf.text.slice(0, 200)}`);
});

test('UX-02 a resident gets a residence certificate in at most 6 pages and 2 typed fields', async () => {
  const page = await person('citizen');
  await clearDraft(page, 'residence-proof');
  const count = counting(page);
  await go(page, '/zh/apply/residence-proof');
  await press(page);
  await fillAndSubmit(page, { purpose: '1' }, count);
  console.log(`   pages ${count.pages}, typed ${count.typed}`);
  check(count.pages <= 6 && count.pages >= 3, `${count.pages} pages`);
  check(count.typed <= 2, `${count.typed} typed fields`);
});

test('the QR code of a licence leads to the page that verifies it; pdfsig accepts its signature, and no other content; its fonts are in it', async () => {
  const page = await person('company');
  await asCompany(page);
  await go(page, '/zh/space/licences');
  const code = (await page.locator('main a[href*="/v/"]').first().getAttribute('href')).split('/').pop();
  const href = await page.locator('main a[href$="file.pdf"]').first().getAttribute('href');
  const file = `${city.dir}/licence`;
  writeFileSync(`${file}.pdf`, await (await page.request.get(base + href)).body());
  execFileSync('pdftoppm', ['-r', '150', '-png', '-singlefile', `${file}.pdf`, file]);
  const said = execFileSync('zbarimg', ['--raw', '-q', `${file}.png`], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  check(said.endsWith(`/v/${code}`), `the licence says ${said}, its page is /v/${code}`);
  judged(`${file}.pdf`);
  // The control: one byte of the page's content.
  const forged = readFileSync(`${file}.pdf`);
  const content = forged.toString('latin1').match(/\/Contents (\d+) 0 R/)?.[1];
  const at = forged.indexOf('stream', forged.indexOf(`\n${content} 0 obj`));
  check(content && at > 0, 'no content');
  forged[at + 100] ^= 1;
  writeFileSync(`${file}-forged.pdf`, forged);
  await refuses(() => judged(`${file}-forged.pdf`), /pdfsig does not accept it: .*(Digest Mismatch|invalid)/i, 'control: a byte of the page');
});
