"""The query generator: what it must refuse, and what it must not refuse."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import gen_queries  # noqa: E402
import genfile  # noqa: E402
import sqltext  # noqa: E402

SCHEMA = """
CREATE TABLE rec (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, place_id BIGINT NOT NULL, state TEXT NOT NULL,
	due_on INTEGER NOT NULL, h BYTEA NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE place (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE unit (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
"""


def tables():
    out = {}
    for name, kind in (("rec", "fact"), ("place", "fact"), ("unit", "reference")):
        out[name] = sqltext.Table(name, [kind], "x", 1)
        out[name].tenant = kind != "reference"
    return out


class TenantBinding(unittest.TestCase):
    """Rule 13: an accepted statement can touch one tenant only."""

    def bound(self, sql, n=1):
        self.assertEqual(sqltext.tenant_binding(sql, tables()), (n, []), sql)

    def refused(self, sql):
        self.assertTrue(sqltext.tenant_binding(sql, tables())[1], sql)

    def test_accepts(self):
        self.bound("SELECT id FROM rec WHERE tenant_id = $1")
        self.bound("SELECT r.id FROM rec AS r WHERE $2 = r.tenant_id AND r.id BETWEEN $1 AND $3", 2)
        self.bound("SELECT r.id FROM rec r JOIN place p ON p.tenant_id = r.tenant_id AND p.id = r.place_id "
                   "WHERE r.tenant_id = $1 AND (r.state = 'a' OR r.state = 'b')")
        self.bound("SELECT r.id FROM rec r LEFT JOIN place p ON p.tenant_id = $1 AND p.id = r.place_id "
                   "WHERE r.tenant_id = $1")
        self.bound("SELECT r.id FROM rec r, place p WHERE r.tenant_id = $1 AND p.tenant_id = r.tenant_id")
        self.bound("SELECT id FROM rec WHERE tenant_id = $1 AND place_id IN "
                   "(SELECT id FROM place WHERE tenant_id = $1)")
        self.bound("SELECT r.id FROM rec r WHERE r.tenant_id = $1 AND (r.state = 'x' OR EXISTS "
                   "(SELECT 1 FROM place p WHERE p.tenant_id = r.tenant_id AND p.id = r.place_id))")
        self.bound("WITH RECURSIVE t(id) AS (SELECT id FROM place WHERE tenant_id = $1 UNION ALL "
                   "SELECT p.id FROM place p JOIN t ON t.id = p.id WHERE p.tenant_id = $1) SELECT id FROM t")
        self.bound("UPDATE rec SET state = $3 WHERE tenant_id = $1 AND id = $2")
        self.bound("UPDATE rec AS r SET state = p.name FROM place AS p "
                   "WHERE r.tenant_id = $1 AND p.tenant_id = r.tenant_id")
        self.bound("DELETE FROM rec WHERE tenant_id = $1")
        self.bound("INSERT INTO rec (id, tenant_id) VALUES ($2, $1), ($3, $1) "
                   "ON CONFLICT (tenant_id, id) DO UPDATE SET state = excluded.state")
        self.bound("INSERT INTO rec (tenant_id, id) SELECT p.tenant_id, p.id FROM place p WHERE p.tenant_id = $1")
        self.bound("SELECT id FROM rec WHERE tenant_id = $1 UNION ALL SELECT id FROM place WHERE tenant_id = $1")
        self.bound("SELECT id FROM unit WHERE name = $1", 0)

    def test_refuses(self):
        self.refused("SELECT id FROM rec WHERE id = $1")
        self.refused("SELECT id FROM rec WHERE tenant_id = $1 OR id = $2")
        self.refused("SELECT id FROM rec WHERE (tenant_id = $1 OR id = $2)")
        self.refused("SELECT id FROM rec WHERE NOT tenant_id = $1")
        self.refused("SELECT id FROM rec WHERE tenant_id <= $1")
        self.refused("SELECT id FROM rec WHERE tenant_id = $1 + 1")
        self.refused("SELECT id FROM rec WHERE tenant_id = 7")
        self.refused("SELECT id FROM rec WHERE state = 'tenant_id = $1'")
        self.refused("SELECT id FROM rec -- tenant_id = $1\n")
        self.refused("SELECT r.id FROM rec r JOIN place p ON p.id = r.place_id WHERE r.tenant_id = $1")
        self.refused("SELECT r.id FROM rec r JOIN place p ON p.tenant_id = p.tenant_id WHERE r.tenant_id = $1")
        self.refused("SELECT r.id FROM rec r JOIN place p ON p.tenant_id = $2 WHERE r.tenant_id = $1")
        self.refused("SELECT id FROM rec WHERE tenant_id = $1 UNION SELECT id FROM place")
        self.refused("SELECT id FROM rec WHERE tenant_id = $1 AND place_id IN (SELECT id FROM place)")
        self.refused("SELECT id FROM rec WHERE EXISTS (SELECT 1 FROM place WHERE tenant_id = $1)")
        self.refused("SELECT CASE WHEN tenant_id = $1 THEN 1 ELSE 0 END FROM rec")
        self.refused("UPDATE rec SET tenant_id = $1")
        self.refused("DELETE FROM rec")
        self.refused("INSERT INTO rec (tenant_id, id) VALUES (7, $1)")
        self.refused("INSERT INTO rec (tenant_id, id) VALUES ($1, $2), (7, $3)")
        self.refused("INSERT INTO rec (tenant_id, id) SELECT p.id, p.id FROM place p WHERE p.tenant_id = $1")


class Signatures(unittest.TestCase):
    def faults_of(self, text):
        faults = genfile.Faults()
        db = sqltext.Database()
        self.assertIsNone(db.script(SCHEMA))
        types = dict(gen_queries.PLAIN, tenant_id=("tenant_id", "i", {"BIGINT"}))
        queries = sqltext.read_query_file("x.sql", text, faults)
        if not faults.lines:
            for i, q in enumerate(queries):
                gen_queries.examine(q, i, db, tables(), types, faults)
        return "\n".join(faults.lines)

    GOOD = ("-- name: rec_get :one\n-- in: tenant_id tenant, i64 id\n-- out: text state, day due_on, hash h\n"
            "SELECT state, due_on, h FROM rec WHERE tenant_id = $1 AND id = $2;\n")

    def test_good(self):
        self.assertEqual(self.faults_of(self.GOOD), "")

    def test_bad(self):
        for old, new, word in (
                ("i64 id", "i64 id, i64 more", "`in:` has 3"),
                (", hash h", "", "gives 3 columns"),
                ("text state,", "i64 state,", "is i64, but the column is TEXT"),
                ("hash h", "text h", "the column is BYTEA"),
                ("tenant_id tenant", "i64 tenant", "its type is tenant_id"),
                ("i64 id", "i64 default", "taken in C"),
                (":one", ":exec", "has no `-- out:`"),
                ("FROM rec", "FROM wreck", "no such table"),
                (" AND id = $2", " AND id = ?", "parameters are $1"),
                ("id = $2", "id = $2::bigint", "rule 4"),
                ("id = $2;", "id = $2; DELETE FROM rec;", "exactly one statement"),
                ("id = $2", "state LIKE $2", "ESCAPE"),
                ("id = $2", "id = $2 LIMIT 1", "LIMIT without ORDER BY"),
                (":one", ":first", "a head reads")):
            self.assertIn(old, self.GOOD)
            self.assertIn(word, self.faults_of(self.GOOD.replace(old, new)), new)

    def test_kinds(self):
        faults = genfile.Faults()
        found = {}
        sqltext._kinds_of_tables("x", "-- kind: fact\n-- why\nCREATE TABLE a (x);\nCREATE TABLE b (x);\n"
                                 "-- kind: fat\nCREATE TABLE c (x);\n", found, faults)
        self.assertEqual(found["a"].kind, "fact")
        self.assertEqual(len(faults.lines), 3)


if __name__ == "__main__":
    unittest.main()
