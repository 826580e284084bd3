/*
 * duties: what falls on a person, for his list of duties and his letter: the same question
 * as `duties(person)` of an expression, asked by a door.
 */
#include "work/rec.h"

enum err duties_list(struct op *op, person_id person, const struct duty ***ret, size_t *ret_n)
{
	const struct work *w;
	const struct duty **duty;
	str *id;
	size_t n;

	if (!op->scope->system && op->scope->person.v != person.v)
		TRY(scope_require(op, CAP_SEE_UNIT));
	TRY(work_load(op, op->scope->tenant, &w));
	if (!ov_person(w->org, person))
		return ERR_NOTFOUND;
	n = duties_of(op, w, person, &id);
	duty = NEW_N(op->arena, n, const struct duty *);
	for (size_t i = 0; i < n; i++)
		duty[i] = policy_duty(w->policy, id[i]);
	*ret = duty;
	*ret_n = n;
	return ERR_OK;
}
