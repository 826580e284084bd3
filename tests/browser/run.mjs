// run.mjs: people's jobs in a real Chromium, on a phone and at a desk, and axe-core looking on.
// A server of its own on a fresh demonstration instance; each check says what it would catch.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jobs } from './jobs.mjs';
import { wizard } from './wizard.mjs';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const out = process.env.OUT || 'build';
const bin = resolve(out, 'asan/bihuan');
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
const dir = mkdtempSync(join(tmpdir(), 'bihuan-browser-'));
const data = join(dir, 'data');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const DESK = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
// A JPEG of one pixel, ours.
const PIXEL = Buffer.from('/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP' + '/'.repeat(86)
  + 'wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=', 'base64');
let passed = 0, failed = 0;

// ONLY=pattern runs the checks whose name fits; the others are not counted.
const only = process.env.ONLY && new RegExp(process.env.ONLY);

async function check(name, fn) {
  if (only && !only.test(name)) return;
  try {
    await fn();
    passed++;
  } catch (e) {
    failed++;
    const said = String(e.message || e).split('\n').slice(0, 6).join('\n  ');
    console.log(`FAILED ${name}\n  ${said}\n  again: ./dev test browser`);
  }
}

function want(ok, say) {
  if (!ok) throw new Error(say);
}

const made = spawnSync(bin, ['demo', '-d', data], { env, encoding: 'utf8' });
if (made.status) {
  console.log(`the demonstration could not be made: ${made.stderr}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const accounts = Object.fromEntries(readFileSync(join(data, 'demo-accounts.tsv'), 'utf8').trim().split('\n').slice(1)
  .map((l) => l.split('\t')).map((f) => [f[0], f[1]]));
const server = spawn(bin, ['serve', '-d', data, '--listen', '127.0.0.1:0', '--clock', 'manual',
  '--log-level', 'error'], { env });
let said = '';
server.stderr.on('data', (d) => { said += d; });
let done = false;
server.on('exit', (code) => done || console.log(`the server is gone (${code}): ${said.slice(-3000)}`));
const base = await new Promise((ok) => server.stdout.once('data', (d) => ok(String(d).trim())));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

async function open(size, login, script = true) {
  const context = await browser.newContext({ viewport: size, javaScriptEnabled: script });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.faults = [];
  page.on('console', (m) => m.type() === 'error' && page.faults.push(m.text()));
  if (login) await signIn(page, login, accounts[login]);
  return page;
}

async function signIn(page, login, password) {
  await page.goto(base + '/login');
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await page.click('form[action="/login"] button[type=submit]');
  await page.waitForLoadState();
}

// ---- the door ----
await check('a wrong password is answered in words, and the name typed stays', async () => {
  const page = await open(PHONE);
  await signIn(page, 'cleaner.sy', 'nonsense-1234');
  want(await page.inputValue('input[name=login]') === 'cleaner.sy', 'the login was lost');
  want(await page.locator('[role=alert]').count() > 0, 'no message');
  await page.context().close();
});
await check('without a session every page leads to sign-in', async () => {
  const page = await open(PHONE);
  for (const path of ['/tasks', '/report', '/grid', '/records', '/people']) {
    await page.goto(base + path);
    want(page.url().includes('/login'), `${path} showed ${page.url()}`);
  }
  await page.context().close();
});

// ---- numbers that nobody means ----
await check('a year or an entry out of all reach is refused in words, and the server lives on', async () => {
  const page = await open(DESK, 'vice.sy');
  for (const path of ['/year?y=2198', '/ledger?from=9223372036854775807', '/records?from=2199-12-31'])
    want((await page.goto(base + path)).status() < 500, path);
  want((await page.goto(base + '/year?y=2198')).status() === 422, 'a year that far is planned');
  want((await page.goto(base + '/tasks')).status() === 200, 'the server is gone');
  await page.context().close();
});

await check('an administrator who is nobody of the school opens every form without breaking anything', async () => {
  const page = await open(DESK, 'admin.sy');
  for (const path of ['/start', '/report', '/start/hazard/report', '/tasks', '/records'])
    want((await page.goto(base + path)).status() < 500, path);
  await page.context().close();
});

// ---- the cleaner reports, the office grades ----
let record = '';
async function report(script) {
  const page = await open(PHONE, 'cleaner.sy', script);
  await page.goto(base + '/report');
  await page.fill('main input[placeholder*="名称"]', '东门');
  await page.fill('textarea[name="f.what"]', script ? '东门伸缩门轨道里卡了石子，门关不严' : '东门值班桌的抽屉滑轨脱落');
  if (script) {
    const file = join(dir, 'p.jpg');
    writeFileSync(file, PIXEL);
    await page.locator('input[type=file]').first().setInputFiles(file);
  }
  await page.locator('button[type=submit]:visible').last().click();
  await page.waitForLoadState();
  const text = await page.textContent('body');
  want(/YH-2026-\d{4}/.test(text), `no number: ${page.url()} ${text.replace(/\s+/g, ' ').slice(0, 300)}`);
  record = page.url();
  await page.context().close();
}
await check('the cleaner reports a hazard with a photo on a phone and gets its number', () => report(true));
await check('the same without JavaScript', () => report(false));
await check('the safety officer finds it under my tasks', async () => {
  const page = await open(DESK, 'safety.sy');
  await page.goto(base + '/tasks');
  want((await page.textContent('main')).includes('东门'), 'it is not there');
  await page.context().close();
});
await check("a neighbour school's person gets the same 404 as for what does not exist", async () => {
  const page = await open(DESK, 'safety.wy');
  const id = (record.match(/[0-9A-Z]{26}/) || [''])[0];
  want(id, `no id in ${record}`);
  want((await page.goto(`${base}/records/${id}`)).status() === 404, 'a foreign record is visible');
  await page.context().close();
});

// ---- what a school has not ----
// covers: GET /waive refused bad; POST /waive refused
await check('signing away a hole is for who may, and only for one that there is', async () => {
  const page = await open(DESK, 'principal.sy');
  want((await page.goto(base + '/waive?code=G110&subject=entry:place-kinds/gate')).status() === 404, 'no such hole');
  want((await page.goto(base + '/waive')).status() === 422, 'without a hole');
  await page.context().close();
  const other = await open(DESK, 'cleaner.sy');
  want((await other.goto(base + '/waive?code=G110&subject=entry:place-kinds/gate')).status() === 403, 'not hers');
  await other.context().close();
});

// ---- the jobs of a day, counted; a school set up from ugly sheets ----
await jobs({ check, want, open, base, dir, DESK, PHONE });
await wizard({ check, want, browser, bin, env, dir, DESK });

// ---- every page: answers, does not scroll sideways, and axe has nothing serious ----
const PAGES = {
  'safety.sy': ['/tasks', '/report', '/records', '/loops/hazard', '/cockpit', '/grid', '/year',
    '/packs', '/packs/primary-closed-loop', '/people', '/places', '/duties', '/account', '/start'],
  'guard1.sy': ['/tasks', '/report'],
  'admin.sy': ['/people', '/places', '/account'],
};
for (const [login, paths] of Object.entries(PAGES))
  for (const [name, size] of [['desk', DESK], ['phone', PHONE]]) {
    const page = await open(size, login);
    for (const path of paths)
      await check(`${login} ${path} at a ${name}`, async () => {
        const r = await page.goto(base + path);
        want(r.status() === 200, `status ${r.status()}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        want(wide <= 0, `scrolls sideways by ${wide} px`);
        await page.evaluate(axe);
        const v = (await page.evaluate(() => window.axe.run())).violations
          .filter((x) => ['serious', 'critical'].includes(x.impact));
        want(!v.length, v.map((x) => `${x.id}: ${x.nodes[0].html.slice(0, 160)}`).join('\n'));
        want(!page.faults.length, page.faults.join('\n'));
      });
    await page.context().close();
  }

