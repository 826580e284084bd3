"""The template compiler: escaping follows the place, and what is unsafe does not compile."""

import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import gen_templates  # noqa: E402
import genfile  # noqa: E402

HEAD = ("{% field text t %}\n{% field int n %}\n{% field flag f %}\n{% field html h %}\n{% field list rows row %}\n"
        "{% field sub s row %}\n{% field list names text %}\n")
ROW = ("row.html", "{% field text title %}\n{% field flag late %}\n<li>{{ title }}</li>\n")
SHELL = ("shell.html",
         "{% field text title %}\n<!doctype html>\n<title>{{ title }}</title>\n<main>\n{% body %}\n</main>\n")


def compile_(body, head=HEAD):
    faults = genfile.Faults()
    sources = {"row": ROW, "shell": SHELL, "page": ("page.html", head + body)}
    files, icons, assets = gen_templates.compile_all(sources, faults)
    return files, faults.lines, icons, assets


class Templates(unittest.TestCase):
    def code(self, body, head=HEAD):
        files, faults, _i, _a = compile_(body, head)
        self.assertEqual(faults, [], body)
        code = re.sub(r"^#line.*\n", "", files["page"][1], flags=re.M)
        return code[code.index("\n{") + 3:code.rindex("}")]

    def refused(self, body, word="", head=HEAD):
        _f, faults, _i, _a = compile_(body, head)
        self.assertTrue(faults, body)
        self.assertIn(word, "\n".join(faults), body)

    def test_escapes_by_place(self):
        for body, call in (
                ("<p>{{ t }}</p>", "buf_add_html(out, v->t);"),
                ("<p title=\"{{ t }}\">", "buf_add_html(out, v->t);"),
                ("<p title='{{ t }}'>", "buf_add_html(out, v->t);"),
                ("<p class=\"tag tag-{{ t }}\">", "buf_add_html(out, v->t);"),
                ("<a href=\"{{ t }}\">", "buf_add_href(out, v->t);"),
                ("<a HREF = \"{{ t }}\">", "buf_add_href(out, v->t);"),
                ("<a href=\"/records/{{ t }}\">", "buf_add_url(out, v->t);"),
                ("<a href=\"/q?a={{ t }}&amp;b={{ n }}\">", "buf_add_url(out, v->t);"),
                ("<form action=\"/x/{{ t }}/steps\">", "buf_add_url(out, v->t);"),
                ("<button formaction=\"{{ t }}\">", "buf_add_href(out, v->t);"),
                ("<p hx-get=\"/x/{{ t }}\">", "buf_add_url(out, v->t);"),
                ("<p hx-post=\"{{ t }}\">", "buf_add_href(out, v->t);"),
                ("<img src=\"{{ t }}\" alt=\"\">", "buf_add_href(out, v->t);"),
                ("<use href=\"#{{ t }}\"/>", "buf_add_url(out, v->t);"),
                ("<title>{{ t }}</title>", "buf_add_html(out, v->t);"),
                ("<textarea name=\"a\">{{ t }}</textarea>", "buf_add_html(out, v->t);"),
                ("<p>{{ n }}", "buf_add_i64(out, v->n);"),
                ("<p>{{ h }}", "buf_add(out, v->h.bytes);"),
                ("<input type=\"{{ t }}\">", "buf_add_html(out, v->t);")):
            self.assertIn(call, self.code(body), body)

    def test_refuses_unsafe_places(self):
        for body in (
                "<script>{{ t }}</script>", "<script>alert(1)</script>", "<script src=\"{{ t }}\"></script>",
                "<script type=\"application/json\">{{ t }}</script>", "<style>{{ t }}</style>", "<style>a{}</style>",
                "<p style=\"color:{{ t }}\">", "<p style=\"a\">", "<p onclick=\"{{ t }}\">", "<p ONCLICK=\"x\">",
                "<p onclick = 'x'>", "<p hx-on:click=\"x\">", "<p hx-on=\"x\">", "<p hx-vals='{\"a\":\"{{ t }}\"}'>",
                "<p class={{ t }}>", "<p class=a>", "<p {{ t }}>",
                "<p {{ t }}=\"a\">", "<{{ t }}>", "<p data-{{ t }}=\"a\">",
                "</{{ t }}>", "<!-- {{ t }} -->", "<iframe srcdoc=\"{{ t }}\"></iframe>", "<p srcdoc=\"{{ t }}\">",
                "<object data=\"{{ t }}\"></object>", "<base href=\"/\">",
                "<svg><set attributeName=\"href\" to=\"{{ t }}\"/>",
                "<img srcset=\"{{ t }}\">", "<meta http-equiv=\"refresh\" content=\"{{ t }}\">",
                "<a href=\"javascript:{{ t }}\">", "<a href=\"javascript:alert(1)\">", "<a href=\"JaVaScript:x\">",
                "<a href=\" javascript:x\">", "<a href=\"java{{ t }}\">", "<a href=\"//{{ t }}\">",
                "<a href=\"/\\{{ t }}\">", "<a href=\"https://{{ t }}/\">", "<a href=\"{{ t }}{{ t }}\">",
                "<a href=\"{{ t }}/x\">", "<a href=\"{{ n }}\">", "<a href=\"data:text/html,x\">",
                "<a href=\"{% if f %}java{% end %}script:{{ t }}\">", "<a href=\"{{ h }}\">", "<p title=\"{{ h }}\">",
                "<textarea>{{ h }}</textarea>", "<title>{{ h }}</title>", "<title><b></title>", "{{ f }}", "{{ rows }}",
                "a < b", "a <3", "<p title=\"a", "<p", "<pre>", "<a href=\"x\"href=\"/\">", "<p title=\"a\"{{ t }}>",
                "<link rel=\"stylesheet\" href=\"{{ t }}\">", "<p xlink:on=\"x\" @click=\"x\">", "<p :class=\"x\">"):
            self.refused(body)

    def test_branches_end_where_they_began(self):
        for body in (
                "<p {% if f %}title=\"{% end %}\">", "{% if f %}<p{% end %}>", "<p title=\"{% if f %}\"{% end %}>",
                "{% if f %}<p title=\"{% else %}<p title='{% end %}x\">", "{% if f %}<title>{% end %}x",
                "{% for r in rows %}<p title=\"{% end %}\">", "{% if f %}<textarea>{% end %}",
                "<a {% if f %}href{% else %}title{% end %}=\"{{ t }}\">",
                "<a {% if f %}href=\"{% else %}title=\"{% end %}{{ t }}\">", "<a href=\"{% if f %}/{% end %}{{ t }}\">",
                "<a href=\"{% if f %}javascript:{% else %}/{% end %}{{ t }}\">", "{% if f %}", "{% end %}",
                "{% else %}", "{% if f %}{% else %}{% else %}{% end %}", "<p {% if f %}sel{% end %}ected>"):
            self.refused(body)
        for body in (
                "<option value=\"1\"{% if f %} selected{% end %}>x</option>",
                "<p{% if f %} title=\"{{ t }}\"{% end %} id=\"x\">",
                "<p class=\"a{% if f %} b{% else %} c{% end %}\">", "<a href=\"/x{% if f %}?t={{ t }}{% end %}\">",
                "<a href=\"{% if f %}/a/{{ t }}{% else %}/b{% end %}\">",
                "{% if f %}<b>{{ t }}</b>{% elif n %}x{% end %}",
                "<input {% if f %}checked{% end %}>"):
            self.code(body)

    def test_statements(self):
        self.assertIn("if ((v->t.len != 0) && !(v->f)) {", self.code("{% if t and not f %}x{% end %}"))
        self.assertIn('if (str_eq(v->t, STR("a b"))) {', self.code("{% if t == \"a b\" %}x{% end %}"))
        self.assertIn("if (!(v->n == 3)) {", self.code("{% if n != 3 %}x{% end %}"))
        code = self.code("{% for r in rows %}{% if r.late %}!{% end %}{% include row r %}{% else %}none{% end %}")
        for part in ("i1 < v->rows_n", "if ((&v->rows[i1])->late) {",
                     "html_row(out, (&v->rows[i1]));", "if (v->rows_n == 0) {"):
            self.assertIn(part, code)
        self.assertIn("buf_add_html(out, v->names[i1]);", self.code("{% for x in names %}{{ x }}{% end %}"))
        self.assertIn("buf_add_html(out, v->s->title);", self.code("{% if s %}{{ s.title }}{% end %}"))
        self.assertIn("if (v->s)", self.code("{% include row s %}"))
        self.assertIn('html_row(out, &(struct html_row){ .title = v->t, .late = v->f });',
                      self.code("{% include row title=t late=f %}"))
        self.refused("{{ s.title }}", "may be missing")
        self.refused("{% if not s %}{{ s.title }}{% end %}", "may be missing")
        self.refused("{% if s or f %}{{ s.title }}{% end %}", "may be missing")
        self.refused("{% if s %}a{% end %}{{ s.title }}", "may be missing")
        for body in ("{{ nope }}", "{{ t.x }}", "{{ v->t }}", "{{ t); evil(); }}",
                     "{% include row t %}", "{% include no t %}",
                     "{% include row title=t %}", "{% include row title=n late=f %}", "{% for t in rows %}{% end %}",
                     "{% for r in t %}{% end %}", "{% wat %}", "x{% field text z %}", "{{ t", "t }}",
                     "{% if t and f or n %}{% end %}",
                     "{% if t == n %}{% end %}", "<p title=\"{% include row s %}\">", "{% body x %}"):
            self.refused(body)
        self.refused("x", "cannot be the name", "{% field text default %}\n")
        self.refused("x", "stands twice", "{% field text a %}\n{% field int a %}\n")
        self.assertIn("buf_add_i64(out, (int64_t)v->rows_n);", self.code("{{ rows_n }}"))
        self.refused("x", "needs no field", "{% field list a row %}\n{% field int a_n %}\n")
        self.refused("x", "no template", "{% field list a nothing %}\n")

    def test_layout_icons_assets(self):
        files, faults, icons, assets = compile_(
            "<p>{% icon alert-triangle %}{% icon = t %}<img src=\"{% asset a.png %}\" alt=\"\"></p>",
            "{% layout shell %}\n{% field text t %}\n")
        self.assertEqual(faults, [])
        header, code = files["page"]
        self.assertIn("struct html_shell shell;", header)
        self.assertLess(code.index("html_shell_begin(out, &v->shell);"), code.index("html_shell_end(out, &v->shell);"))
        self.assertIn("alert-triangle", icons)
        self.assertEqual(set(assets), {"sprite.svg", "a.png"})
        self.assertIn("ASSET_A_PNG", code)
        self.refused("<p {% icon bell %}>")
        self.refused("<p>{% asset x.css %}")

    def test_blanks(self):
        body = "<ul>\n\t{% for r in rows %}\n\t\t<li>{{ r.title }}\n\t{% end %}\n</ul>\n"
        code = self.code(body)
        self.assertEqual(re.findall(r'"((?:[^"\\]|\\.)*)"', code), ["<ul>\\n", "<li>", "\\n", "</ul>\\n"], code)
        self.assertIn('"  a\\n"', self.code("<pre>\n  a\n</pre>"))
        self.assertIn('" x"', self.code("{% icon bell %} x"))

    def test_lines(self):
        _files, faults, _i, _a = compile_("<p>\n</p>\n\n{{ nope }}\n")
        self.assertIn(f"page.html:{HEAD.count(chr(10)) + 4}:", faults[0])


if __name__ == "__main__":
    unittest.main()
