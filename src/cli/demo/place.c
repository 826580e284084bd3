/*
 * place: the units, people, posts, places and keepers of the demonstration, from one file
 * for each tenant. One operation a tenant: what was there when the instance began was
 * entered in one go, as an import does.
 *
 * A file: unit [code, kind, name]; units [code, kind, name, parent]; people [login, name,
 * number, kind, unit, joined, post@unit …]; places [code, kind, name, parent, risk, owner,
 * daily, recheck]; terms [year, no, from, to]. "-" is nobody.
 */
#include "cli/demo/demo_int.h"

#include <string.h>

#include "base/idgen.h"
#include "org/org.h"
#include "store/store.h"

struct unit_row {
	str code, name;
	unit_id id;
};
struct place_row {
	str code;
	place_id id;
};

struct org_file {
	struct demo *d;
	const char *path;
	const struct yaml *y;
	tenant_id tenant;
	str code, name;		/* of the unit itself; "" is as the file says */
	const struct yaml *more; /* further units, people and places; NULL */
	const struct yaml *family, *given; /* names in place of the file's; NULL */
	VEC(struct unit_row) unit;
	VEC(struct place_row) place;
	size_t actor_from; /* of demo.actor: this file's */
};

static enum err bad(struct op *op, const struct org_file *f, const struct yaml *at, const char *why)
{
	return FAIL(op, ERR_CORRUPT, "演示数据 %s:%u：%s", f->path, at->line, why);
}

static const struct unit_row *unit_of(const struct org_file *f, str code)
{
	for (size_t i = 0; i < f->unit.n; i++)
		if (str_eq(f->unit.at[i].code, code))
			return &f->unit.at[i];
	return NULL;
}

static void unit_known(struct org_file *f, str code, str name, unit_id id)
{
	struct unit_row *u = VEC_PUSH(f->d->op->arena, &f->unit);

	*u = (struct unit_row){ code, name, id };
}

/* --- units --- */

static int64_t units_from(const struct org_file *f)
{
	return f->d->started_ms - 3650 * MS_DAY;
}

static enum err tenant_make(struct op *op, struct org_file *f)
{
	const struct yaml *own = yaml_get(f->y, STR("unit"));
	unit_id id;

	if (!f->code.len)
		f->code = demo_word(own, 0);
	if (!f->name.len)
		f->name = demo_word(own, 2);
	TRY(org_tenant_add(op, &(struct new_unit){
		.kind = demo_word(own, 1), .code = f->code, .name = f->name,
		.from_ms = units_from(f),
	}, &id));
	f->tenant = (tenant_id){ id.v };
	unit_known(f, STR("-"), f->name, id);
	return ERR_OK;
}

static enum err units_add(struct op *op, struct org_file *f, const struct yaml *list)
{
	unit_id id;

	for (size_t i = 0; list && i < list->n; i++) {
		const struct yaml *y = list->at[i];
		const struct unit_row *parent = unit_of(f, y->n > 3 ? demo_word(y, 3) : STR("-"));

		if (!parent)
			return bad(op, f, y, "没有这个上级单位");
		TRY(org_unit_add(op, &(struct new_unit){
			.kind = demo_word(y, 1), .code = demo_word(y, 0), .name = demo_word(y, 2),
			.parent = parent->id, .position = (int32_t)f->unit.n,
			.from_ms = units_from(f),
		}, &id));
		unit_known(f, demo_word(y, 0), demo_word(y, 2), id);
	}
	return ERR_OK;
}

/* --- people --- */

static enum err appoint(struct op *op, struct org_file *f, const struct yaml *y, str post,
			struct actor_row *who, int64_t joined)
{
	str unit = post;
	str name = str_cut(&unit, '@');
	const struct unit_row *u = unit_of(f, unit.ptr ? unit : demo_word(y, 4));
	appointment_id id;

	if (!u)
		return bad(op, f, y, "没有这个部门或班级");
	TRY(org_appoint(op, &(struct new_appointment){
		.person = who->person, .post = name, .unit = u->id, .from_ms = joined,
		.to_ms = INSTANT_OPEN,
	}, &id));
	if (who->hat_n < sizeof(who->hat) / sizeof(who->hat[0]))
		who->hat[who->hat_n++] = id;
	who->posts = who->posts.len ? str_fmt(f->d->op->arena, "%.*s、%.*s", STR_ARG(who->posts),
					      STR_ARG(name))
				    : name;
	return ERR_OK;
}

