/*
 * setup_words: the pack's names for reading lists: posts with their aliases, kinds of places,
 * roles of keepers. See setup.h.
 */
#include "web/page/setup.h"

#include "rules/diag.h"

/* Names under which schools write what the program needs. */
static const str owner_alias[] = { STR("责任人"), STR("负责人"), STR("管理人"), STR("管理员"), STR("责任教师"),
	STR("包干人") };
static const str daily_alias[] = { STR("巡查人"), STR("检查人"), STR("日常责任人"), STR("巡查责任人"),
	STR("巡查员"), STR("检查员"), STR("日常管理人") };
static const str recheck_alias[] = { STR("复核人"), STR("督查人"), STR("复查责任人") };
#define NAME(id_, label_) .id = { id_, sizeof(id_) - 1 }, .label = { label_, sizeof(label_) - 1 }
static const struct import_name roles[] = {
	{ NAME("owner", "责任人"), .alias = owner_alias, .alias_n = 6 },
	{ NAME("daily", "日查人"), .alias = daily_alias, .alias_n = 7 },
	{ NAME("recheck", "复查人"), .alias = recheck_alias, .alias_n = 3 },
};
static const struct import_name risks[] = {
	{ NAME("low", "低") }, { NAME("general", "一般") }, { NAME("larger", "较大") }, { NAME("major",
		"重大") },
};

enum err setup_offer(struct op *op, str *ret_pack, struct policy **ret_p)
{
	struct embedded_pack *all;
	size_t n = packs_shipped(op->arena, &all);

	for (size_t i = 0; i < n; i++) {
		struct diags ds = { 0 };
		struct policy *p;

		if (packs_compile_shipped(op, all[i].id, &ds, &p) != ERR_OK) {
			op_clear_error(op);
			continue;
		}
		/* What a school adopts itself: not the base that others extend. */
		for (size_t k = 0; k < p->pack_n; k++)
			if (str_eq(p->pack[k].id, all[i].id) && str_eq(p->pack[k].level,
				STR("school")) &&
			    p->pack[k].extends.n) {
				*ret_pack = all[i].id;
				*ret_p = p;
				return ERR_OK;
			}
	}
	return FAIL(op, ERR_NOTFOUND, "没有可以选用的制度方案");
}

enum err setup_policy(struct op *op, const struct policy **ret_p)
{
	const struct work *w;
	struct policy *p;
	str pack;

	TRY(page_work(op, &w));
	if (w) {
		*ret_p = w->policy;
		return ERR_OK;
	}
	TRY(setup_offer(op, &pack, &p));
	*ret_p = p;
	return ERR_OK;
}

/* A post that is held once in each class or grade. */
static enum import_where where_of(const struct policy *p, const struct post *post)
{
	for (size_t i = 0; i < p->body_n; i++) {
		const struct body *b = &p->body[i];

		if (!str_eq(b->leader, post->m.id))
			continue;
		if (str_eq(b->per, STR("class")))
			return IN_CLASS;
		if (str_eq(b->per, STR("grade")))
			return IN_GRADE;
	}
	return IN_UNIT;
}

static struct import_names posts_of(struct op *op, const struct policy *p)
{
	struct import_name *at = NEW_N(op->arena, p->post_n, struct import_name);
	size_t n = 0;

	for (size_t i = 0; i < p->post_n; i++)
		if (p->post[i].m.label.len && !p->post[i].is.n)
			at[n++] = (struct import_name){
				.id = p->post[i].m.id, .label = p->post[i].m.label,
				.alias = p->post[i].alias.at, .alias_n = p->post[i].alias.n,
				.where = where_of(p, &p->post[i]),
			};
	return (struct import_names){ at, n };
}

/* The column `alias` of an entry: other words for it, 、 between them. */
static void alias_of(struct arena *a, const struct entry *e, struct import_name *n)
{
	const struct value *v = vmap_get(&e->columns, STR("alias"));
	str rest = v && v->kind == V_TEXT ? v->text : STR("");
	VEC(str) alias = { 0 };
	static const str between = STR("、");

	while (rest.len) {
		ptrdiff_t at = str_find(rest, between, 0);
		*VEC_PUSH(a, &alias) = str_slice(rest, 0, at < 0 ? rest.len : (size_t)at);
		rest = at < 0 ? STR("") : str_slice(rest, (size_t)at + between.len, rest.len);
	}
	n->alias = alias.at;
	n->alias_n = alias.n;
}

static struct import_names entries_of(struct op *op, const struct policy *p, str catalogue)
{
	const struct catalogue *c = policy_catalogue(p, catalogue);
	struct import_name *at = NEW_N(op->arena, c ? c->entry_n : 0, struct import_name);
	size_t n = 0;

	for (size_t i = 0; c && i < c->entry_n; i++) {
		const struct value *risk = vmap_get(&c->entry[i].columns, STR("risk"));

		if (!c->entry[i].hidden && c->entry[i].m.label.len)
			at[n++] = (struct import_name){
				.id = c->entry[i].m.id, .label = c->entry[i].m.label,
				.risk = risk && risk->kind == V_TEXT ? risk->text : STR_NONE };
		else
			continue;
		alias_of(op->arena, &c->entry[i], &at[n - 1]);
	}
	return (struct import_names){ at, n };
}

/*
 * For a title that no document speaks of (会计, 图书管理员): the post that most others include.
 * Who holds it is asked what all are asked, and no more.
 */
static const struct import_name *other_post(const struct policy *p, const struct import_names *n)
{
	const struct import_name *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < n->n; i++) {
		size_t by = 0;
		for (size_t k = 0; k < p->post_n; k++)
			for (size_t j = 0; j < p->post[k].includes.n; j++)
				by += str_eq(p->post[k].includes.at[j], n->at[i].id);
		if (by > most) {
			most = by;
			best = &n->at[i];
		}
	}
	return best;
}

enum err setup_words(struct op *op, struct import_words *ret)
{
	const struct policy *p;

	TRY(setup_policy(op, &p));
	*ret = (struct import_words){
		.post = posts_of(op, p), .place_kind = entries_of(op, p, STR("place-kinds")),
		.staff_kind = entries_of(op, p, STR("staff-kinds")),
		.risk = { risks, 4 }, .role = { roles, 3 },
	};
	ret->other_post = other_post(p, &ret->post);
	return ERR_OK;
}
