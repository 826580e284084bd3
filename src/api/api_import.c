/*
 * api_import: a table becomes a draft (text of a CSV, or rows as objects by heading), is mended
 * cell by cell, and is taken in one operation or not at all (org/import.h).
 */
#include "api/api_int.h"

#include "base/sheet.h"
#include "org/import.h"
#include "web/page/setup.h"

struct bringing { str kind, name; struct sheet sheet; struct import_words words; bool skip_bad;
		  int64_t id, version; const struct json *cells; struct import_result out;
		  struct once_call once; };

/* --- rows of objects: the headings are the members of all of them --- */

static size_t column(struct arena *a, struct sheet *s, str *title, size_t max, str name)
{
	(void)a;
	for (size_t i = 0; i < s->cols; i++)
		if (str_eq(title[i], name))
			return i;
	if (s->cols < max)
		title[s->cols++] = name;
	return s->cols - 1;
}

static enum err rows_read(struct op *op, const struct json *rows, struct sheet *s)
{
	str title[64];

	if (rows->kind != JSON_ARR || rows->n == 0 || rows->n > IMPORT_ROWS_MAX)
		return INVALID(op, STR("rows"), "应是一组行，每行是一个对象");
	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < rows->at[i]->n && rows->at[i]->kind == JSON_OBJ; k++)
			(void)column(op->arena, s, title, 64, rows->at[i]->key[k]);
	s->rows = rows->n + 1;
	s->cell = NEW_N(op->arena, s->rows * (s->cols + 1), str);
	for (size_t i = 0; i < s->cols; i++)
		s->cell[i] = title[i];
	for (size_t i = 0; i < rows->n; i++) {
		const struct json *r = rows->at[i];

		if (r->kind != JSON_OBJ)
			return INVALID(op, STR("rows"), "每行应是一个对象");
		for (size_t k = 0; k < s->cols; k++) {
			str text = json_get_str(r, title[k]);
			s->cell[(i + 1) * s->cols + k] = text.ptr ? text : STR("");
		}
	}
	return ERR_OK;
}

/* --- answers --- */

static void row_write(struct jw *w, const struct import_draft *d, const struct import_row *r)
{
	jw_obj(w);
	jw_kv_int(w, "line", r->line);
	jw_kv_bool(w, "bad", r->bad);
	if (r->skip)
		jw_kv_bool(w, "skip", true);
	jw_key(w, "cells");
	jw_arr(w);
	for (size_t i = 0; i < d->column_n; i++) {
		jw_obj(w);
		jw_kv(w, "text", r->cell[i].text);
		jw_text(w, "error", r->cell[i].error);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
}

static enum err draft_show(struct req *rq, struct reply *rp, int64_t id, int status)
{
	struct import_words words;
	struct import_draft d;
	struct jw w;

	TRY(setup_words(rq->op, &words));
	TRY(import_draft_load(rq->op, rq->op->scope->tenant, id, &words, &d));
	api_begin(rq, rp, &w);
	jw_id(&w, rq->op, "id", d.id);
	jw_kv(&w, "kind", d.kind);
	jw_kv(&w, "state", d.state);
	jw_kv_int(&w, "version", d.version);
	jw_kv_int(&w, "good", (int64_t)d.good_n);
	jw_kv_int(&w, "bad", (int64_t)d.bad_n);
	jw_kv_int(&w, "skipped", (int64_t)d.skip_n);
	jw_key(&w, "left_out");	/* lines that are no rows: told, so that none is lost unseen */
	jw_arr(&w);
	for (size_t i = 0; i < d.left_out_n; i++)
		jw_str(&w, d.left_out[i]);
	jw_end(&w);
	jw_key(&w, "rows");
	jw_arr(&w);
	for (size_t i = 0; i < d.row_n; i++)
		row_write(&w, &d, &d.row[i]);
	jw_end(&w);
	api_send_status(rp, &w, status);
	return ERR_OK;
}

static enum err finish_new(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;

	TRY(e);
	return draft_show(rq, rp, c->made, 201);
}

static enum err finish_draft(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;

	TRY(e);
	return draft_show(rq, rp, c->made, 200);
}

static enum err new_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct bringing *b = arg;

	return import_draft_make(op, b->kind, &b->sheet, b->name, &b->words, ret_made);
}

enum err api_import_new(struct req *rq, struct reply *rp)
{
	struct bringing *b = NEW(rq->op->arena, struct bringing);
	struct input in;
	str text;
	int64_t unit;

