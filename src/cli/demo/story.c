/*
 * story: the hand-written course of the term, story/NN-*.yaml. A line is a list:
 *
 *	["09-21 07:38", guard1, hazard.report, wall, {place: 北围墙, what: …}]	a new record,
		named wall
 *	["09-21 08:05", safety, grade, wall, {…}]				a step of it
 *	["10-30", office, +end-post, "",
		{person: …}]				a change of the organisation
 *
 * A map may stand sixth: {for: cleaner, reason: …}. In fields $wall is that record, wall.1
 * the first that it brought with it, and photo:NAME one of our pictures.
 */
#include "cli/demo/demo_int.h"

#include "gen/demo.h"

static enum err line_bad(struct demo *d, str path, const struct yaml *y, const char *why)
{
	return FAIL(d->op, ERR_CORRUPT, "演示数据 %.*s:%u：%s", STR_ARG(path), y->line, why);
}

static enum err line_read(struct demo *d, str path, const struct yaml *y)
{
	str what = demo_word(y, 2), step = what;
	str loop = str_cut(&step, '.');
	int64_t at;

	if (y->kind != YAML_SEQ || y->n < 4 || !demo_time(d, demo_word(y, 0), &at))
		return line_bad(d, path, y, "一行要有时间、人、步骤、记录");
	if (!step.ptr) {
		step = loop;
		loop = STR("");
	}
	struct deed_row *e = demo_event(d, at, demo_word(y, 1), loop, step, demo_word(y, 3));
	if (str_starts(what, STR("+"))) {
		e->change = str_slice(what, 1, what.len);
		e->loop = e->step = STR("");
	}
	e->source = str_fmt(d->op->arena, "%.*s:%u", STR_ARG(path), y->line);
	if (y->n > 4 && y->at[4]->kind == YAML_MAP)
		e->fields = demo_json(d->op->arena, y->at[4]);
	for (size_t i = 0; y->n > 5 && i < y->at[5]->n; i++) {
		str word = y->at[5]->at[i]->s;

		if (str_eq(y->at[5]->key[i], STR("for")))
			e->on_behalf = word;
		else if (str_eq(y->at[5]->key[i], STR("reason")))
			e->reason = word;
		else
			return line_bad(d, path, y, "第六项只有 for 和 reason");
	}
	return ERR_OK;
}

enum err demo_story_read(struct demo *d)
{
	for (size_t i = 0; i < EMBEDDED_DEMO_N; i++) {
		str path = embedded_demo[i].path;
		const struct yaml *y;

		if (!str_starts(path, STR("story/")))
			continue;
		TRY(demo_yaml(d, str_c(d->op->arena, path), &y));
		for (size_t k = 0; k < y->n; k++)
			TRY(line_read(d, path, y->at[k]));
	}
	return ERR_OK;
}
