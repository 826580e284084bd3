/*
 * axe.mjs PREVIEW_DIR [PAGE…]: runs axe-core over the sample pages, desk and phone, light and dark, and lists what
 * it finds. It also says when a page scrolls sideways. Exit status 1 when there is anything.
 */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [dir, ...only] = process.argv.slice(2);
const TYPES = {
	'.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript',
	'.svg': 'image/svg+xml', '.jpg': 'image/jpeg',
};

const server = http.createServer((q, s) => {
	const file = path.join(dir, decodeURIComponent(q.url.split('?')[0]));
	fs.readFile(file, (e, bytes) => {
		s.writeHead(e ? 404 : 200, { 'content-type': TYPES[path.extname(file)] || 'application/octet-stream' });
		s.end(e ? '' : bytes);
	});
}).listen(0, '127.0.0.1');
await new Promise((r) => server.once('listening', r));
const base = `http://127.0.0.1:${server.address().port}`;

const asked = (f) => !only.length || only.some((o) => f === o + '.html' || f === o + '-dark.html');
const pages = fs.readdirSync(dir).filter((f) => f.endsWith('.html') && asked(f));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let bad = 0;
for (const [w, h] of [[1440, 900], [390, 844]]) {
	const ctx = await browser.newContext({ viewport: { width: w, height: h }, hasTouch: w < 500, bypassCSP: true });
	const page = await ctx.newPage();
	page.on('pageerror', (e) => { bad++; console.log('script error:', e.message); });
	for (const f of pages) {
		await page.goto(`${base}/${f}`);
		await page.evaluate(axe);
		const found = await page.evaluate(async () => {
			document.getAnimations().forEach((a) => a.cancel());
			const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
			const r = await axe.run({ runOnly: tags });
			const why = (n) => (n.any[0] || n.all[0] || n.none[0] || {}).message || '';
			const wide = document.documentElement.scrollWidth - innerWidth;
			return [wide > 1 ? `scrolls ${wide} px sideways` : '', ...r.violations.map((v) =>
				[`${v.impact} ${v.id}`, ...v.nodes.slice(0, 3).map(
					(n) => n.html.slice(0, 140) + ' | ' + why(n))]
					.join('\n      '))].filter(Boolean);
		});
		if (found.length) {
			bad += found.length;
			console.log(`${f} ${w}\n   ${found.join('\n   ')}`);
		}
	}
	await ctx.close();
}
await browser.close();
server.close();
console.log(bad ? `${bad} findings` : `${pages.length} pages, nothing found`);
process.exit(bad ? 1 : 0);
