/*
 * fields: which control a declared field gets, and what stands in it. The type decides, never
 * the name of a field or of a loop. How a control looks is html/field.html's.
 */
#include "web/page/fields.h"

#include "base/pubid.h"
#include "web/page/fields_int.h"
#include "web/page/page.h"

/* --- what stands in a control --- */

str fields_control(struct arena *a, tenant_id tenant, const struct value *v, int32_t utc_offset_ms)
{
	if (!v)
		return STR_NONE;
	switch (v->kind) {
	case V_FLAG:
		return v->flag ? STR("1") : STR_NONE;
	case V_NUM:
		return num_format(a, v->num);
	case V_TEXT:
		return v->text;
	case V_DATE:
		return date_format(a, v->day);
	case V_TIME:
		return str_fmt(a, "%02d:%02d", v->minute / 60, v->minute % 60);
	case V_INSTANT:
		return str_slice(instant_format(a, v->at_ms, utc_offset_ms), 0, 16);
	case V_DURATION:
		return duration_format(a, v->dur);
	case V_REF:
		return pubid_make(a, tenant, v->id);
	case V_NONE: case V_LIST: case V_ROWS:
		break;
	}
	return STR_NONE;
}

static const str *typed_last(const struct fields *c, str name)
{
	const str *found = NULL;

	for (size_t i = 0; c->typed && i < c->typed->n; i++)
		if (str_eq(c->typed->at[i].name, name))
			found = &c->typed->at[i].value;
	return found;
}

str field_now(struct op *op, const struct fields *c, str name, const struct value *v)
{
	const str *typed = typed_last(c, name);

	if (c->typed)
		return typed ? *typed : STR_NONE;
	return fields_control(op->arena, c->work->org->tenant, v, c->work->calendar->utc_offset_ms);
}

bool field_was(const struct fields *c, str name, str value)
{
	for (size_t i = 0; c->typed && i < c->typed->n; i++)
		if (str_eq(c->typed->at[i].name, name) && str_eq(c->typed->at[i].value, value))
			return true;
	return false;
}

str field_fault(const struct op *op, str name)
{
	for (const struct field_error *e = op->field_errors; e; e = e->next)
		if (str_eq(e->field, name))
			return e->message;
	return STR_NONE;
}

static int64_t resolve_none(void *ctx, enum ref_kind kind, str of, str text, bool *ret_many)
{
	(void)ctx;
	(void)kind;
	(void)of;
	(void)text;
	*ret_many = false;
	return 0;
}

static str name_of(void *ctx, enum ref_kind kind, int64_t id)
{
	const struct org_view *v = ctx;
	const struct ov_person *person = kind == REF_PERSON ? ov_person(v,
		(person_id){ id }) : NULL;
	const struct ov_place *place = kind == REF_PLACE ? ov_place(v, (place_id){ id }) : NULL;
	const struct ov_unit *unit = kind == REF_UNIT ? ov_unit(v, (unit_id){ id }) : NULL;

	return person ? person->name : place ? place->name : unit ? unit->name : STR_NONE;
}

struct resolver fields_names(const struct work *w)
{
	union { const void *from; void *to; } ctx = { .from = w->org };	/* only read */

	return (struct resolver){ .resolve = resolve_none, .name = name_of, .ctx = ctx.to };
}

/* --- controls by type --- */

static void view_line(struct op *op, const struct fields *c, const struct form_field *ff, str name,
		      struct html_field *h)
{
	const struct field *f = ff->field;

	h->is_line = true;
	h->value = field_now(op, c, name, &ff->preset);
	h->unit = f->unit;
	h->max_length = f->type == F_TEXT || f->type == F_MASKED ? f->max : 0;
	h->is_date = f->type == F_DATE;
	h->is_time = f->type == F_TIME;
	h->is_instant = f->type == F_INSTANT;
	h->is_phone = f->type == F_PHONE;
	h->secret = f->type == F_MASKED;
	if (f->type == F_DURATION && !h->note.len)
		h->note = STR("3d 是 3 天，5sd 是 5 个上课日，2h 是 2 小时");
}

