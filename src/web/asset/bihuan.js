/*
 * 闭环 Bihuan: comfort on top of pages that already work without it.
 *
 * Invariant: nothing here is needed. Every control is a real link or a real form; this file only saves a
 * tap, a byte or a lost sentence. It makes no HTML from text (textContent only), asks no other
 * host, and keeps on the device nothing but drafts, which the sign-out clears.
 *
 * The page speaks to it by data attributes:
 *   data-draft=KEY on a form     keep what is typed, field by field; bring it back when the page comes again
 *   data-saved on any element    the server has taken what was sent: drafts under way are forgotten
 *   data-photos on a file input  shrink pictures to 1600 px, without camera data
 *   data-left=SECONDS            tick; the server has printed the text
 *   data-toast                   goes after six seconds; its undo is a form
 *   data-rows on a table         a row can be added, and cells pasted from a spreadsheet
 *   data-find=ID on an input     narrows the list of choices ID
 *   data-tabs, data-tab, data-pane   show one group of a list
 */
(function () {
'use strict';

const doc = document;
const root = doc.documentElement;
const LONG_EDGE = 1600;
const DRAFT_DAYS = 7;

root.classList.add('js');

function all(sel, from) {
	return Array.prototype.slice.call((from || doc).querySelectorAll(sel));
}

function on(type, sel, fn) {
	doc.addEventListener(type, function (e) {
		const t = e.target.closest && e.target.closest(sel);
		if (t)
			fn(e, t);
	});
}

function make(tag, cls, text) {
	const n = doc.createElement(tag);
	if (cls)
		n.className = cls;
	if (text)
		n.textContent = text;
	return n;
}

function toast(text) {
	all('.toast').forEach(function (o) { o.remove(); });
	const n = make('div', 'toast');
	n.setAttribute('role', 'status');
	n.appendChild(make('span', '', text));
	doc.body.appendChild(n);
	setTimeout(function () { n.remove(); }, 6000);
}

/* The theme lives in a cookie, because the server writes it into <html> before the first paint. */
on('submit', 'form[data-theme-form]', function (e) {
	const now = root.dataset.theme;
	const dark = now ? now === 'dark' : matchMedia('(prefers-color-scheme:dark)').matches;
	e.preventDefault();
	root.dataset.theme = dark ? 'light' : 'dark';
	doc.querySelector('link[data-dark]').media = dark ? 'not all' : 'screen';
	doc.cookie = 'theme=' + root.dataset.theme + ';path=/;max-age=31536000;samesite=lax';
});

/* A tab shows its group; the link behind it does the same on the server. */
on('click', '[data-tab]', function (e, t) {
	const set = t.closest('[data-tabs]');
	if (e.metaKey || e.ctrlKey || e.shiftKey)
		return;
	e.preventDefault();
	all('[data-tab]', set).forEach(function (b) {
		if (b === t)
			b.setAttribute('aria-current', 'true');
		else
			b.removeAttribute('aria-current');
	});
	all('[data-pane]').forEach(function (p) {
		p.hidden = t.dataset.tab !== 'all' && p.dataset.pane !== t.dataset.tab;
	});
});

all('[data-toast]').forEach(function (n) {
	setTimeout(function () { n.remove(); }, 6000);
});

on('click', '[data-print]', function () { window.print(); });
on('click', '[data-show-password]', function (e, t) {
	const f = doc.getElementById(t.dataset.showPassword);
	f.type = f.type === 'password' ? 'text' : 'password';
	t.setAttribute('aria-pressed', f.type === 'text');
});
on('change', 'form[data-auto] select, form[data-auto] input[type=checkbox]', function (e, t) {
	t.form.submit();
});

/* Count-downs. */
const clocks = all('[data-left]');
const since = Date.now();

function two(n) {
	return (n < 10 ? '0' : '') + n;
}

function tick() {
	clocks.forEach(function (c) {
		const left = Math.trunc(+c.dataset.left - (Date.now() - since) / 1000);
		const s = Math.abs(left);
		const h = Math.floor(s / 3600);
		c.textContent = (left < 0 ? '+' : '') + (h ? two(h) + ':' : '') +
			two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
	});
}

if (clocks.length)
	setInterval(tick, 1000);

/* Keys: / search, j and k rows, Esc closes. Enter is the browser's own. */
function move(step) {
	const rows = all('[data-row]').filter(function (r) { return r.offsetParent !== null; });
	if (!rows.length)
		return;
	const at = rows.indexOf(doc.activeElement);
	const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
	rows[to].focus();
	rows[to].scrollIntoView({block: 'nearest'});
}

doc.addEventListener('keydown', function (e) {
	if (e.key === 'Escape') {
		all('details.menu[open]').forEach(function (m) { m.open = false; });
		if (/INPUT|TEXTAREA/.test(e.target.tagName))
			e.target.blur();
		return;
	}
	if (/INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.metaKey || e.ctrlKey || e.altKey)
		return;
	if (e.key === '/') {
		const f = doc.querySelector('.find input');
		if (f) {
			e.preventDefault();
			f.focus();
		}
	} else if (e.key === 'j') {
		move(1);
	} else if (e.key === 'k') {
		move(-1);
	}
});

doc.addEventListener('click', function (e) {
	all('details.menu[open]').forEach(function (m) {
		if (!m.contains(e.target))
			m.open = false;
	});
});

/* Drafts: what was typed is on the device until the server says that it has it. */
const who = root.dataset.who || '';

function draftKey(form) {
	return 'bh-draft:' + who + ':' + form.dataset.draft;
}

function store(fn) {
	try {
		return fn(localStorage);
	} catch (e) {
		return null;	/* private mode, or full: drafts are a comfort */
	}
}

function kept(f) {
	return f.name && f.name !== 'csrf' && f.type !== 'password' && f.type !== 'file' &&
		f.type !== 'submit' && !f.closest('[data-no-draft]');
}

function saveDraft(form, sent) {
	const values = [];
	Array.prototype.forEach.call(form.elements, function (f) {
		if (!kept(f))
			return;
		if (f.type === 'checkbox' || f.type === 'radio')
			values.push([f.name, f.value, f.checked]);
		else
			values.push([f.name, f.value]);
	});
	store(function (s) {
		s.setItem(draftKey(form), JSON.stringify({at: Date.now(), sent: sent, values: values}));
	});
}

function restoreDraft(form) {
	const text = store(function (s) { return s.getItem(draftKey(form)); });
	if (!text || form.hasAttribute('data-kept'))
		return;		/* the server has given back what was typed: that is newer */
	const draft = JSON.parse(text);
	if (Date.now() - draft.at > DRAFT_DAYS * 86400000)
		return;
	const used = {};
	draft.values.forEach(function (v) {
		const same = Array.prototype.filter.call(form.elements, function (f) {
			return f.name === v[0] && kept(f);
		});
		if (v.length === 3) {
			same.forEach(function (f) {
				if (f.value === v[1])
					f.checked = v[2];
			});
			return;
		}
		const n = used[v[0]] = (used[v[0]] || 0) + 1;
		const f = same[n - 1];
		/* A hidden value is the server's, but for the key: the same key makes a repeat harmless. */
		if (f && (f.type !== 'hidden' || (f.name === 'key' && draft.sent)))
			f.value = v[1];
	});
}

function forgetDrafts(test) {
	store(function (s) {
		Object.keys(s).forEach(function (k) {
			if (k.indexOf('bh-draft:') === 0 && test(JSON.parse(s.getItem(k))))
				s.removeItem(k);
		});
	});
}

if (doc.querySelector('[data-saved]'))
	forgetDrafts(function (v) { return v.sent; });
forgetDrafts(function (v) { return Date.now() - v.at > DRAFT_DAYS * 86400000; });
all('form[data-draft]').forEach(restoreDraft);
on('input', 'form[data-draft]', function (e, form) { saveDraft(form, false); });
on('change', 'form[data-draft]', function (e, form) { saveDraft(form, false); });
on('submit', 'form[data-forget]', function () { forgetDrafts(function () { return true; }); });

/* One press sends once. Without a network nothing is lost: say so, and keep the page. */
doc.addEventListener('submit', function (e) {
	const form = e.target;
	if (e.defaultPrevented)
		return;
	if (form.dataset.draft)
		saveDraft(form, true);
	if (form.method === 'post' && navigator.onLine === false) {
		e.preventDefault();
		toast('没有网络，内容已存在本机。联网后请再点一次。');
		return;
	}
	if (form.dataset.sending) {
		e.preventDefault();
		return;
	}
	form.dataset.sending = '1';
	setTimeout(function () {
		all('button', form).forEach(function (b) {
			b.setAttribute('aria-disabled', 'true');
			b.classList.add('busy');
		});
	}, 0);
});

window.addEventListener('pageshow', function () {
	all('form[data-sending]').forEach(function (form) {
		delete form.dataset.sending;
		all('button', form).forEach(function (b) {
			b.removeAttribute('aria-disabled');
			b.classList.remove('busy');
		});
	});
});

function network() {
	const s = doc.querySelector('[data-offline]');
	if (s)
		s.hidden = navigator.onLine !== false;
}

window.addEventListener('online', network);
window.addEventListener('offline', network);
network();

/* Pictures: drawing one on a canvas scales it and leaves the camera's data behind. */
function shrink(file, edge) {
	return new Promise(function (resolve) {
		const img = new Image();
		const url = URL.createObjectURL(file);
		img.onload = function () {
			const k = Math.min(1, edge / Math.max(img.naturalWidth, img.naturalHeight));
			const cv = doc.createElement('canvas');
			cv.width = Math.max(1, Math.round(img.naturalWidth * k));
			cv.height = Math.max(1, Math.round(img.naturalHeight * k));
			cv.getContext('2d').drawImage(img, 0, 0, cv.width, cv.height);
			URL.revokeObjectURL(url);
			cv.toBlob(function (blob) {
				const name = file.name.replace(/\.[^.]*$/, '') + '.jpg';
				resolve(blob ? new File([blob], name, {type: 'image/jpeg'}) : file);
			}, 'image/jpeg', 0.82);
		};
		img.onerror = function () {	/* not a picture that this browser reads: the server decides */
			URL.revokeObjectURL(url);
			resolve(file);
		};
		img.src = url;
	});
}

function preview(file, remove) {
	const fig = make('figure', 'shot');
	if (/^image\//.test(file.type)) {
		const img = doc.createElement('img');
		img.src = URL.createObjectURL(file);
		img.alt = '已选照片';
		fig.appendChild(img);
	} else {
		fig.appendChild(make('figcaption', 'wm', file.name));
	}
	const b = make('button', 'rm', '×');
	b.type = 'button';
	b.setAttribute('aria-label', '删除这张');
	b.addEventListener('click', remove);
	fig.appendChild(b);
	return fig;
}

function photoInput(input) {
	const box = input.closest('[data-photo-box]');
	const add = input.closest('label');
	const big = [];

	function fill(into, files) {
		const dt = new DataTransfer();
		files.forEach(function (f) { dt.items.add(f); });
		into.files = dt.files;
	}
	function draw() {
		fill(input, big);
		all('.shot[data-new]', box).forEach(function (f) { f.remove(); });
		big.forEach(function (f, i) {
			const fig = preview(f, function () {
				big.splice(i, 1);
				draw();
			});
			fig.dataset.new = '1';
			add.parentNode.insertBefore(fig, add);
		});
		add.classList.toggle('busy', false);
	}
	input.addEventListener('change', function () {
		const max = +input.dataset.max || 9;
		const more = Array.prototype.slice.call(input.files, 0, Math.max(0, max - big.length));
		if (input.files.length > more.length)
			toast('最多 ' + max + ' 张，多出的没有加入。');
		add.classList.add('busy');
		Promise.all(more.map(function (f) {
			return /^image\//.test(f.type) ? shrink(f, LONG_EDGE) : f;
		})).then(function (files) {
			files.forEach(function (f) { big.push(f); });
			draw();
		});
	});
}

if (window.DataTransfer && window.File)
	all('input[data-photos]').forEach(photoInput);

/* Tables to fill: another row, and cells as a spreadsheet copies them. */
function addRow(table) {
	const body = table.tBodies[0];
	const last = body.rows[body.rows.length - 1];
	const row = last.cloneNode(true);
	const n = body.rows.length;
	all('input, select, textarea', row).forEach(function (f) {
		f.name = f.name.replace(/\.\d+\.([^.]+)$/, '.' + n + '.$1');
		f.removeAttribute('id');
		if (f.type === 'checkbox' || f.type === 'radio')
			f.checked = false;
		else if (f.tagName === 'SELECT')
			f.selectedIndex = 0;
		else
			f.value = '';
	});
	body.appendChild(row);
	return row;
}

on('click', '[data-add-row]', function (e, t) {
	e.preventDefault();
	const row = addRow(doc.getElementById(t.dataset.addRow));
	const first = row.querySelector('input, select, textarea');
	if (first)
		first.focus();
});

function put(cell, text) {
	const f = cell && cell.querySelector('input:not([type=hidden]), select, textarea');
	if (!f)
		return;
	if (f.tagName === 'SELECT') {
		const o = Array.prototype.find.call(f.options, function (x) {
			return x.text.trim() === text || x.value === text;
		});
		if (o)
			f.value = o.value;
	} else if (f.type === 'checkbox') {
		f.checked = /^(是|有|对|√|1|true)$/i.test(text);
	} else {
		f.value = text;
	}
}

on('paste', '[data-rows] input', function (e, t) {
	const text = (e.clipboardData || window.clipboardData).getData('text');
	if (!/[\t\n]/.test(text.replace(/\r?\n$/, '')))
		return;
	e.preventDefault();
	const table = t.closest('table');
	const at = t.closest('tr').sectionRowIndex;
	const col = t.closest('td').cellIndex;
	text.replace(/\r/g, '').replace(/\n$/, '').split('\n').forEach(function (line, i) {
		const row = table.tBodies[0].rows[at + i] || addRow(table);
		line.split('\t').forEach(function (v, j) { put(row.cells[col + j], v.trim()); });
	});
	if (t.form && t.form.dataset.draft)
		saveDraft(t.form, false);
});

/* Long lists of choices: narrow them by typing; count what is marked. */
on('input', '[data-find]', function (e, t) {
	const q = t.value.trim();
	const list = doc.getElementById(t.dataset.find);
	if (list.tagName === 'SELECT') {
		const hit = Array.prototype.find.call(list.options, function (o) {
			return q && o.text.indexOf(q) >= 0;
		});
		if (hit)
			list.value = hit.value;
		return;
	}
	all('label', list).forEach(function (l) { l.hidden = q && l.textContent.indexOf(q) < 0; });
});

function count(box) {
	const out = box.querySelector('[data-count]');
	const inputs = all('input[type=checkbox]', box);
	const n = inputs.filter(function (i) { return i.checked; }).length;
	if (out)
		out.textContent = n + ' / ' + inputs.length;
}

on('change', '[data-counted] input', function (e, t) { count(t.closest('[data-counted]')); });
on('click', '[data-mark]', function (e, t) {
	const box = t.closest('[data-counted]');
	e.preventDefault();
	all('input[type=checkbox]', box).forEach(function (i) { i.checked = t.dataset.mark === 'all'; });
	count(box);
});

/* A phrase that people often need goes into the text with one tap. */
on('click', '[data-phrase]', function (e, t) {
	const f = doc.getElementById(t.dataset.phrase);
	const text = t.textContent.trim();
	if (f.value.indexOf(text) < 0)
		f.value += (f.value && !/[，。；]$/.test(f.value) ? '，' : '') + text;
	f.focus();
});

/* On a phone the place leads on to the sentence: a tap less. Keys move among chips as ever. */
function leadOn(from) {
	const text = from.form && from.form.querySelector('textarea[required]');
	if (text && !text.value)
		text.focus();
}

on('click', '.snap-form .pick input[type=radio]', function (e, t) {
	if (e.detail || e.isTrusted && matchMedia('(pointer:coarse)').matches)
		leadOn(t);
});
on('input', '.snap-form input[list]', function (e, t) {
	if (e.inputType === 'insertReplacementText' || !e.inputType)
		leadOn(t);
});
doc.addEventListener('keydown', function (e) {
	if (e.key === 'Enter' && e.target.matches('.snap-form input[list]') && e.target.value) {
		e.preventDefault();
		leadOn(e.target);
	}
});

/* The control of the browser speaks the language of the browser; ours speaks Chinese. */
on('change', 'input[data-file]', function (e, t) {
	const out = t.closest('label').querySelector('[data-file-name]');
	out.textContent = t.files.length ? t.files[0].name : '还没有选';
});

/* A sideways calendar opens at today. */
all('.week .now').forEach(function (n) {
	n.parentNode.scrollLeft = n.offsetLeft - n.parentNode.offsetLeft - 8;
});
})();
