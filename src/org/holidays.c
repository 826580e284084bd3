/*
 * holidays: the official tables that ship with the program, packs/calendar-cn/YEAR.yaml.
 * They are data, so that next year's table is a file and no change of code. A year that
 * is known already is left alone: what an administrator loaded is newer than what shipped.
 */
#include "org/org_int.h"

#include "base/yaml.h"
#include "gen/packs.h"
#include "gen/q_calendar.h"

#define FOLDER "calendar-cn/"

struct table { VEC(struct cal_day) day; VEC(str) name; int year; str source; };

static bool read_day(const struct yaml *map, str key, day_no *ret_day)
{
	const struct yaml *y = yaml_get(map, key);

	return y && y->kind == YAML_SCALAR && date_parse(y->s, ret_day);
}

static str read_text(const struct yaml *map, str key)
{
	const struct yaml *y = yaml_get(map, key);

	return y && y->kind == YAML_SCALAR ? y->s : STR("");
}

static bool read_days(struct op *op, const struct yaml *list, bool work, struct table *t)
{
	if (!list || list->kind != YAML_SEQ)
		return false;
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *row = list->at[i];
		day_no from, to;
		if (!read_day(row, work ? STR("day") : STR("from"), &from))
			return false;
		to = from;
		if (!work && (!read_day(row, STR("to"), &to) || to < from || to - from > 30))
			return false;
		for (day_no d = from; d <= to; d++) {
			*VEC_PUSH(op->arena, &t->day) = (struct cal_day){ d, work };
			*VEC_PUSH(op->arena, &t->name) = read_text(row, STR("name"));
		}
	}
	return true;
}

enum err org_holidays_read(struct op *op, str yaml, int *ret_year, struct cal_day **ret_day,
			   str **ret_name, size_t *ret_n, str *ret_source)
{
	struct table t = { .year = 0 };
	struct yaml_error bad;
	struct yaml_doc docs;
	int64_t year;

	TRY(yaml_read(op, yaml, &docs, &bad));
	const struct yaml *top = docs.n == 1 ? docs.at[0] : NULL;
	if (!top || !str_to_i64(read_text(top, STR("year")), &year) || year < 1949 || year > 2199)
		return FAIL(op, ERR_INVALID, "放假安排的文件要写明 year。");
	if (!read_days(op, yaml_get(top, STR("days_off")), false, &t) ||
	    !read_days(op, yaml_get(top, STR("work")), true, &t))
		return FAIL(op, ERR_INVALID, "放假安排的文件里要有 days_off（from、to）和 work（day）。");
	*ret_year = (int)year;
	*ret_day = t.day.at;
	*ret_name = t.name.at;
	*ret_n = t.day.n;
	*ret_source = read_text(top, STR("source"));
	return ERR_OK;
}

static enum err year_known(struct op *op, int year, bool *ret_known)
{
	struct q_holiday_years *row;
	size_t n;

	TRY(q_holiday_years(op, &row, &n));
	*ret_known = false;
	for (size_t i = 0; i < n; i++)
		*ret_known |= row[i].year == year;
	return ERR_OK;
}

enum err org_holidays_ship(struct op *op)
{
	TX_SCOPE(tx);

	TRY(tx_join(op, &tx));
	for (size_t i = 0; i < EMBEDDED_PACK_N; i++) {
		const struct embedded_file *file = &embedded_packs[i];
		struct cal_day *day;
		str *name, source;
		size_t n;
		int year;
		bool known;

		if (!str_starts(file->path, STR(FOLDER)) || !str_ends(file->path, STR(".yaml")))
			continue;
		TRY(org_holidays_read(op, file->bytes, &year, &day, &name, &n, &source));
		TRY(year_known(op, year, &known));
		if (!known)
			TRY(org_holidays_load(op, year, day, n, name, source));
	}
	return tx_leave(&tx);
}
