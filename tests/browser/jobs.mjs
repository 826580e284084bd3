// jobs.mjs: what people do in a day, with taps, characters and seconds counted as they count them.
// What it would catch: a form that asks for what the program knows, a press that leads away from the
// next one, a button below the fold, a page that needs a script.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hand } from './hand.mjs';

// A photo that a browser takes: grey, 640 by 480.
async function photo(page) {
  const url = await page.evaluate(() => {
    const c = document.createElement('canvas');
    c.width = 640;
    c.height = 480;
    c.getContext('2d').fillRect(0, 0, 320, 240);
    return c.toDataURL('image/jpeg');
  });
  return Buffer.from(url.split(',')[1], 'base64');
}

const faults = async (page) => `${page.url()}: ${(await page.locator('[role=alert]').allTextContents()).join(' ')}`;

export async function jobs({ check, want, open, base, dir, DESK, PHONE }) {
  const file = join(dir, 'photo.jpg');
  const blank = await open(DESK);
  writeFileSync(file, await photo(blank));
  await blank.context().close();
  const within = (hand, taps, typed, seconds) => want(
    hand.taps <= taps && hand.typed <= typed && hand.seconds <= seconds,
    `${hand}; allowed: ${taps} taps, ${typed} characters, ${seconds} s`,
  );
  const start = async (size, login, path, script = true) => {
    const page = await open(size, login, script);
    await page.goto(base + path);
    return new Hand(page);
  };
  const REPORTS = [['东门', '东门地砖翘起一块'], ['操场', '单杠松动，晃得厉害'], ['A座东楼梯', '楼梯防滑条掉了一截'],
    ['计算机教室', '插座面板松脱，露出电线'], ['图书阅览室', '阅览室应急灯不亮']];

  await check('the cleaner reports a hazard with a photo in 4 taps and 30 seconds', async () => {
    const h = await start(PHONE, 'cleaner.sy', '/tasks');
    await h.tap('.tabbar a[href="/report"]');
    await h.file('input[type=file]', file);
    await h.tap('.snap-form .pick');
    await h.type('textarea[name="f.what"]', '车棚灯不亮');
    await h.tap('.actbar button[type=submit]');
    want(/YH-2026-\d{4}/.test(await h.page.textContent('main')), 'no number');
    within(h, 4, 10, 30);
    await h.page.context().close();
  });
  await check('elsewhere than at her own place: its name typed, and Enter leads on', async () => {
    for (const [place, what] of REPORTS) {
      const h = await start(PHONE, 'cleaner.sy', '/tasks');
      await h.tap('.tabbar a[href="/report"]');
      await h.type('main input[list]', place);
      await h.key('Enter');
      await h.type('textarea[name="f.what"]', what);
      await h.tap('.actbar button[type=submit]');
      want(/YH-2026-\d{4}/.test(await h.page.textContent('main')), 'no number');
      within(h, 4, 25, 30);
      await h.page.context().close();
    }
  });
  for (const [name, size] of [['desk', DESK], ['phone', PHONE]])
    await check(`the safety officer triages at a ${name}: four taps each, one leads to the next`, async () => {
      const h = await start(size, 'safety.sy', '/tasks');
      const heap = size === DESK ? 3 : 2;
      await h.tap('li.task:has-text("待核定") .task-a a');
      for (let i = 0; i < heap; i++) {
        if (i) await h.tap('.banner a:has-text("下一条")');
        want(await h.at('details.step[open] select[name="f.category"]').inputValue(), 'no kind is proposed');
        await h.tap('details.step[open] .pick:has-text("一般")');
        await h.type('details.step[open] [name="f.measures"]', '今天修好');
        await h.tap('details.step[open] button[type=submit]:has-text("核定派单")');
        want((await h.page.textContent('.hz-head')).includes('整改中'), await faults(h.page));
      }
      within(h, 4 * heap, 4 * heap, 24 * heap);
      want(h.screens <= heap, `${h}`);
      await h.page.context().close();
    });
  for (const script of [true, false])
    await check(`logistics rectifies with a photo${script ? '' : ' without JavaScript'}`, async () => {
      const h = await start(PHONE, 'logistics.sy', '/tasks', script);
      await h.tap('li.task:has-text("整改中：") .task-go');
      await h.type('textarea[name="f.done"]', '已更换，试过三次正常');
      await h.file('details.step[open] input[type=file]', file);
      await h.tap('details.step[open] button[type=submit]:has-text("整改完成")');
      want((await h.page.textContent('.hz-head')).includes('待复查'), await faults(h.page));
      within(h, 4, 15, 60);
      await h.page.context().close();
    });
  await check('the class teacher records the lesson of the month: nothing is asked again', async () => {
    const h = await start(PHONE, 'teacher1.sy', '/tasks');
    await h.tap('li.task:has-text("本月主题课") .task-go');
    want((await h.page.textContent('.merge')).includes('本月主题课'), 'what it will satisfy is not said');
    await h.tap('form.form button[type=submit]:has-text("已讲")');
    want((await h.page.textContent('main')).includes('满足了'), 'it satisfies nothing');
    within(h, 3, 0, 60);
    await h.page.context().close();
  });
  for (const [name, size] of [['desk', DESK], ['phone', PHONE]])
    await check(`the principal sees the three worst things on the first screen of a ${name}`, async () => {
      const h = await start(size, 'principal.sy', '/cockpit');
      const bottom = await h.page.evaluate(() => Math.max(...[...document.querySelectorAll('.worst li')]
        .map((n) => n.getBoundingClientRect().bottom)));
      want(await h.page.locator('.worst li').count() === 3, 'not three');
      want(bottom <= size.height - (size === PHONE ? 60 : 0), `the third ends at ${bottom}`);
      want((await h.page.textContent('.worst')).includes('围墙'), 'a major hazard is not among them');
      await h.page.context().close();
    });
  await check('who must sign reads first, and signs', async () => {
    const h = await start(PHONE, 'teacher1.sy', '/tasks');
    await h.tap('li.task:has-text("待签：") .task-go');
    const order = await h.page.evaluate(() => document.getElementById('facts-h').getBoundingClientRect().top
      < document.getElementById('next-h').getBoundingClientRect().top);
    want(order, 'the signature stands above what is signed');
    await h.tap('details.step[open] button[type=submit]:has-text("签名")');
    want((await h.page.textContent('main')).includes('生效中'), 'it is not in force');
    within(h, 2, 0, 60);
    await h.page.context().close();
  });
  await check('the guard lets a visitor in and out', async () => {
    const h = await start(PHONE, 'guard1.sy', '/gate');
    await h.tap('a:has-text("登记访客")');
    await h.type('input[name="f.name"]', '彭程远');
    const option = h.page.locator('select[name="f.host"] option:has-text("林若兰")');
    await h.choose('select[name="f.host"]', await option.getAttribute('value'));
    await h.tap('.pick:has-text("送货")');
    await h.tap('button[type=submit]:has-text("登记访客")');
    await h.tap('a:has-text("回到门卫台")');
    const host = await start(PHONE, 'moral.sy', '/tasks');
    await host.tap('li.task:has-text("等接待人答复") .task-a a');
    await host.tap('details.step[open] button[type=submit]:has-text("同意进校")');
    within(host, 2, 0, 30);
    await host.page.context().close();
    await h.page.goto(base + '/gate');
    await h.type('.gask .input', '12');
    await h.tap('.gask button');
    want((await h.page.textContent('main')).includes('在校内'), 'not inside');
    await h.tap('.gv:has-text("林若兰") button:has-text("收证离校")');
    within(h, 10, 6, 60);
    await h.page.context().close();
  });
}
