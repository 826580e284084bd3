/*
 * org_view: look-ups in the plain arrays by which the rules see the organisation. The
 * arrays are sorted by who filled them (org_view.h), so that each look-up is a binary
 * search: evaluating people for a page of records must not walk a whole school each time.
 */
#include "rules/org_view.h"

#include <assert.h>

/* First of n rows of `size` bytes, sorted by the id at `off`, whose id is not below `id`. */
static size_t first_of(const void *rows, size_t n, size_t size, size_t off, int64_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int64_t at;

		memcpy(&at, (const char *)rows + mid * size + off, sizeof(at));
		if (at < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
#define FIRST_OF(rows, n, member, id) \
	first_of(rows, n, sizeof((rows)[0]), offsetof(__typeof__((rows)[0]), member.v), id)

const struct ov_person *ov_person(const struct org_view *v, person_id id)
{
	size_t i = v ? FIRST_OF(v->person, v->person_n, id, id.v) : 0;

	return v && i < v->person_n && v->person[i].id.v == id.v ? &v->person[i] : NULL;
}

const struct ov_unit *ov_unit(const struct org_view *v, unit_id id)
{
	size_t i = v ? FIRST_OF(v->unit_at, v->unit_n, id, id.v) : 0;

	return v && i < v->unit_n && v->unit_at[i].id.v == id.v ? &v->unit_at[i] : NULL;
}

const struct ov_place *ov_place(const struct org_view *v, place_id id)
{
	size_t i = v ? FIRST_OF(v->place, v->place_n, id, id.v) : 0;

	return v && i < v->place_n && v->place[i].id.v == id.v ? &v->place[i] : NULL;
}

size_t ov_appointments(const struct org_view *v, person_id p, size_t *ret_first)
{
	size_t first = v ? FIRST_OF(v->appointment, v->appointment_n, person, p.v) : 0, n = 0;

	assert(ret_first);
	while (v && first + n < v->appointment_n && v->appointment[first + n].person.v == p.v)
		n++;
	*ret_first = first;
	return n;
}

bool ov_absent(const struct org_view *v, person_id p, int64_t at_ms, person_id *ret_stand_in)
{
	size_t lo = v ? FIRST_OF(v->absence, v->absence_n, person, p.v) : 0;
	bool absent = false;

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

/* --- when it changes by itself --- */

static void edge(int64_t at_ms, int64_t after_ms, int64_t *next)
{
	if (at_ms > after_ms && at_ms < *next)
		*next = at_ms;
}

#define EDGES(rows, n)                                                                             \
	for (size_t i = 0; i < (n); i++) {                                                         \
		edge((rows)[i].from_ms, after_ms, &next);                                          \
		edge((rows)[i].to_ms, after_ms, &next);                                            \
	}

int64_t ov_next_edge(const struct org_view *v, int64_t after_ms)
{
	int64_t next = INSTANT_OPEN;

	EDGES(v->person, v->person_n)
	EDGES(v->unit_at, v->unit_n)
	EDGES(v->place, v->place_n)
	EDGES(v->appointment, v->appointment_n)
	EDGES(v->keeper, v->keeper_n)
	EDGES(v->absence, v->absence_n)
	return next;
}
