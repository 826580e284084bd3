"""The lint itself: planted faults that each rule must see, and what it must leave alone."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import genfile  # noqa: E402
import lint  # noqa: E402
import lint_coverage  # noqa: E402


class Rules(unittest.TestCase):
    def include(self, path, include):
        faults = genfile.Faults()
        lint.include_ok(lint.Layers(), path, path.split("/")[1], 1, include, faults)
        return faults.lines

    def test_layers(self):
        for path, include in (("src/rules/a.c", "store/store.h"), ("src/auth/a.c", "org/org.h"),
                              ("src/base/a.c", "rules/pack.h"), ("src/web/a.c", "api/api.h"),
                              ("src/web/a.c", "gen/q_record.h"), ("src/rules/a.c", "gen/q_record.h"),
                              ("src/work/a.c", "gen/html_row.h"), ("src/work/a.c", "store/store_int.h"),
                              ("src/web/a.c", "store.h")):
            self.assertTrue(self.include(path, include), (path, include))
        for path, include in (("src/rules/a.c", "base/str.h"), ("src/work/a.c", "gen/q_record.h"),
                              ("src/web/page/a.c", "gen/html_row.h"), ("src/cli/a.c", "web/web.h"),
                              ("src/store/a.c", "store/store_int.h"), ("src/store/a.c", "gen/schema.h")):
            self.assertEqual(self.include(path, include), [], (path, include))

    def test_punctuation(self):
        for bad in ("已关闭,请重试", "时间: 今天", "时间:今天", "真的吗?", "（一)次", "好;坏", "说明(选填)", "用户!"):
            self.assertTrue(lint.bad_punctuation(bad), bad)
        for good in ("三(2)班，四(11)班。", "8:00 到 9:30", "已关闭，请重试。", "bihuan: 磁盘满", "写成“列: 值”",
                     "https://例子.cn/a?b", "100% 完成", "3.5 米", "共 3 项（其中 1 项逾期）"):
            self.assertFalse(lint.bad_punctuation(good), good)

    def test_blanked(self):
        text = 'a("x; /* y */"); /* gets( */ b\n// c\nd'
        self.assertEqual(lint.blanked(text).count("\n"), text.count("\n"))
        self.assertNotIn("gets", lint.blanked(text))
        self.assertIn('"x; /* y */"', lint.blanked(text, True))

    def test_rows_of_doors(self):
        self.assertTrue(lint_coverage.matches("/records/:id/steps", "/records/{h}/steps"))
        self.assertFalse(lint_coverage.matches("/records/:id", "/records/{h}/steps"))
        row = lint_coverage.ROW.match("bad  x.sy POST /a/b?c=1  d=2")
        self.assertEqual(row.groups(), ("bad", None, "POST", "/a/b"))


if __name__ == "__main__":
    unittest.main()
