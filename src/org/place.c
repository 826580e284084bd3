/*
 * place: every room, store, yard and gate, as a tree, and who keeps it. A place is a
 * current row with the time in which it is open; a keeper has four times (see post.c).
 * A code is unique in the tenant: it is what a plaque shows and a person types.
 */
#include "org/org_int.h"

#include "gen/q_person.h"
#include "gen/q_place.h"
#include "gen/q_unit.h"

#define PLACE_DEPTH_MAX 16

static enum err clean_place(struct op *op, const struct new_place *p, struct new_place *ret)
{
	struct q_unit_get unit;

	*ret = *p;
	TRY(org_clean(op, "kind", p->kind, CODE_MAX_CHARS, "请选择区域类别。", &ret->kind));
	TRY(org_clean(op, "code", p->code, CODE_MAX_CHARS, "请填写区域编号。", &ret->code));
	TRY(org_clean(op, "name", p->name, NAME_MAX_CHARS, "请填写区域名称。", &ret->name));
	TRY(org_clean(op, "risk", p->risk, CODE_MAX_CHARS, NULL, &ret->risk));
	if (ret->unit.v == 0)
		ret->unit.v = op->tenant.v;
	if (q_unit_get(op, op->tenant, ret->unit, &unit))
		return INVALID(op, STR("unit"), "没有这个班级或部门。");
	if (ret->from_ms == 0)
		ret->from_ms = op->now_ms;
	return ERR_OK;
}

static enum err code_is_free(struct op *op, str code, place_id but)
{
	struct q_place_by_code there;
	enum err e = q_place_by_code(op, op->tenant, code, &there);

	if (e == ERR_OK && there.id.v != but.v)
		return INVALID(op, STR("code"), "区域编号 %.*s 已经用了，请换一个。", STR_ARG(code));
	return e == ERR_NOTFOUND ? ERR_OK : e;
}

/* The parent exists, and is not below the place itself. */
static enum err parent_fits(struct op *op, place_id parent, place_id self)
{
	struct q_place_get row;

	for (int depth = 0; parent.v; depth++) {
		if (parent.v == self.v || depth == PLACE_DEPTH_MAX)
			return INVALID(op, STR("parent"), "上级区域不能是它自己或它里面的区域。");
		if (q_place_get(op, op->tenant, parent, &row))
			return INVALID(op, STR("parent"), "没有这个上级区域。");
		parent = row.parent_id;
	}
	return ERR_OK;
}

static void place_facts(struct op *op, struct facts *f, const struct new_place *p, int64_t version)
{
	fact_i64(op, f, "version", version);
	fact_str(f, "kind", p->kind);
	fact_str(f, "code", p->code);
	fact_str(f, "name", p->name);
	fact_str(f, "risk", p->risk);
	fact_i64(op, f, "unit", p->unit.v);
	if (p->parent.v)
		fact_i64(op, f, "parent", p->parent.v);
}

enum err org_place_add(struct op *op, const struct new_place *p, place_id *ret_id)
{
	struct facts f = { .n = 0 };
	struct new_place c;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(clean_place(op, p, &c));
	TRY(code_is_free(op, c.code, (place_id){ 0 }));
	TRY(parent_fits(op, c.parent, (place_id){ 0 }));
	place_id id = { org_id(op) };
	TRY(q_place_add(op, &(struct q_place_add_in){
		.tenant = op->tenant, .id = id, .parent = c.parent, .unit = c.unit, .kind = c.kind,
		.code = c.code, .name = c.name, .risk = c.risk, .position = c.position,
		.opened_at = c.from_ms, .recorded_at = op->now_ms,
	}));
	place_facts(op, &f, &c, 1);
	fact_i64(op, &f, "from", c.from_ms);
	TRY(org_event(op, "place.add", "place", id.v, &f));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

enum err org_place_change(struct op *op, place_id id, int64_t version, const struct new_place *p)
{
	struct q_place_get was;
	struct facts f = { .n = 0 };
	struct new_place c;
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	if (q_place_get(op, op->tenant, id, &was))
		return FAIL(op, ERR_NOTFOUND, "没有这个区域。");
	TRY(clean_place(op, p, &c));
	TRY(code_is_free(op, c.code, id));
	TRY(parent_fits(op, c.parent, id));
	TRY(q_place_set(op, &(struct q_place_set_in){
		.tenant = op->tenant, .id = id, .version = version, .parent = c.parent,
		.unit = c.unit, .kind = c.kind, .code = c.code, .name = c.name, .risk = c.risk,
		.position = c.position,
	}, &changed));
	if (changed != 1)
		return FAIL(op, ERR_CONFLICT, "这个区域刚刚被别人改过，请刷新后再改。");
	place_facts(op, &f, &c, version + 1);
	TRY(org_event(op, "place.change", "place", id.v, &f));
	return tx_leave(&tx);
}

enum err org_place_close(struct op *op, place_id id, int64_t at_ms)
{
	struct q_keeper_roles *row;
	struct q_place_get was;
	struct facts f = { .n = 0 };
	int64_t changed;
	size_t n;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	if (q_place_get(op, op->tenant, id, &was))
		return FAIL(op, ERR_NOTFOUND, "没有这个区域。");
	if (at_ms <= was.opened_at)
		return INVALID(op, STR("at"), "停用的时间要在启用之后。");
	TRY(q_place_close(op, op->tenant, id, at_ms, &changed));
	if (changed != 1)
		return FAIL(op, ERR_CONFLICT, "这个区域已经停用。");
	TRY(q_keeper_roles(op, op->tenant, id, at_ms, &row, &n));
	for (size_t i = 0; i < n; i++)
		TRY(org_keeper_end(op, row[i].id, at_ms));
	fact_i64(op, &f, "to", at_ms);
	TRY(org_event(op, "place.close", "place", id.v, &f));
	return tx_leave(&tx);
}

/* ---- keepers ------------------------------------------------------------------ */

static enum err insert_keeper(struct op *op, keeper_id id, keeper_id first,
			      const struct new_keeper *k)
{
	return q_keeper_add(op, &(struct q_keeper_add_in){
		.tenant = op->tenant, .id = id, .place = k->place, .person = k->person,
		.role = k->role, .valid_from = k->from_ms, .valid_to = k->to_ms,
		.recorded_at = op->now_ms, .replaces = first,
	});
}

/* End one row as known now at `at_ms`: retract it, and keep what lies before. */
static enum err end_row(struct op *op, place_id place, str role,
			const struct q_keepers_of_place *was, int64_t at_ms)
{
	keeper_id first = was->replaces.v ? was->replaces : was->id;
	struct facts f = { .n = 0 };
	int64_t changed;

	TRY(q_keeper_retract(op, op->tenant, was->id, op->now_ms, &changed));
	if (at_ms > was->valid_from)
		TRY(insert_keeper(op, (keeper_id){ org_id(op) }, first,
				  &(struct new_keeper){ place, was->person_id, role,
							was->valid_from, at_ms }));
	fact_i64(op, &f, "place", place.v);
	fact_i64(op, &f, "person", was->person_id.v);
	fact_str(&f, "role", role);
	fact_span(op, &f, was->valid_from, at_ms);
	return org_event(op, "keeper.end", "keeper", first.v, &f);
}

/*
 * The place and the person are there. Of what is known of the role, whatever reaches into
 * [from, to) ends at from: a planned keeper is superseded by who is set over him.
 */
static enum err make_room(struct op *op, const struct new_keeper *k, keeper_id *ret_same)
{
	struct q_keepers_of_place *row;
	size_t n;

