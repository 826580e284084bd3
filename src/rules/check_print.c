/*
 * check_print: every {{field}} of a printed document exists for what it is printed for.
 * Names that the engine adds to a record, place, person or unit are a closed list here
 * and in the document writer.
 */
#include "rules/check_int.h"

#include <string.h>

/* What stands beside the fields of a record. */
static const char *const record_words[] = { "number",  "state",	  "today", "created",
					    "creator", "unit",	  "as_of", "printed_at",
					    "verify",  "history", NULL };
static const char *const thing_words[] = {
	"name",	 "code",       "kind",	  "today",	  "risk",   "owner",	"owner_post",
	"daily", "daily_post", "recheck", "recheck_post", "unit",   "post",	"posts",
	"label", "title",      "duties",  "members",	  "leader", "deputies", "host",
	"as_of", "printed_at", "qr",	  "no",		  NULL
};

static bool in_words(const char *const *words, str s)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

struct paper {
	const struct check *c;
	const struct print *p;
	const struct loop *loop;
	bool thing, rows;
};

/* at(step), doer(step), entered(state) … : the step or state must exist. */
static bool call_ok(const struct paper *q, str name)
{
	str arg = name, fn = str_cut(&arg, '(');
	static const char *const calls[] = {
		"at", "doer", "times", "post", "entered", "sign", NULL
	};

	if (!arg.ptr || !str_ends(arg, STR(")")) || !in_words(calls, fn))
		return false;
	arg = str_slice(arg, 0, arg.len - 1);
	return q->loop && (loop_step_index(q->loop, arg) >= 0 || loop_state(q->loop, arg) >= 0 ||
			   loop_field(q->loop, arg));
}

static bool name_ok_in(const struct paper *q, str name)
{
	struct scope s = { .loop = q->loop };

	if (str_has(name, '('))
		return call_ok(q, name);
	if (q->loop && (scope_field(&s, name) || in_words(record_words, name)))
		return true;
	if (q->rows && str_starts(name, STR("row.")))
		return true; /* columns of a query are known when it runs; see report */
	return q->thing && in_words(thing_words, name);
}

static struct pos pos_in(const struct print *p, size_t at)
{
	struct pos pos = { p->m.pos.file, p->body_line, 1 };

	for (size_t i = 0; i < at; i++) {
		pos.col++;
		if (p->body.ptr[i] == '\n') {
			pos.line++;
			pos.col = 1;
		}
	}
	return pos;
}

static void check_body(const struct paper *q)
{
	str body = q->p->body;
	ptrdiff_t open = str_find(body, STR("{{"), 0);

	while (open >= 0) {
		ptrdiff_t close = str_find(body, STR("}}"), (size_t)open);
		str name;

		if (close < 0) {
			SAY(q->c, "B213", pos_in(q->p, (size_t)open), "{{ 没有对应的 }}");
			return;
		}
		name = str_trim(str_slice(body, (size_t)open + 2, (size_t)close));
		if (!name_ok_in(q, name))
			SAY(q->c, "B213", pos_in(q->p, (size_t)open), "打印件用了没有的“%.*s”",
			    STR_ARG(name));
		open = str_find(body, STR("{{"), (size_t)close);
	}
}

/* `sign:` names people: of the record, or the one person that the paper is about. */
static void check_sign(const struct paper *q)
{
	struct scope s = { .loop = q->loop };

	for (size_t i = 0; i < q->p->sign.n; i++) {
		str text = q->p->sign.at[i];
		struct pos at = at_text(q->c, text, q->p->m.pos);
		struct expr_error bad = { 0 };
		struct who *w;

		if (!q->loop && str_eq(text, STR("field:person")) &&
		    str_eq(q->p->for_, STR("person")))
			continue;
		if (who_parse(q->c->a, text, &w, &bad))
			SAY(q->c, "B111", at, "人员表达式读不懂：%.*s", STR_ARG(bad.message));
		else
			check_who(q->c, &s, w, at);
	}
}

static void check_print(const struct check *c, const struct print *p)
{
	static const char *const things[] = { "person", "place", "unit", "class", "body", NULL };
	struct paper q = { .c = c,
			   .p = p,
			   .rows = !str_empty(p->rows),
			   .thing = in_words(things, p->for_) || !str_empty(p->rows) };

	if (str_starts(p->for_, STR("record:"))) {
		str id = str_slice(p->for_, 7, p->for_.len);

		q.loop = policy_loop(c->p, id);
		if (!q.loop) {
			SAY(c, "B224", at_text(c, p->for_, p->m.pos), "没有闭环“%.*s”",
			    STR_ARG(id));
			return;
		}
	} else if (!str_empty(p->for_) && !in_words(things, p->for_)) {
		SAY(c, "B105", at_text(c, p->for_, p->m.pos),
		    "打印件的 for 要写 record:hazard 这样的闭环，或 "
		    "person、place、unit、class、body");
		return;
	}
	check_body(&q);
	check_sign(&q);
}

void check_prints(const struct check *c)
{
	for (size_t i = 0; i < c->p->print_n; i++)
		check_print(c, &c->p->print[i]);
}