static void view_number(struct op *op, const struct fields *c, const struct form_field *ff,
			str name, struct html_field *h)
{
	const struct field *f = ff->field;
	int32_t utc = c->work->calendar->utc_offset_ms;

	view_line(op, c, ff, name, h);
	h->is_number = true;
	h->mode = f->type == F_INT ? STR("numeric") : STR("decimal");
	h->step = f->type == F_INT ? STR("1") : f->type == F_MONEY ? STR("0.01") : STR("any");
	if (f->type == F_MONEY && !h->unit.len)
		h->unit = STR("元");
	if (f->type == F_PERCENT && !h->unit.len)
		h->unit = STR("%");
	if (!f->has_range)
		return;
	h->min = fields_control(op->arena, c->work->org->tenant, &f->range_lo, utc);
	h->max = fields_control(op->arena, c->work->org->tenant, &f->range_hi, utc);
}

static bool listed(const struct fields *c, struct op *op, str name, const struct value *v,
	str value)
{
	if (c->typed)
		return field_was(c, name, value);
	for (size_t i = 0; v->kind == V_LIST && i < v->list.n; i++)
		if (str_eq(fields_control(op->arena, c->work->org->tenant, &v->list.at[i], 0),
			   value))
			return true;
	return false;
}

static struct html_chip *chips_of(struct op *op, const struct fields *c, const struct options *o,
				  str name, const struct value *v, bool many)
{
	struct html_chip *chip = NEW_N(op->arena, o->v.n, struct html_chip);
	str html_name = str_fmt(op->arena, "f.%.*s", STR_ARG(name));

	for (size_t i = 0; i < o->v.n; i++)
		chip[i] = (struct html_chip){
			.many = many, .name = html_name, .value = o->v.at[i].value,
			.label = o->v.at[i].label,
			.on = many ? listed(c, op, name, v, o->v.at[i].value) : o->v.at[i].on,
		};
	return chip;
}

/* Does any text of the record hold the word? */
static bool told(const struct fields *c, str word)
{
	for (size_t i = 0; c->known && i < c->known->n; i++)
		if (c->known->val[i].kind == V_TEXT &&
		    str_find(c->known->val[i].text, word, 0) >= 0)
			return true;
	return false;
}

/*
 * Entries of a catalogue whose column `alias` lists the words that speak of them: what the record
 * tells proposes one, by the longest word. It is said that it is a guess; choosing is the person's.
 */
static str guess_entry(struct op *op, const struct fields *c, const struct field *f,
		       struct html_field *h)
{
	const struct catalogue *cat = f->of_catalogue.len ?
		policy_catalogue(c->policy, f->of_catalogue) : NULL;
	str best = STR("");
	size_t most = 0;

	for (size_t i = 0; cat && i < cat->entry_n; i++) {
		const struct value *alias = vmap_get(&cat->entry[i].columns, STR("alias"));
		str rest = alias && alias->kind == V_TEXT ? alias->text : STR("");
		static const str between = STR("、");

		while (rest.len) {
			ptrdiff_t at = str_find(rest, between, 0);
			str word = str_slice(rest, 0, at < 0 ? rest.len : (size_t)at);
			rest = at < 0 ? STR("") :
				str_slice(rest, (size_t)at + between.len, rest.len);
			if (word.len > most && told(c, word)) {
				most = word.len;
				best = cat->entry[i].m.id;
			}
		}
	}
	if (best.len && !h->note.len)
		h->note = STR("按内容猜的，不对就改");
	(void)op;
	return best;
}