	(void)rp;
	b->kind = rq_param(rq, STR("kind"));
	if (!str_eq(b->kind, STR("people")) && !str_eq(b->kind, STR("places")))
		return ERR_NOTFOUND;
	body_open(rq, "unit rows text name", &in);
	unit = body_ref(&in, "unit", REF_UNIT, false);
	text = body_text(&in, "text", !body_has(&in, "rows"));
	b->name = body_text(&in, "name", false);
	if (unit && unit != rq->op->scope->tenant.v)
		in.e = INVALID(rq->op, STR("unit"), "请用学校本身的编号");
	TRY(body_done(&in));
	if (!b->name.len)
		b->name = STR("接口导入");
	if (text.len)
		TRY(sheet_open(rq->op, text, b->name, &b->sheet));
	else
		TRY(rows_read(rq->op, json_get(rq->json, STR("rows")), &b->sheet));
	TRY(setup_words(rq->op, &b->words));
	return once_write(rq, &b->once, new_run, b, finish_new);
}

enum err api_import(struct req *rq, struct reply *rp)
{
	return draft_show(rq, rp, rq->id, 200);
}

/* --- mending: {cells: [{row, column, text} or {row, skip: true}]}, counted from 0 --- */

static enum err mend_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct bringing *b = arg;

	for (size_t i = 0; i < b->cells->n; i++) {
		const struct json *c = b->cells->at[i];
		int64_t row = json_get_int(c, STR("row"), -1);
		int64_t col = json_get_int(c, STR("column"), -1);
		str text = json_get_str(c, STR("text"));
		const struct json *skip = json_get(c, STR("skip"));

		if (row < 0 || (text.ptr ? col < 0 : !skip || skip->kind != JSON_BOOL))
			return INVALID(op, STR("cells"), "每项要有 row，以及 column 和 text，或 skip");
		TRY(text.ptr ? import_draft_set(op, b->id, (size_t)row, (size_t)col, text)
			     : import_draft_skip(op, b->id, (size_t)row, skip->b));
	}
	*ret_made = b->id;
	return ERR_OK;
}

enum err api_import_mend(struct req *rq, struct reply *rp)
{
	struct bringing *b = NEW(rq->op->arena, struct bringing);
	struct import_draft d;
	struct input in;

	(void)rp;
	TRY(setup_words(rq->op, &b->words));
	TRY(import_draft_load(rq->op, rq->op->scope->tenant, rq->id, &b->words, &d));
	body_open(rq, "cells", &in);
	b->cells = json_get(rq->json, STR("cells"));
	if (!b->cells || b->cells->kind != JSON_ARR)
		in.e = INVALID(rq->op, STR("cells"), "应是一组改动");
	TRY(body_done(&in));
	b->id = rq->id;
	return once_write(rq, &b->once, mend_run, b, finish_draft);
}

static enum err accept_run(struct op *op, void *arg, int64_t *ret_made)
{
	struct bringing *b = arg;

	TRY(import_accept(op, b->id, &b->words, b->skip_bad, 0, &b->out));
	*ret_made = b->id;
	return change_refresh(op);
}

static enum err accept_finish(struct req *rq, struct reply *rp, enum err e)
{
	struct once_call *c = rq->wop.arg;
	const struct bringing *b = c->arg;
	struct jw w;

	TRY(e);
	api_begin(rq, rp, &w);
	jw_id(&w, rq->op, "id", b->id);
	jw_kv_int(&w, "rows", (int64_t)b->out.rows);
	jw_kv_int(&w, "people", (int64_t)b->out.people);
	jw_kv_int(&w, "appointments", (int64_t)b->out.appointments);
	jw_kv_int(&w, "places", (int64_t)b->out.places);
	jw_kv_int(&w, "left", (int64_t)b->out.left);
	api_send_status(rp, &w, 200);
	return ERR_OK;
}

enum err api_import_accept(struct req *rq, struct reply *rp)
{
	struct bringing *b = NEW(rq->op->arena, struct bringing);
	struct import_draft d;
	struct input in;

	(void)rp;
	TRY(setup_words(rq->op, &b->words));
	TRY(import_draft_load(rq->op, rq->op->scope->tenant, rq->id, &b->words, &d));
	body_open(rq, "skip_bad", &in);
	b->skip_bad = body_flag(&in, "skip_bad");
	TRY(body_done(&in));
	b->id = rq->id;
	return once_write(rq, &b->once, accept_run, b, accept_finish);
}
