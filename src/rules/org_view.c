/*
 * org_view: look-ups in the plain arrays by which the rules see the organisation. The
 * arrays are sorted by who filled them (org_view.h), so that each look-up is a binary
 * search: evaluating people for a page of records must not walk a whole school each time.
 */
#include "rules/org_view.h"

#include <assert.h>

const struct ov_person *ov_person(const struct org_view *v, person_id id)
{
	size_t lo = 0, hi = v ? v->person_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->person[mid].id.v < id.v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return v && lo < v->person_n && v->person[lo].id.v == id.v ? &v->person[lo] : NULL;
}

const struct ov_unit *ov_unit(const struct org_view *v, unit_id id)
{
	size_t lo = 0, hi = v ? v->unit_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->unit_at[mid].id.v < id.v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return v && lo < v->unit_n && v->unit_at[lo].id.v == id.v ? &v->unit_at[lo] : NULL;
}

const struct ov_place *ov_place(const struct org_view *v, place_id id)
{
	size_t lo = 0, hi = v ? v->place_n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->place[mid].id.v < id.v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return v && lo < v->place_n && v->place[lo].id.v == id.v ? &v->place[lo] : NULL;
}

size_t ov_appointments(const struct org_view *v, person_id p, size_t *ret_first)
{
	size_t lo = 0, hi = v ? v->appointment_n : 0, n = 0;

	assert(ret_first);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->appointment[mid].person.v < p.v)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (v && lo + n < v->appointment_n && v->appointment[lo + n].person.v == p.v)
		n++;
	*ret_first = lo;
	return n;
}

bool ov_absent(const struct org_view *v, person_id p, int64_t at_ms, person_id *ret_stand_in)
{
	size_t lo = 0, hi = v ? v->absence_n : 0;
	bool absent = false;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->absence[mid].person.v < p.v)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; v && lo < v->absence_n && v->absence[lo].person.v == p.v; lo++) {
		const struct ov_absence *x = &v->absence[lo];

		if (at_ms < x->from_ms || at_ms >= x->to_ms)
			continue;
		absent = true; /* of two absences at once, the later that names a stand-in says who
				  it is */
		if (ret_stand_in && x->stand_in.v)
			*ret_stand_in = x->stand_in;
	}
	return absent;
}
