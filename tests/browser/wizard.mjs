// wizard.mjs: an empty school is set up from three ugly sheets (sheets.mjs): at most 25 clicks and 60
// characters from the first page to the last, and no error left. What it would catch: a heading or a
// post that is not understood, a list half lost, a station that asks what the program could guess.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hand } from './hand.mjs';
import { firmCsv, placeRows, places, staff, staffBook } from './sheets.mjs';

export async function wizard({ check, want, browser, bin, env, dir, DESK }) {
  const data = join(dir, 'empty');
  const made = spawnSync(bin, ['init', '-d', data], { env, encoding: 'utf8' });
  const code = (made.stdout + made.stderr).match(/[0-9A-Z]{16}/)[0];
  const server = spawn(bin, ['serve', '-d', data, '--listen', '127.0.0.1:0', '--log-level', 'error'], { env });
  const base = await new Promise((ok) => server.stdout.once('data', (d) => ok(String(d).trim())));
  const book = join(dir, '花名册.xlsx'), csv = join(dir, '后勤.csv');
  writeFileSync(book, staffBook());
  writeFileSync(csv, firmCsv());
  const page = await (await browser.newContext({ viewport: DESK })).newPage();
  page.setDefaultTimeout(8000);
  await page.goto(base + '/');
  const h = new Hand(page);
  const next = () => h.tap('.wiz-foot .btn-primary');
  const said = () => page.textContent('body');

  await check('an empty instance asks for its set-up code', async () => {
    want(page.url().endsWith('/setup-code'), page.url());
    await h.type('#code', code);
    await h.type('#school', '桂花路小学');
    await h.type('#short_code', 'gh');
    await h.type('#name', '梁静');
    await h.type('#password', 'guihua-lu-26');
    await h.tap('button[type=submit]:has-text("开始启用")');
    want(page.url().endsWith('/setup'), page.url());
    await next();
  });
  await check('a workbook of WPS: a title, two heading rows, serial dates, notes', async () => {
    await h.file('#file', book);
    await next();
    want((await said()).includes(`${staff} 行全部通过`), await said());
    want((await said()).includes('用不上：备注'), 'what is not kept is not said');
    await h.tap('button:has-text("采纳，再导入一份")');
  });
  await check('a CSV in GBK: odd columns, full-width digits, notes', async () => {
    await h.file('#file', csv);
    await next();
    want((await said()).includes('7 行全部通过'), await said());
    await next();
  });
  await check('places pasted, their buildings merged', async () => {
    await h.type('#rows', '');
    await page.fill('#rows', placeRows());	// pasted: one key for the hand
    h.typed += 2;
    await next();
    want((await said()).includes(`${places} 行全部通过`), await said());
    want((await said()).includes('合并的单元格'), 'the filled column is not said');
    await next();
  });
  await check('plan, calendar, posts: each confirmed as it stands; no error is left', async () => {
    await next();
    want((await said()).includes('节假日'), await said());
    await next();
    want((await said()).includes('0 个要您指定'), await said());
    await next();
    want((await said()).includes('没有错误'), await said());
    want((await page.textContent('.tag-red')).trim() === '0 错误', 'errors are left');
    await next();
    console.log(`wizard: ${h}`);
    want(h.taps <= 25 && h.typed <= 60, `${h}; allowed: 25 taps, 60 characters`);
  });
  await check('keepers and buildings came with the rows', async () => {
    await page.goto(base + '/places?q=' + encodeURIComponent('科学实验室'));
    want((await said()).includes('苏婷'), await said());
  });
  await check('what cannot be read is shown with a proposal, and nothing of it is lost', async () => {
    await page.goto(base + '/setup/people');
    await page.fill('#rows', '教师姓名\t所在处室及职务\t手机\n王小明（女）\t会计、保安\t1390001000\n欧阳春\t教研组长\t13900010002\n');
    await next();
    want((await said()).includes('手机号要有 11 位'), await said());
    want(await page.inputValue('select[name="c.0.1"]') === '教职工、保安', 'the known post is lost in the proposal');
    await next();
    want((await said()).includes('已采纳 1 行，1 行留在草稿里'), await said());
    await page.goto(base + '/setup/people');
    await page.click('.banner a');
    await page.click('button:has-text("先不填")');
    await next();
    want((await said()).includes('已采纳 1 行'), await said());
  });
  await page.context().close();
  server.kill('SIGTERM');
  await new Promise((ok) => server.once('exit', ok));
}