static str person_name(const struct org_file *f, const struct yaml *y)
{
	size_t n = f->d->actor.n;

	if (!f->family)
		return demo_word(y, 1);
	return str_fmt(f->d->op->arena, "%.*s%.*s", STR_ARG(demo_word(f->family, n % f->family->n)),
		       STR_ARG(demo_word(f->given, (n * 5 + n / f->family->n) % f->given->n)));
}

static enum err person_add(struct op *op, struct org_file *f, const struct yaml *y)
{
	str name = person_name(f, y);
	struct demo *d = f->d;
	const struct unit_row *u = unit_of(f, demo_word(y, 4));
	int64_t joined;

	if (!u || !demo_time(d, demo_word(y, 5), &joined))
		return bad(op, f, y, "部门或来校日期不对");
	struct actor_row *who = VEC_PUSH(d->op->arena, &d->actor);
	*who = (struct actor_row){ .tenant = f->tenant,
				   .name = name,
				   .unit = u->name,
				   .login = str_fmt(d->op->arena, "%.*s.%.*s",
						    STR_ARG(demo_word(y, 0)), STR_ARG(f->code)) };
	TRY(org_person_add(op,
			   &(struct new_person){ .name = who->name,
						 .staff_no = demo_word(y, 2),
						 .kind = demo_word(y, 3),
						 .unit = u->id,
						 .joined_ms = joined },
			   &who->person));
	for (size_t i = 6; i < y->n; i++)
		TRY(appoint(op, f, y, demo_word(y, i), who, joined));
	return ERR_OK;
}

/* Who looks after the system and is nobody of the staff: an account without person. */
static void admin_add(struct org_file *f, const struct yaml *y)
{
	struct actor_row *who = VEC_PUSH(f->d->op->arena, &f->d->actor);

	*who = (struct actor_row){ .tenant = f->tenant,
				   .name = demo_word(y, 1),
				   .role = STR("admin"),
				   .posts = STR("系统管理员"),
				   .unit = f->unit.at[0].name,
				   .login = str_fmt(f->d->op->arena, "%.*s.%.*s",
						    STR_ARG(demo_word(y, 0)), STR_ARG(f->code)) };
}

/* --- places --- */

static const struct actor_row *keeper_of(const struct org_file *f, str login)
{
	str whole = str_fmt(f->d->op->arena, "%.*s.%.*s", STR_ARG(login), STR_ARG(f->code));

	for (size_t i = f->actor_from; i < f->d->actor.n; i++)
		if (str_eq(f->d->actor.at[i].login, whole))
			return &f->d->actor.at[i];
	return NULL;
}

static enum err keepers_add(struct op *op, struct org_file *f, const struct yaml *y, place_id place)
{
	static const char *const role[] = { "owner", "daily", "recheck" };
	keeper_id id;

	for (size_t i = 0; i < 3; i++) {
		str login = demo_word(y, 5 + i);
		const struct actor_row *who = keeper_of(f, login);

		if (!login.len || str_eq(login, STR("-")))
			continue;
		if (!who)
			return bad(op, f, y, "没有这个责任人");
		TRY(org_keeper_set(op, &(struct new_keeper){
			.place = place, .person = who->person, .role = str_of(role[i]),
			.from_ms = f->d->started_ms, .to_ms = INSTANT_OPEN,
		}, &id));
	}
	return ERR_OK;
}

static place_id place_of(const struct org_file *f, str code)
{
	for (size_t i = 0; i < f->place.n; i++)
		if (str_eq(f->place.at[i].code, code))
			return f->place.at[i].id;
	return (place_id){ 0 };
}

static enum err places_add(struct op *op, struct org_file *f, const struct yaml *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct yaml *y = list->at[i];
		struct new_place p = { .code = demo_word(y, 0),
				       .kind = demo_word(y, 1),
				       .name = demo_word(y, 2),
				       .parent = place_of(f, demo_word(y, 3)),
				       .risk = demo_word(y, 4),
				       .position = (int32_t)f->place.n + 1,
				       .from_ms = f->d->started_ms - 365 * MS_DAY };
		place_id id;

		TRY(org_place_add(op, &p, &id));
		struct place_row *row = VEC_PUSH(f->d->op->arena, &f->place);
		*row = (struct place_row){ p.code, id };
		TRY(keepers_add(op, f, y, id));
	}
	return ERR_OK;
}

