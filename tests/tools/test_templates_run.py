"""Compiled templates against hostile text: whatever a value holds, the page has the same
elements and attributes as with a harmless one, and no address with a scheme that runs code.

Would catch an escaper that forgets a character, and a place that got the wrong escaper."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import gen_templates  # noqa: E402
import genfile  # noqa: E402

LIB = os.path.join(os.environ.get("BUILD_DIR", os.path.join(ROOT, "build/asan")), "libbihuan.a")

PAGE = """{% field text t %}
{% field list rows row %}
<!doctype html><title>{{ t }}</title>
<p title="{{ t }}" class='a {{ t }}' data-x="{{ t }}">{{ t }}</p>
<a href="{{ t }}">x</a><a href="/r/{{ t }}?q={{ t }}#{{ t }}">x</a><form action="{{ t }}">
<img src="{{ t }}" alt="{{ t }}">
<textarea name="n">{{ t }}</textarea><input type="{{ t }}" value="{{ t }}"></form>
<svg><use href="#{{ t }}"/></svg>
{% for r in rows %}{% if r.title == t %}<b>{{ r.title }}</b>{% end %}{% end %}
"""
ROW = "{% field text title %}\n<li>{{ title }}</li>\n"
HARNESS = """
#include <stdio.h>
#include "base/buf.h"
#include "gen/html_page.h"
int main(void)
{
	static char in[65536];
	size_t n = fread(in, 1, sizeof(in), stdin);
	struct html_row row = { .title = { in, n } };
	struct html_page page = { .t = { in, n }, .rows = &row, .rows_n = 1 };
	struct buf b;
	str s;
	buf_init(&b, 1 << 20);
	html_page(&b, &page);
	if (buf_finish(&b, &s) != ERR_OK)
		return 1;
	fwrite(s.ptr, 1, s.len, stdout);
	buf_release(&b);
	return 0;
}
"""
HOSTILE = [
    "<script>x</script>", "</p><script>x", "\"><script>x</script>", "'><img src=x onerror=y>", "\" onmouseover=\"x",
    "' onfocus='x", "</title><script>x</script>", "</textarea><script>x", "<!--", "-->", "<![CDATA[", "&lt;script&gt;",
    "&#60;script&#62;", "javascript:alert(1)", "JaVaScRiPt:x", " javascript:x", "\tjavascript:x", "java\nscript:x",
    "\x01javascript:x", "data:text/html,<script>x</script>", "vbscript:x", "//evil.example", "\\\\evil.example",
    "/\\evil.example", "https://ok.example/?a=1&b=2", "mailto:a@b.example", "tel:12345", "../up", "?q", "#f", "", "x",
    "a b", "a\"b'c<d>e&f", "`", "{{ t }}", "{% end %}", "${x}", "<svg onload=x>", "<a href=javascript:x>", "\u2028",
    "\u202e隐患", "三(2)班", "\x7f", "&", "&amp", "&quot;", "\r\n", "<", ">", "=", "/", "%3Cscript%3E", "%", "x/y?z#w",
    "jar:x", "feed:javascript:x", "view-source:x", "&#106;avascript:x", "javascript&colon;x", "<math><mi>", "\ufeff<b>",
]
SAFE = re.compile(r"(https?:|mailto:|tel:|[^:/?#]*([/?#]|$))", re.I)


class Shape(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.shape, self.urls = [], []

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, tuple(name for name, _v in attrs)))
        self.urls += [v or "" for name, v in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag):
        self.shape.append(("/" + tag,))

    def handle_comment(self, data):
        self.shape.append(("comment",))

    def unknown_decl(self, data):
        self.shape.append(("declaration",))


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="bihuan-html-")
        gen = os.path.join(cls.dir.name, "gen")
        os.mkdir(gen)
        faults = genfile.Faults()
        files, _i, _a = gen_templates.compile_all({"page": ("page.html", PAGE), "row": ("row.html", ROW)}, faults)
        assert not faults.lines, faults.lines
        sources = [os.path.join(cls.dir.name, "main.c")]
        genfile.write_if_changed(sources[0], HARNESS)
        for name, (header, code) in files.items():
            genfile.write_if_changed(os.path.join(gen, f"html_{name}.h"), header)
            sources.append(os.path.join(gen, f"html_{name}.c"))
            genfile.write_if_changed(sources[-1], code)
        cls.program = os.path.join(cls.dir.name, "page")
        subprocess.run(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror",
                        "-fsanitize=address,undefined", "-I", os.path.join(ROOT, "src"), "-I", cls.dir.name,
                        "-o", cls.program] + sources + [LIB], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def shape(self, value):
        p = subprocess.run([self.program], input=value.encode(), capture_output=True, check=True)
        parser = Shape()
        parser.feed(p.stdout.decode())
        parser.close()
        return parser

    def test_hostile_text_adds_nothing(self):
        want = self.shape("x").shape
        self.assertGreater(len(want), 15)
        for value in HOSTILE:
            got = self.shape(value)
            self.assertEqual(got.shape, want, repr(value))
            for url in got.urls:
                cleaned = re.sub(r"[\x00-\x20]", "", url)
                self.assertTrue(SAFE.match(cleaned), (value, url))
                self.assertFalse(re.match(r"(//|[/\\]\\|\\\\)", cleaned), (value, url))


if __name__ == "__main__":
    unittest.main()
