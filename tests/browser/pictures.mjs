// pictures.mjs: the pictures of README.md, from a served demonstration: real pages, nothing painted.
// Run it when a page in the README has changed: ./dev run, and beside it
//   node tests/browser/pictures.mjs http://127.0.0.1:8080 bihuan-data
// It types into a form, and sends nothing. WebP, because a picture in the tree should weigh little.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(import.meta.url)('playwright-core');
const [base, data] = process.argv.slice(2);
if (!data) {
  console.error('node tests/browser/pictures.mjs ADDRESS DATA-FOLDER');
  process.exit(2);
}
const DESK = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
const accounts = Object.fromEntries(readFileSync(join(data, 'demo-accounts.tsv'), 'utf8').trim().split('\n').slice(1)
  .map((l) => l.split('\t')).map((f) => [f[0], f[1]]));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

// Chromium writes WebP itself; no other tool is needed.
async function webp(png) {
  const page = await browser.newPage();
  const url = await page.evaluate(async (src) => {
    const i = new Image();
    i.src = src;
    await i.decode();
    const c = document.createElement('canvas');
    c.width = i.width;
    c.height = i.height;
    c.getContext('2d').drawImage(i, 0, 0);
    return c.toDataURL('image/webp', 0.86);
  }, 'data:image/png;base64,' + png.toString('base64'));
  await page.close();
  return Buffer.from(url.split(',')[1], 'base64');
}

async function picture(name, login, size, path, before) {
  const context = await browser.newContext({ viewport: size, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(base + '/login');
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', accounts[login]);
  await page.click('form[action="/login"] button[type=submit]');
  await page.waitForLoadState();
  await page.goto(base + path);
  if (before) await before(page);
  const bytes = await webp(await page.screenshot());
  writeFileSync(new URL(`../../docs/img/${name}.webp`, import.meta.url), bytes);
  console.log(`${name} ${bytes.length} bytes`);
  await context.close();
}

await picture('report', 'cleaner.sy', PHONE, '/report', async (page) => {
  await page.fill('main input[placeholder*="名称"]', '东门');
  await page.fill('textarea[name="f.what"]', '东门伸缩门轨道里卡了石子，门关不严');
  await page.evaluate(() => window.scrollTo(0, 0));
});
await picture('tasks', 'teacher1.sy', PHONE, '/tasks');
await picture('record', 'safety.sy', DESK, '/loops/hazard?q=北侧围墙', async (page) => {
  await page.click('main a:has-text("北侧围墙")');
  await page.waitForLoadState();
});
await picture('grid', 'safety.sy', DESK, '/grid');
await picture('cockpit', 'principal.sy', DESK, '/cockpit');
await browser.close();
