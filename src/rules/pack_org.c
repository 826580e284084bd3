/*
 * pack_org: what packs say about the organisation: clauses, kinds of units, links,
 * posts, bodies, catalogues and the calendar.
 */
#include "rules/pack_int.h"

/* --- clauses.yaml --- */

static const struct key clause_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "kind", 1, KEY_TEXT, offsetof(struct clause, kind), 0, NULL },
	{ "title", 1, KEY_TEXT, offsetof(struct clause, title), 0, NULL },
	{ "article", 1, KEY_TEXT, offsetof(struct clause, article), 0, NULL },
	{ "why", 1, KEY_TEXT, offsetof(struct clause, why), 0, NULL },
};
static const struct keys clause_table = KEYS("条款", clause_keys);
static const char *const clause_kinds[] = { "obligation", "rule",    "structure",
					    "goal",	  "context", NULL };
static const char *const clause_whys[] = { "context",	   "goal",    "structure", "authority",
					   "missing-text", "outside", NULL };

static void one_clause(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct clause c = { 0 };
	const struct yaml *v;
	int i;

	(void)ctx;
	meta_init(L, &c.m, y, id);
	c.m.basis = L->pack->basis;
	if (!keys_read(L, y, &clause_table, &c, &c.m) || !need_key(L, y, "kind", "条款") ||
	    !need_key(L, y, "title", "条款"))
		return;
	v = yaml_get(y, STR("kind"));
	(void)read_word(L, v, clause_kinds, &i);
	v = yaml_get(y, STR("why"));
	if (v)
		(void)read_word(L, v, clause_whys, &i);
	*VEC_PUSH(L->a, &L->clause) = c;
}

void load_clauses(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "条款", one_clause, NULL);
}

/* --- kinds.yaml, links.yaml --- */

static const struct key kind_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "tenant", 1, KEY_ID, offsetof(struct unit_kind, tenant), 0, NULL },
	{ "of", 1, KEY_WORDS, offsetof(struct unit_kind, of), 0, NULL },
};
static const struct keys kind_table = KEYS("单位类别", kind_keys);

static void one_kind(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct unit_kind k = { 0 };

	(void)ctx;
	if (is_removed(L, "kind", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &k.m, y, id);
	if (keys_read(L, y, &kind_table, &k, &k.m) && need_key(L, y, "tenant", "单位类别"))
		*VEC_PUSH(L->a, &L->unit_kind) = k;
}

void load_kinds(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "单位类别", one_kind, NULL);
}

static const struct key link_keys[] = {
	{ "from", 1, KEY_WORDS, offsetof(struct unit_link, from), 0, NULL },
	{ "to", 1, KEY_WORDS, offsetof(struct unit_link, to), 0, NULL },
	{ "max_up", 1, KEY_I32, offsetof(struct unit_link, max_up), 0, NULL },
	{ "roll_up", 1, KEY_BOOL, offsetof(struct unit_link, roll_up), 0, NULL },
	{ "witness", 1, KEY_BOOL, offsetof(struct unit_link, witness), 0, NULL },
	{ "by", 3, KEY_LATER, 0, 0, NULL },
	{ "roles", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys link_table = KEYS("单位关系", link_keys);

static void one_link(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct unit_link k = { 0 };

	(void)ctx;
	if (!str_eq(id, STR("spine"))) {
		BAD(L, "B190", y, "隶属（spine）以外的关系“%.*s”要到第 3 阶段才有（needs stage 3）",
		    STR_ARG(id));
		return;
	}
	meta_init(L, &k.m, y, id);
	if (!keys_read(L, y, &link_table, &k, &k.m))
		return;
	if (k.from.n == 0 || k.from.n != k.to.n)
		BAD(L, "B104", y, "隶属关系的 from 和 to 要一一对应");
	*VEC_PUSH(L->a, &L->unit_link) = k;
}

void load_links(struct loader *L, const struct yaml *doc)
{
	each_named(L, doc, "单位关系", one_link, NULL);
}

/* --- bodies.yaml --- */

static const struct key post_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "of", 1, KEY_ID, offsetof(struct post, of), 0, NULL },
	{ "head", 1, KEY_BOOL, offsetof(struct post, head), 0, NULL },
	{ "stand_in", 1, KEY_ID, offsetof(struct post, stand_in), 0, NULL },
	{ "includes", 1, KEY_WORDS, offsetof(struct post, includes), 0, NULL },
	{ "is", 1, KEY_WORDS, offsetof(struct post, is), 0, NULL },
	{ "alias", 1, KEY_WORDS, offsetof(struct post, alias), 0, NULL },
	{ "can", 1, KEY_WORDS, offsetof(struct post, can), 0, NULL },
};
static const struct keys post_table = KEYS("岗位", post_keys);