	TRY(q_keepers_of_place(op, op->tenant, k->place, k->role, &row, &n));
	for (size_t i = 0; i < n; i++) {
		if (row[i].valid_to <= k->from_ms || row[i].valid_from >= k->to_ms)
			continue;
		if (row[i].person_id.v == k->person.v && row[i].valid_from <= k->from_ms &&
		    row[i].valid_to == k->to_ms) {
			*ret_same = row[i].replaces.v ? row[i].replaces : row[i].id;
			continue;
		}
		TRY(end_row(op, k->place, k->role, &row[i], k->from_ms));
	}
	return ERR_OK;
}

static enum err keeper_fits(struct op *op, const struct new_keeper *k)
{
	struct q_person_get person;
	struct q_place_get place;

	if (q_place_get(op, op->tenant, k->place, &place) || place.closed_at <= k->from_ms)
		return INVALID(op, STR("place"), "没有这个区域，或者它已经停用。");
	if (q_person_get(op, op->tenant, k->person, &person) || person.left_at <= k->from_ms)
		return INVALID(op, STR("person"), "没有这个人，或者他已经离开。");
	return ERR_OK;
}

enum err org_keeper_set(struct op *op, const struct new_keeper *given, keeper_id *ret_id)
{
	struct new_keeper k = *given;
	struct facts f = { .n = 0 };
	keeper_id same = { 0 };
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "role", k.role, CODE_MAX_CHARS, "请选择是哪一种责任人。", &k.role));
	TRY(org_span(op, k.from_ms, &k.to_ms));
	TRY(keeper_fits(op, &k));
	TRY(make_room(op, &k, &same));
	keeper_id id = same;
	if (!same.v) {
		id.v = org_id(op);
		TRY(insert_keeper(op, id, (keeper_id){ 0 }, &k));
		fact_i64(op, &f, "place", k.place.v);
		fact_i64(op, &f, "person", k.person.v);
		fact_str(&f, "role", k.role);
		fact_span(op, &f, k.from_ms, k.to_ms);
		TRY(org_event(op, "keeper.set", "keeper", id.v, &f));
	}
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

enum err org_keeper_end(struct op *op, keeper_id id, int64_t at_ms)
{
	struct q_keepers_of_place *row;
	struct q_keeper_get any;
	size_t n, i;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	if (q_keeper_get(op, op->tenant, id, &any))
		return FAIL(op, ERR_NOTFOUND, "没有这条责任关系。");
	int64_t first = any.replaces.v ? any.replaces.v : id.v;
	TRY(q_keepers_of_place(op, op->tenant, any.place_id, any.role, &row, &n));
	for (i = 0; i < n; i++)
		if (row[i].id.v == first || row[i].replaces.v == first)
			break;
	if (i == n)
		return FAIL(op, ERR_NOTFOUND, "这条责任关系已经撤销。");
	if (at_ms >= row[i].valid_to)
		return FAIL(op, ERR_CONFLICT, "这条责任关系在那之前已经结束。");
	TRY(end_row(op, any.place_id, any.role, &row[i], at_ms));
	return tx_leave(&tx);
}