// ---- nothing that is offered leads nowhere ----
// From the main pages of a person, one link of each kind (ids taken out), and every loop's list.
const ROOTS = ['/', '/tasks', '/records', '/loops/hazard', '/people', '/places', '/packs', '/duties', '/account',
  '/start', '/notices'];
for (const login of ['safety.sy', 'principal.sy', 'guard1.sy', 'admin.sy'])
  await check(`every kind of link that ${login} is offered leads to a page`, async () => {
    const page = await open(DESK, login);
    const kinds = new Set(), queue = [...ROOTS], dead = [];
    for (let at = 0; at < queue.length && at < 120; at++) {
      const r = await page.request.get(base + queue[at]);
      // an account without a person begins nothing: it is told so, and the server lives
      if (r.status() >= 400) dead.push(`${r.status()} ${queue[at]}`);
      if (!(r.headers()['content-type'] || '').includes('html')) continue;
      for (const m of (await r.text()).matchAll(/<a [^>]*href="(\/[^"#]*)/g)) {
        const url = m[1].replace(/&amp;/g, '&'), kind = url.replace(/\?.*/, '').replace(/[0-9A-Z]{20,}/g, '*');
        if (kinds.has(kind) || url.startsWith('/a/')) continue;
        kinds.add(kind);
        queue.push(url);
      }
    }
    want(!dead.length, dead.join('\n'));
    await page.context().close();
  });

await browser.close();
done = true;
server.kill('SIGTERM');
const status = await new Promise((ok) => server.once('exit', ok));
await check('the server drains and stops, and no sanitizer has anything to say', async () => {
  want(status === 0, `status ${status}: ${said.slice(-600)}`);
});
rmSync(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