static enum err terms_add(struct op *op, const struct org_file *f)
{
	const struct yaml *list = yaml_get(f->y, STR("terms"));

	for (size_t i = 0; list && i < list->n; i++) {
		const struct yaml *y = list->at[i];
		int64_t year, no;
		day_no from, to;

		if (!str_to_i64(demo_word(y, 0), &year) || !str_to_i64(demo_word(y, 1), &no) ||
		    !date_parse(demo_word(y, 2), &from) || !date_parse(demo_word(y, 3), &to))
			return bad(op, f, y, "学期写得不对");
		TRY(org_term_set(op, (int32_t)year, (int32_t)no, from, to));
	}
	return ERR_OK;
}

/* --- one tenant --- */

static enum err part_add(struct op *op, struct org_file *f, const struct yaml *part)
{
	const struct yaml *people = yaml_get(part, STR("people")),
			  *admins = yaml_get(part, STR("admins"));

	TRY(units_add(op, f, yaml_get(part, STR("units"))));
	for (size_t i = 0; people && i < people->n; i++)
		TRY(person_add(op, f, people->at[i]));
	for (size_t i = 0; admins && i < admins->n; i++)
		admin_add(f, admins->at[i]);
	return places_add(op, f, yaml_get(part, STR("places")));
}

static enum err file_run(struct op *op, void *arg)
{
	struct org_file *f = arg;
	TX_SCOPE(tx);

	op->tenant = (tenant_id){ idgen_next(op->idgen, op->now_ms) };
	TRY(tx_begin_write(op, op->tenant, &tx));
	TRY(tenant_make(op, f));
	TRY(part_add(op, f, f->y));
	if (f->more)
		TRY(part_add(op, f, f->more));
	TRY(terms_add(op, f));
	return tx_commit(&tx);
}

static enum err file_build(struct org_file *f, tenant_id *ret_tenant)
{
	struct demo *d = f->d;
	struct scope sc;
	struct op op;

	f->actor_from = d->actor.n;
	TRY(demo_yaml(d, f->path, &f->y));
	demo_op(d, NULL, &sc, &op);
	op.tenant = (tenant_id){ 0 };
	enum err e = writer_do(d->wr, &op, WOP_NORMAL, file_run, f);
	if (e)
		return FAIL(d->op, e, "%s：%s（%s）", f->path, op.errmsg, op.errat ? op.errat : "");
	*ret_tenant = f->tenant;
	arena_reset(d->one);
	return ERR_OK;
}

enum err demo_school_like_sy(struct demo *d, str code, str name, tenant_id *ret_tenant)
{
	struct org_file f = { .d = d, .path = "sy.yaml", .code = code, .name = name };
	const struct yaml *y;

	TRY(demo_yaml(d, "large.yaml", &f.more));
	TRY(demo_yaml(d, "routine.yaml", &y));
	f.family = yaml_get(yaml_get(y, STR("visitor")), STR("surnames"));
	f.given = yaml_get(yaml_get(y, STR("visitor")), STR("given"));
	return file_build(&f, ret_tenant);
}

static enum err holidays_run(struct op *op, void *arg)
{
	(void)arg;
	return org_holidays_ship(op);
}

enum err demo_holidays(struct demo *d)
{
	struct scope sc;
	struct op op;

	demo_op(d, NULL, &sc, &op);
	enum err e = writer_do(d->wr, &op, WOP_NORMAL, holidays_run, NULL);
	return e ? FAIL(d->op, e, "节假日：%s（%s）", op.errmsg, op.errat ? op.errat : "") : ERR_OK;
}

enum err demo_org_build(struct demo *d)
{
	static const char *const neighbours[] = { "wy.yaml", "bureau.yaml", "town.yaml" };
	tenant_id other;

	TRY(file_build(&(struct org_file){ .d = d, .path = "sy.yaml" }, &d->school));
	for (size_t i = 0; i < sizeof(neighbours) / sizeof(neighbours[0]); i++)
		TRY(file_build(&(struct org_file){ .d = d, .path = neighbours[i] }, &other));
	return demo_holidays(d);
}
