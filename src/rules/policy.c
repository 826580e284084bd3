/*
 * policy: look-ups in the compiled composition. Arrays are small (tens to a few
 * hundred) and are read by id once per operation, so a linear scan over contiguous
 * structs beats an index that would have to be built and kept. Nothing here changes
 * anything.
 */
#include "rules/policy.h"

#include <assert.h>

#define FIND(array, count, wanted)                                                                 \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (count); i_++)                                            \
			if (str_eq((array)[i_].m.id, (wanted)))                                    \
				return &(array)[i_];                                               \
		return NULL;                                                                       \
	} while (0)

const struct clause *policy_clause(const struct policy *p, str id)
{
	FIND(p->clause, p->clause_n, id);
}

const struct parameter *policy_parameter(const struct policy *p, str id)
{
	FIND(p->parameter, p->parameter_n, id);
}

const struct catalogue *policy_catalogue(const struct policy *p, str id)
{
	FIND(p->catalogue, p->catalogue_n, id);
}

const struct entry *catalogue_entry(const struct catalogue *c, str id)
{
	assert(c);
	FIND(c->entry, c->entry_n, id);
}

static bool strs_hold(const struct strs *list, str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], s))
			return true;
	return false;
}

/* By id first, then by what people call it: an alias never shadows an id. */
const struct post *policy_post(const struct policy *p, str id)
{
	if (str_empty(id))
		return NULL;
	for (size_t i = 0; i < p->post_n; i++)
		if (str_eq(p->post[i].m.id, id))
			return &p->post[i];
	for (size_t i = 0; i < p->post_n; i++)
		if (str_eq(p->post[i].m.label, id) || strs_hold(&p->post[i].alias, id))
			return &p->post[i];
	return NULL;
}

const struct body *policy_body(const struct policy *p, str id)
{
	FIND(p->body, p->body_n, id);
}

const struct loop *policy_loop(const struct policy *p, str id)
{
	FIND(p->loop, p->loop_n, id);
}

const struct duty *policy_duty(const struct policy *p, str id)
{
	FIND(p->duty, p->duty_n, id);
}

const struct indicator *policy_indicator(const struct policy *p, str id)
{
	FIND(p->indicator, p->indicator_n, id);
}

const struct print *policy_print(const struct policy *p, str id)
{
	FIND(p->print, p->print_n, id);
}

const struct roster *policy_roster(const struct policy *p, str id)
{
	FIND(p->roster, p->roster_n, id);
}

const struct require *policy_require(const struct policy *p, str code)
{
	FIND(p->require, p->require_n, code);
}

const struct node_spec *policy_node(const struct policy *p, str id)
{
	FIND(p->node, p->node_n, id);
}

const struct period_spec *policy_period(const struct policy *p, str id)
{
	FIND(p->period, p->period_n, id);
}

const struct unit_kind *policy_unit_kind(const struct policy *p, str id)
{
	FIND(p->unit_kind, p->unit_kind_n, id);
}

const struct field *loop_field(const struct loop *lp, str name)
{
	assert(lp);
	FIND(lp->field, lp->field_n, name);
}

int loop_state(const struct loop *lp, str name)
{
	for (size_t i = 0; i < lp->state_n; i++)
		if (str_eq(lp->state[i].m.id, name))
			return (int)i;
	return -1;
}

int loop_step_index(const struct loop *lp, str name)
{
	for (size_t i = 0; i < lp->step_n; i++)
		if (str_eq(lp->step[i].m.id, name))
			return (int)i;
	return -1;
}

str choice_label(const struct policy *p, const struct field *f, str value)
{
	const struct catalogue *c;
	const struct entry *e;

	for (size_t i = 0; i < f->choice_n; i++)
		if (str_eq(f->choice[i].value, value))
			return str_empty(f->choice[i].label) ? value : f->choice[i].label;
	c = str_empty(f->of_catalogue) ? NULL : policy_catalogue(p, f->of_catalogue);
	e = c ? catalogue_entry(c, value) : NULL;
	return e && !str_empty(e->m.label) ? e->m.label : value;
}