/* Few: chips. Many: a list, with a line to find by. Too many: what is typed. */
static enum err view_choice(struct op *op, const struct fields *c, const struct form_field *ff,
			    str name, bool many, struct html_field *h)
{
	struct options o = { 0 };

	str now = field_now(op, c, name, &ff->preset);
	if (!now.len && !many && !c->typed)
		now = guess_entry(op, c, ff->field, h);
	TRY(field_options(op, c, ff->field, now, &o));
	if (many || (o.v.n <= CHIPS_MAX && ff->field->type == F_CHOICE)) {
		h->is_chips = true;
		h->is_many = many;
		h->chips = chips_of(op, c, &o, name, &ff->preset, many);
		h->chips_n = o.v.n;
		return ERR_OK;
	}
	h->is_select = !o.too_many;
	h->is_search = o.too_many;
	h->long_list = o.v.n > LONG_LIST;
	h->query = field_now(op, c, str_fmt(op->arena, "%.*s.q", STR_ARG(name)), NULL);
	h->options = o.v.at;
	h->options_n = o.v.n;
	return ERR_OK;
}

static void add_place_chip(struct op *op, struct html_field *h, struct html_chip *chip,
			   const struct org_view *v, const struct ov_place *p, str now)
{
	str value = pubid_make(op->arena, v->tenant, p->id.v);

	for (size_t i = 0; i < h->chips_n; i++)
		if (str_eq(chip[i].value, value))
			return;
	chip[h->chips_n++] = (struct html_chip){ .name = h->name, .value = value, .label = p->name,
						 .on = str_eq(value, now) };
}

/* The place that is meant, then mine, then a line that finds any by code or name. */
static enum err view_place(struct op *op, const struct fields *c, const struct form_field *ff,
			   str name, struct html_field *h)
{
	const struct ov_place **mine;
	const struct org_view *v = c->work->org;
	size_t n = places_of(op, c, &mine), shown = n > CHIPS_MAX ? CHIPS_MAX : n;
	struct html_chip *chip = NEW_N(op->arena, shown + 1, struct html_chip);
	str now = field_now(op, c, name, &ff->preset);
	tenant_id tenant;
	place_id meant;
	struct options o = { 0 };

	h->is_search = true;
	h->chips = chip;
	if (pubid_read(now, &tenant, &meant.v) && ov_place(v, meant))
		add_place_chip(op, h, chip, v, ov_place(v, meant), now);
	for (size_t i = 0; i < shown; i++)
		add_place_chip(op, h, chip, v, mine[i], now);
	h->query = field_now(op, c, str_fmt(op->arena, "%.*s.q", STR_ARG(name)), NULL);
	TRY(field_options(op, c, ff->field, STR_NONE, &o));
	for (size_t i = 0; i < o.v.n; i++) {	/* what is typed is a code, or a name */
		o.v.at[i].value = o.v.at[i].hint.len ? o.v.at[i].hint : o.v.at[i].label;
		o.v.at[i].hint = STR_NONE;
	}
	h->options = o.v.at;
	h->options_n = o.v.n;
	return ERR_OK;
}

/* Everybody is marked; who was not there is unmarked. */
static enum err view_people(struct op *op, const struct fields *c, const struct form_field *ff,
			    str name, struct html_field *h)
{
	struct options o = { 0 };
	struct html_mark *mark;
	size_t on = 0;
	bool all = !c->typed && ff->preset.kind == V_NONE;

	TRY(field_options(op, c, ff->field, STR_NONE, &o));
	mark = NEW_N(op->arena, o.v.n, struct html_mark);
	for (size_t i = 0; i < o.v.n; i++) {
		bool marked = all || listed(c, op, name, &ff->preset, o.v.at[i].value);

		mark[i] = (struct html_mark){ .name = h->name, .value = o.v.at[i].value,
					      .label = o.v.at[i].label, .on = marked };
		on += marked;
	}
	h->is_people = true;
	h->marks = mark;
	h->marks_n = o.v.n;
	h->marks_note = str_fmt(op->arena, "应到 %zu 人，已选 %zu 人", o.v.n, on);
	return ERR_OK;
}

static void view_files(struct op *op, const struct fields *c, const struct form_field *ff, str name,
		       struct html_field *h)
{
	const struct field *f = ff->field;
	bool image = str_eq(f->accept, STR("image"));
	VEC(struct html_kept_file) kept = { 0 };

