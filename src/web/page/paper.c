/*
 * paper: a record on A4: what it holds, what was done by whom, and which entry of the ledger
 * says so.
 */
#include "web/page/record.h"

#include "web/page/fields.h"
#include "web/routes.h"

#include "gen/html_print_record.h"

static void fill_facts(struct op *op, const struct record_page *r, struct html_print_block *b)
{
	const struct loop *lp = r->v.loop;
	struct html_print_fact *f = NEW_N(op->arena, lp->field_n + 2, struct html_print_fact);
	struct resolver names = fields_names(r->work);

	f[b->facts_n++] = (struct html_print_fact){ STR("编号"), r->v.number };
	f[b->facts_n++] = (struct html_print_fact){ STR("状态"), r->v.is_void ? STR("已作废")
									 : r->v.state->m.label };
	for (size_t i = 0; i < lp->field_n; i++) {
		const struct value *v = vmap_get(&r->v.fields, lp->field[i].m.id);

		if (v && lp->field[i].type != F_FILES && lp->field[i].type != F_SIGNATURES)
			f[b->facts_n++] = (struct html_print_fact){
				lp->field[i].m.label,
				field_say(op->arena, r->v.policy, &lp->field[i], v, &names,
					  page_utc(op)),
			};
	}
	b->facts = f;
}

static void fill_steps(struct op *op, const struct record_page *r, struct html_print_block *b)
{
	static const str heads[] = { { "时间", 6 }, { "办理", 6 }, { "人员", 6 }, { "岗位", 6 } };
	struct html_print_row *rows = NEW_N(op->arena, r->v.step_n, struct html_print_row);

	for (size_t i = 0; i < r->v.step_n; i++) {
		const struct step_row *s = &r->v.step[i];
		struct html_print_cell *c = NEW_N(op->arena, 4, struct html_print_cell);

		c[0].text = instant_say(op->arena, s->at_ms, page_utc(op));
		c[1].text = s->undone ? str_fmt(op->arena, "%.*s（已撤销）",
			STR_ARG(s->label)) : s->label;
		c[2].text = s->doer_name.len ? s->doer_name : STR("系统");
		c[3].text = s->post_label;
		rows[i] = (struct html_print_row){ .cells = c, .cells_n = 4 };
	}
	b->heading = STR("办理过程");
	b->heads = heads;
	b->heads_n = 4;
	b->rows = rows;
	b->rows_n = r->v.step_n;
}

static void fill_signs(struct op *op, const struct record_page *r, struct html_print_block *b)
{
	struct html_print_sign *s = NEW_N(op->arena, 3, struct html_print_sign);

	s[0].role = STR("登记人");
	s[0].name = person_name(r->work, r->v.creator);
	s[0].at = say_date(op, r->v.created_ms);
	s[1].role = STR("办理人");
	s[2].role = STR("负责人");
	b->signs = s;
	b->signs_n = 3;
}

enum err page_record_print(struct req *rq, struct reply *rp)
{
	struct op *op = rq->op;
	struct record_page r;
	struct html_print_record v = { 0 };
	struct html_print_block *b = NEW_N(op->arena, 3, struct html_print_block);
	const struct ov_unit *unit;
	int64_t last = 0;

	TRY(record_read(rq, &r));
	unit = ov_unit(r.work->org, r.work->org->unit);
	fill_facts(op, &r, &b[0]);
	fill_steps(op, &r, &b[1]);
	fill_signs(op, &r, &b[2]);
	for (size_t i = 0; i < r.v.step_n; i++)
		last = r.v.step[i].event_seq > last ? r.v.step[i].event_seq : last;
	v.sheet = (struct html_sheet){ .title = r.v.number.len ? r.v.number : r.v.loop->m.label,
				       .back_url = page_url(op, "/records/", rq->id, "") };
	v.heading = str_fmt(op->arena, "%.*s记录", STR_ARG(r.v.loop->m.label));
	v.sub = unit ? unit->name : STR_NONE;
	v.blocks = b;
	v.blocks_n = 3;
	v.foot = str_fmt(op->arena, "台账第 %lld 条 · %.*s打印", (long long)last,
			 STR_ARG(instant_say(op->arena, op->now_ms, page_utc(op))));
	html_print_record(&rp->body, &v);
	return ERR_OK;
}