struct pos policy_pos(const struct policy *p, const void *what, struct pos otherwise)
{
	size_t lo = 0, hi = p->written_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((uintptr_t)p->written[mid].what < (uintptr_t)what)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->written_n && p->written[lo].what == what ? p->written[lo].pos : otherwise;
}

/* Law before superior before internal before none; the order of the enum. */
enum basis policy_basis(const struct policy *p, const struct meta *m)
{
	enum basis best = BASIS_UNSET;

	if (m->basis != BASIS_UNSET)
		return m->basis;
	for (size_t i = 0; i < m->clauses.n; i++) {
		const struct clause *c = policy_clause(p, m->clauses.at[i]);

		if (c && c->m.basis != BASIS_UNSET && (best == BASIS_UNSET || c->m.basis < best))
			best = c->m.basis;
	}
	if (best != BASIS_UNSET)
		return best;
	for (size_t i = 0; i < p->pack_n; i++)
		if (str_eq(p->pack[i].id, m->pack) && p->pack[i].basis != BASIS_UNSET)
			return p->pack[i].basis;
	return BASIS_NONE;
}

const char *basis_word(enum basis b)
{
	switch (b) {
	case BASIS_UNSET:
		return "";
	case BASIS_LAW:
		return "law";
	case BASIS_SUPERIOR:
		return "superior";
	case BASIS_INTERNAL:
		return "internal";
	case BASIS_NONE:
		return "none";
	}
	return "";
}

const char *basis_say(enum basis b)
{
	switch (b) {
	case BASIS_UNSET:
		return "";
	case BASIS_LAW:
		return "法律法规";
	case BASIS_SUPERIOR:
		return "上级要求";
	case BASIS_INTERNAL:
		return "校内制度";
	case BASIS_NONE:
		return "建议";
	}
	return "";
}

static const char *const ftype_words[] = {
	[F_TEXT] = "text",
	[F_NOTE] = "note",
	[F_INT] = "int",
	[F_DECIMAL] = "decimal",
	[F_MONEY] = "money",
	[F_PERCENT] = "percent",
	[F_DATE] = "date",
	[F_TIME] = "time",
	[F_INSTANT] = "instant",
	[F_DURATION] = "duration",
	[F_CHOICE] = "choice",
	[F_CHOICES] = "choices",
	[F_FLAG] = "flag",
	[F_PERSON] = "person",
	[F_PEOPLE] = "people",
	[F_POST] = "post",
	[F_PLACE] = "place",
	[F_UNIT] = "unit",
	[F_CLASS] = "class",
	[F_ASSET] = "asset",
	[F_PERIOD] = "period",
	[F_RECORD] = "record",
	[F_RECORDS] = "records",
	[F_FILES] = "files",
	[F_SIGNATURES] = "signatures",
	[F_ROWS] = "rows",
	[F_CHECKLIST] = "checklist",
	[F_PARAMETERS] = "parameters",
	[F_PHONE] = "phone",
	[F_MASKED] = "masked",
	[F_COMPUTED] = "computed",
	[F_INTERVAL] = "interval",
	[F_WHO] = "who",
	[F_LIST] = "list",
	[F_TABLE] = "table",
};
#define FTYPE_N (sizeof(ftype_words) / sizeof(*ftype_words))

const char *ftype_word(enum ftype t)
{
	assert((size_t)t < FTYPE_N);
	return ftype_words[t];
}

bool ftype_parse(str s, enum ftype *ret_t)
{
	for (size_t i = 0; i < FTYPE_N; i++)
		if (str_eq(str_of(ftype_words[i]), s)) {
			*ret_t = (enum ftype)i;
			return true;
		}
	return false;
}

const char *const keeper_roles[KEEPER_ROLES] = { "owner", "daily", "recheck" };

bool policy_keeper_role(const struct policy *p, str role)
{
	for (size_t i = 0; i < KEEPER_ROLES; i++)
		if (str_eq(role, str_of(keeper_roles[i])))
			return true;
	for (size_t i = 0; p && i < p->require_n; i++) {
		const struct require *r = &p->require[i];

		for (size_t k = 0; r->need == NEED_KEEPER && k < r->role_n; k++)
			if (str_eq(r->role[k].role, role))
				return true;
	}
	return false;
}