	h->is_files = true;
	h->value = image ? STR("拍照或选图") : STR("选文件");
	h->accept = image ? STR("image/*") : STR("image/*,.pdf,.doc,.docx,.xls,.xlsx,.txt");
	h->max_files = f->max > 0 ? f->max : 9;
	for (size_t i = 0; c->typed && i < c->typed->n; i++)
		if (str_eq(c->typed->at[i].name, name) && c->typed->at[i].value.len)
			*VEC_PUSH(op->arena, &kept) = (struct html_kept_file){
				.name = h->name, .id = c->typed->at[i].value,
				.label = str_fmt(op->arena, "已传的第 %zu 个文件", kept.n + 1),
			};
	h->kept = kept.at;
	h->kept_n = kept.n;
	if (image && !h->note.len)
		h->note = STR("可不拍");
}

static bool how_has(const struct field *f, str how)
{
	for (size_t i = 0; i < f->how.n; i++)
		if (str_eq(f->how.at[i], how))
			return true;
	return f->how.n == 0;
}

/* Who has signed, and a place for the one who looks. */
static void view_signs(struct op *op, const struct fields *c, const struct form_field *ff,
		       struct html_field *h)
{
	const struct value *v = c->known ? vmap_get(c->known, ff->field->m.id) : NULL;
	const struct ov_person *me = ov_person(c->work->org, c->person);
	size_t n = v && v->kind == V_ROWS ? v->rows.n : 0;
	struct html_sign_slot *slot = NEW_N(op->arena, n + 1, struct html_sign_slot);

	for (size_t i = 0; i < n; i++) {
		const struct value *who = row_get(&v->rows.at[i], STR("person"));
		const struct value *at = row_get(&v->rows.at[i], STR("at"));
		const struct ov_person *p = who ? ov_person(c->work->org,
			(person_id){ who->id }) : NULL;

		slot[i].role = p ? p->name : STR("已签");
		slot[i].person = who ? person_posts(op->arena, op, c,
			(person_id){ who->id }) : STR_NONE;
		slot[i].signed_at = at ? instant_say(op->arena, at->at_ms,
						     c->work->calendar->utc_offset_ms) : STR("已签");
	}
	slot[n] = (struct html_sign_slot){ .name = h->name, .role = me ? me->name : STR("您"),
					   .person = person_posts(op->arena, op, c, c->person),
					   .mine = true, .screen = how_has(ff->field,
						STR("screen")),
					   .paper = how_has(ff->field, STR("paper")) };
	h->is_signs = true;
	h->signs = slot;
	h->signs_n = n + 1;
}

static void add_param(struct op *op, const struct fields *c, const struct form_field *ff, str id,
		      struct html_field *h, struct html_param *at)
{
	const struct parameter *p = policy_parameter(c->policy, id);
	const struct value *v = vmap_get(&c->work->params, id), *preset = NULL;
	str path = str_fmt(op->arena, "%.*s.%.*s", STR_ARG(ff->field->m.id), STR_ARG(id));

	if (!p)
		return;
	if (ff->preset.kind == V_ROWS && ff->preset.rows.n)
		preset = row_get(&ff->preset.rows.at[0], id);
	v = preset ? preset : v ? v : &p->dflt;
	*at = (struct html_param){
		.name = str_fmt(op->arena, "f.%.*s", STR_ARG(path)), .label = p->m.label,
		.value = field_now(op, c, path, v), .unit = p->unit,
		.basis = str_of(basis_say(policy_basis(c->policy, &p->m))),
		.error = field_fault(op, path),
	};
	at->choices_n = parameter_options(op, c->policy, p, at->value, &at->choices);
	if (p->type == F_LIST || p->type == F_TABLE)
		at->now = say_parameter(op, c->policy, p, v);
	h->params_n++;
}

static void view_params(struct op *op, const struct fields *c, const struct form_field *ff,
			struct html_field *h)
{
	str rest = ff->field->of_text;	/* "[a, b]" as written */
	struct html_param *at = NEW_N(op->arena, rest.len + 1, struct html_param);

	h->is_params = true;
	h->params = at;
	while (rest.ptr) {
		str id = str_trim(str_cut(&rest, ','));

		id = str_starts(id, STR("[")) ? str_trim(str_slice(id, 1, id.len)) : id;
		id = str_ends(id, STR("]")) ? str_trim(str_slice(id, 0, id.len - 1)) : id;
		add_param(op, c, ff, id, h, &at[h->params_n]);
	}
}