static void one_post(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct post p = { 0 };

	(void)ctx;
	if (is_removed(L, "post", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &p.m, y, id);
	if (keys_read(L, y, &post_table, &p, &p.m))
		*VEC_PUSH(L->a, &L->post) = p;
}

/* members: posts by id, or seats by name; seats: {name: how many}. */
static void body_members(struct loader *L, void *obj, const struct yaml *v)
{
	struct body *b = obj;
	struct seat *at = NEW_N(L->a, v->n + 1, struct seat);
	struct strs posts;

	if (!read_words(L, v, &posts))
		return;
	for (size_t i = 0; i < posts.n; i++)
		at[i].post = posts.at[i];
	b->member = at;
	b->member_n = posts.n;
}

static void body_seats(struct loader *L, void *obj, const struct yaml *v)
{
	struct body *b = obj;
	struct seat *at = NEW_N(L->a, b->member_n + v->n, struct seat);
	int64_t n;

	if (v->kind != YAML_MAP) {
		BAD(L, "B102", v, "席位要写成“名称: 人数”");
		return;
	}
	for (size_t i = 0; i < b->member_n; i++)
		at[i] = b->member[i];
	for (size_t i = 0; i < v->n; i++) {
		if (!read_i64(L, v->at[i], 1, 10000, &n))
			return;
		at[b->member_n + i] = (struct seat){ .name = v->key[i], .count = (int32_t)n };
	}
	b->member = at;
	b->member_n += v->n;
}

static const struct key body_keys[] = {
	{ "id", 1, KEY_SKIP, 0, 0, NULL },
	{ "per", 1, KEY_ID, offsetof(struct body, per), 0, NULL },
	{ "leader", 1, KEY_ID, offsetof(struct body, leader), 0, NULL },
	{ "deputies", 1, KEY_WORDS, offsetof(struct body, deputies), 0, NULL },
	{ "members", 1, KEY_SKIP, 0, 0, NULL },
	{ "seats", 1, KEY_SKIP, 0, 0, NULL },
	{ "host", 1, KEY_ID, offsetof(struct body, host), 0, NULL },
	{ "outside", 1, KEY_BOOL, offsetof(struct body, outside), 0, NULL },
	{ "alias", 1, KEY_WORDS, offsetof(struct body, alias), 0, NULL },
	{ "home", 3, KEY_LATER, 0, 0, NULL },
	{ "from", 3, KEY_LATER, 0, 0, NULL },
	{ "may_be", 3, KEY_LATER, 0, 0, NULL },
};
static const struct keys body_table = KEYS("组织", body_keys);

static void one_body(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	const struct yaml *v;
	struct body b = { 0 };

	(void)ctx;
	if (is_removed(L, "body", id) || !id_ok(L, y, id))
		return;
	meta_init(L, &b.m, y, id);
	if (!keys_read(L, y, &body_table, &b, &b.m))
		return;
	v = yaml_get(y, STR("members"));
	if (v)
		body_members(L, &b, v);
	v = yaml_get(y, STR("seats"));
	if (v)
		body_seats(L, &b, v);
	*VEC_PUSH(L->a, &L->body) = b;
}

static void posts_of(struct loader *L, void *obj, const struct yaml *v)
{
	(void)obj;
	each_named(L, v, "岗位", one_post, NULL);
}

static void bodies_of(struct loader *L, void *obj, const struct yaml *v)
{
	(void)obj;
	each_named(L, v, "组织", one_body, NULL);
}

static const struct key bodies_keys[] = {
	{ "posts", 1, KEY_FN, 0, 0, posts_of },
	{ "bodies", 1, KEY_FN, 0, 0, bodies_of },
};
static const struct keys bodies_table = KEYS("bodies.yaml ", bodies_keys);

void load_bodies(struct loader *L, const struct yaml *doc)
{
	(void)keys_read(L, doc, &bodies_table, L, NULL);
}

/* --- catalogues/NAME.yaml --- */

static const struct field *column_of(const struct catalogue *c, str name)
{
	for (size_t i = 0; i < c->column_n; i++)
		if (str_eq(c->column[i].m.id, name))
			return &c->column[i];
	return NULL;
}

/* Keys of an entry: id, title, window, clause, why, and the catalogue's own columns. */
static void entry_key(struct loader *L, const struct catalogue *c, struct entry *e, str key,
		      struct pos at, const struct yaml *v)
{
	const struct field *col = column_of(c, key);
	struct value val;
	int i;

	if (col) {
		if (!read_literal(L, v, col->type, &val))
			return;
		for (size_t n = 0; n < col->choice_n && val.kind == V_TEXT; n++) {
			if (str_eq(col->choice[n].value, val.text))
				break;
			if (n + 1 == col->choice_n)
				BAD(L, "B121", v, "列“%.*s”没有选项“%.*s”", STR_ARG(key),
				    STR_ARG(val.text));
		}
		vmap_set(L->a, &e->columns, key, val);
	} else if (str_eq(key, STR("title"))) {
		(void)read_text(L, v, &e->m.label);
	} else if (str_eq(key, STR("help"))) {
		(void)read_text(L, v, &e->m.help);
	} else if (str_eq(key, STR("window"))) {
		(void)read_window(L, v, &e->window);
	} else if (str_eq(key, STR("clause")) || str_eq(key, STR("clauses"))) {
		(void)read_words(L, v, &e->m.clauses);
	} else if (str_eq(key, STR("why"))) {
		if (read_word(L, v, clause_whys, &i))
			e->why = v->s;
	} else if (!str_eq(key, STR("id"))) {
		diag_add(L->op->arena, L->ds, "B103", at,
			 "条目里没有“%.*s”这个键；自己的列要先在 columns 里声明", STR_ARG(key));
	}
}

struct entries {
	struct catalogue *c;
	VEC(struct entry) at;
};

static void one_entry(struct loader *L, void *ctx, str id, const struct yaml *y)
{
	struct entries *list = ctx;
	struct entry e = { 0 };

	if (is_removed(L, "catalogue-entry",
		       str_fmt(L->a, "%.*s.%.*s", STR_ARG(list->c->m.id), STR_ARG(id))) ||
	    !id_ok(L, y, id))
		return;
	meta_init(L, &e.m, y, id);
	if (y->kind != YAML_MAP) {
		BAD(L, "B102", y, "条目要写成 {id: …, title: …}");
		return;
	}
	for (size_t i = 0; i < y->n; i++)
		entry_key(L, list->c, &e, y->key[i], pos_of_key(L, y, i), y->at[i]);
	if (str_empty(e.m.label) && str_empty(e.why))
		BAD(L, "B104", y, "条目“%.*s”没有标题，也没有说明为何空着（why: missing-text）",
		    STR_ARG(id));
	for (size_t i = 0; i < list->at.n; i++)
		if (str_eq(list->at.at[i].m.id, id))
			BAD(L, "B108", y, "条目“%.*s”重复", STR_ARG(id));
	*VEC_PUSH(L->a, &list->at) = e;
}

static void catalogue_add(struct loader *L, void *obj, const struct yaml *v)
{
	static const char *const who[] = { "unit", NULL };
	struct catalogue *c = obj;
	int i;

	c->add_unit = read_word(L, v, who, &i);
}

static void catalogue_hide(struct loader *L, void *obj, const struct yaml *v)
{
	struct catalogue *c = obj;

	c->hide = v->kind == YAML_SCALAR && str_eq(v->s, STR("unit"));
	if (!c->hide)
		(void)read_bool(L, v, &c->hide);
}

static const struct key catalogue_keys[] = {
	{ "id", 1, KEY_ID, offsetof(struct catalogue, m.id), 0, NULL },
	{ "title", 1, KEY_TEXT, offsetof(struct catalogue, m.label), 0, NULL },
	{ "edit", 1, KEY_WORDS, offsetof(struct catalogue, edit), 0, NULL },
	{ "add", 1, KEY_FN, 0, 0, catalogue_add },
	{ "hide", 1, KEY_FN, 0, 0, catalogue_hide },
	{ "slots", 1, KEY_I32, offsetof(struct catalogue, slots), 0, NULL },
	{ "columns", 1, KEY_SKIP, 0, 0, NULL },
	{ "entries", 1, KEY_SKIP, 0, 0, NULL },
};
static const struct keys catalogue_table = KEYS("目录", catalogue_keys);

void load_catalogue(struct loader *L, const struct yaml *doc)
{
	struct catalogue c = { 0 };
	struct entries list = { .c = &c };
	const struct yaml *v;

	meta_init(L, &c.m, doc, STR_NONE);
	if (!keys_read(L, doc, &catalogue_table, &c, &c.m) || !need_key(L, doc, "id", "目录") ||
	    !need_key(L, doc, "title", "目录") || is_removed(L, "catalogue", c.m.id))
		return;
	v = yaml_get(doc, STR("columns"));
	if (v)
		read_fields(L, v, true, "", &c.column, &c.column_n);
	v = yaml_get(doc, STR("entries"));
	if (v)
		each_named(L, v, "条目", one_entry, &list);
	c.entry = list.at.at;
	c.entry_n = list.at.n;
	if (c.slots && (size_t)c.slots != c.entry_n)
		BAD(L, "B125", yaml_get(doc, STR("slots")), "目录“%.*s”说有 %d 条，写了 %zu 条",
		    STR_ARG(c.m.label), (int)c.slots, c.entry_n);
	*VEC_PUSH(L->a, &L->catalogue) = c;
}
