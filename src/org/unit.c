/*
 * unit: the tenant's own unit and the bodies that live in it (classes, departments).
 * Units are reference rows: a current row with the time in which it exists; their past
 * is in the ledger. A code is unique within its tenant, that of a tenant in the instance.
 */
#include "org/org_int.h"

#include <assert.h>

#include "gen/q_unit.h"

static enum err clean_unit(struct op *op, const struct new_unit *u, struct new_unit *ret)
{
	*ret = *u;
	TRY(org_clean(op, "kind", u->kind, CODE_MAX_CHARS, "请选择单位类别。", &ret->kind));
	TRY(org_clean(op, "code", u->code, CODE_MAX_CHARS, "请填写单位代码。", &ret->code));
	TRY(org_clean(op, "name", u->name, NAME_MAX_CHARS, "请填写单位名称。", &ret->name));
	if (ret->from_ms == 0)
		ret->from_ms = op->now_ms;
	return ERR_OK;
}

static enum err insert_unit(struct op *op, unit_id id, const struct new_unit *u)
{
	struct facts f = { .n = 0 };

	TRY(q_unit_add(op, &(struct q_unit_add_in){
		.id = id, .tenant = op->tenant, .parent = u->parent, .kind = u->kind,
		.code = u->code, .name = u->name, .position = u->position, .valid_from = u->from_ms,
	}));
	fact_str(&f, "kind", u->kind);
	fact_str(&f, "code", u->code);
	fact_str(&f, "name", u->name);
	if (u->parent.v)
		fact_i64(op, &f, "parent", u->parent.v);
	fact_i64(op, &f, "from", u->from_ms);
	return org_event(op, "unit.add", "unit", id.v, &f);
}

enum err org_tenant_add(struct op *op, const struct new_unit *u, unit_id *ret_id)
{
	struct q_tenant_by_code there;
	struct new_unit c;
	TX_SCOPE(tx);

	if (op->tenant.v == 0)
		op->tenant.v = org_id(op);
	assert(op->tenant.v != INSTANCE_TENANT.v);
	TRY(tx_join(op, &tx));
	TRY(clean_unit(op, u, &c));
	enum err e = q_tenant_by_code(op, c.code, &there);
	if (e == ERR_OK)
		return INVALID(op, STR("code"), "代码“%.*s”已经被%.*s用了，请换一个。",
			       STR_ARG(c.code), STR_ARG(there.name));
	if (e != ERR_NOTFOUND)
		return e;
	TRY(insert_unit(op, (unit_id){ op->tenant.v }, &c));
	TRY(tx_leave(&tx));
	ret_id->v = op->tenant.v;
	return ERR_OK;
}

/* A unit of this tenant that exists; ERR_NOTFOUND without a word else. */
static enum err parent_exists(struct op *op, unit_id id)
{
	struct q_unit_get row;
	enum err e = q_unit_get(op, op->tenant, id, &row);

	if (e == ERR_NOTFOUND)
		return INVALID(op, STR("parent"), "上级单位不在本单位里。");
	return e;
}

enum err org_unit_add(struct op *op, const struct new_unit *u, unit_id *ret_id)
{
	struct q_unit_by_code there;
	struct new_unit c;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(clean_unit(op, u, &c));
	if (c.parent.v == 0)
		c.parent.v = op->tenant.v;
	TRY(parent_exists(op, c.parent));
	enum err e = q_unit_by_code(op, op->tenant, c.code, &there);
	if (e == ERR_OK)
		return INVALID(op, STR("code"), "代码“%.*s”已经有了，请换一个。", STR_ARG(c.code));
	if (e != ERR_NOTFOUND)
		return e;
	unit_id id = { org_id(op) };
	TRY(insert_unit(op, id, &c));
	TRY(tx_leave(&tx));
	*ret_id = id;
	return ERR_OK;
}

enum err org_unit_rename(struct op *op, unit_id id, str name)
{
	struct q_unit_get row;
	struct facts f = { .n = 0 };
	int64_t changed;
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	TRY(org_clean(op, "name", name, NAME_MAX_CHARS, "请填写单位名称。", &name));
	if (q_unit_get(op, op->tenant, id, &row))
		return FAIL(op, ERR_NOTFOUND, "没有这个班级或部门。");
	TRY(q_unit_rename(op, op->tenant, id, name, &changed));
	if (changed == 0)
		return tx_leave(&tx);	/* it bears that name already */
	fact_str(&f, "was", row.name);
	fact_str(&f, "name", name);
	TRY(org_event(op, "unit.rename", "unit", id.v, &f));
	return tx_leave(&tx);
}