static void view_shown(struct op *op, const struct fields *c, const struct form_field *ff,
		       struct html_field *h)
{
	struct resolver r = fields_names(c->work);

	h->is_shown = true;
	h->need = false;
	h->value = field_say(op->arena, c->policy, ff->field, &ff->preset, &r,
			     c->work->calendar->utc_offset_ms);
}

static enum err view_by_type(struct op *op, const struct fields *c, const struct form_field *ff,
			     str name, struct html_field *h)
{
	switch (ff->field->type) {
	case F_NOTE:
		h->is_area = true;
		h->value = field_now(op, c, name, &ff->preset);
		h->max_length = ff->field->max;
		return ERR_OK;
	case F_INT: case F_DECIMAL: case F_MONEY: case F_PERCENT:
		view_number(op, c, ff, name, h);
		return ERR_OK;
	case F_CHOICES: case F_RECORDS:
		return view_choice(op, c, ff, name, true, h);
	case F_CHOICE: case F_PERSON: case F_UNIT: case F_CLASS: case F_POST: case F_PERIOD:
	case F_RECORD: case F_ASSET:
		return view_choice(op, c, ff, name, false, h);
	case F_PLACE:
		return view_place(op, c, ff, name, h);
	case F_PEOPLE:
		return view_people(op, c, ff, name, h);
	case F_FLAG:
		h->is_box = true;
		h->on = str_eq(field_now(op, c, name, &ff->preset), STR("1"));
		return ERR_OK;
	case F_FILES:
		view_files(op, c, ff, name, h);
		return ERR_OK;
	case F_ROWS: case F_CHECKLIST:
		return rows_view(op, c, ff, h);
	case F_SIGNATURES:
		view_signs(op, c, ff, h);
		return ERR_OK;
	case F_PARAMETERS:
		view_params(op, c, ff, h);
		return ERR_OK;
	case F_COMPUTED:
		view_shown(op, c, ff, h);
		return ERR_OK;
	default:
		view_line(op, c, ff, name, h);
		return ERR_OK;
	}
}

#define AREA_FROM 100	/* a text that may be longer gets several lines */

static enum err view_field(struct op *op, const struct fields *c, const struct form_field *ff,
			   struct html_field *h)
{
	const struct field *f = ff->field;

	*h = (struct html_field){
		.id = str_fmt(op->arena, "f-%.*s", STR_ARG(f->m.id)),
		.name = str_fmt(op->arena, "f.%.*s", STR_ARG(f->m.id)),
		.label = f->m.label, .help = f->m.help, .need = ff->need,
		.error = field_fault(op, f->m.id),
	};
	if (ff->need && ff->preset.kind == V_NONE && (f->dflt || f->dflt_who)) {
		h->need = false;
		h->note = STR("空着就按规定定");
	}
	if (ff->frozen) {
		view_shown(op, c, ff, h);
		return ERR_OK;
	}
	TRY(view_by_type(op, c, ff, f->m.id, h));
	if (f->type == F_TEXT && f->max > AREA_FROM) {
		h->is_line = false;
		h->is_area = true;
	}
	return ERR_OK;
}

enum err fields_view(struct op *op, const struct fields *c, const struct form_field *form, size_t n,
		     bool quick, struct html_field **ret, size_t *ret_n)
{
	struct html_field *all = NEW_N(op->arena, n, struct html_field);
	bool has_quick = false;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		has_quick |= form[i].quick;
	for (size_t i = 0; i < n; i++) {
		/*
		 * What is asked only sometimes waits behind a fold; what must be filled never
		 * does.
		 */
		bool first = (has_quick ? form[i].quick : !form[i].field->when) || form[i].need ||
			     field_fault(op, form[i].field->m.id).len;

		if (first == quick)
			TRY(view_field(op, c, &form[i], &all[kept++]));
	}
	*ret = all;
	*ret_n = kept;
	return ERR_OK;
}
