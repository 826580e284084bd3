/*
 * param: a number of the policy as people read and choose it: an interval is 每月, a choice has its
 * label, who is a post. What a form can offer as a list is a list, so that nobody has to
 * know the words of the pack language.
 */
#include "web/page/page.h"

#include "gen/html_opt.h"

/* "[gate, stairs]" in the labels of what it is taken from. */
static str list_say(struct op *op, const struct policy *pol, const struct parameter *p, str text)
{
	const struct catalogue *cat =
		p->of_catalogue.len ? policy_catalogue(pol, p->of_catalogue) : NULL;
	str rest = text, *part = NEW_N(op->arena, text.len + 1, str);
	size_t n = 0;

	if (str_starts(rest, STR("[")) && str_ends(rest, STR("]")))
		rest = str_slice(rest, 1, rest.len - 1);
	while (rest.ptr && rest.len) {
		str id = str_trim(str_cut(&rest, ','));

		part[n] = id;
		for (size_t i = 0; cat && i < cat->entry_n; i++)
			if (str_eq(cat->entry[i].m.id, id))
				part[n] = cat->entry[i].m.label;
		for (size_t i = 0; i < p->choice_n; i++)
			if (str_eq(p->choice[i].value, id))
				part[n] = p->choice[i].label;
		n++;
	}
	return str_join(op->arena, part, n, STR("、"));
}

static str text_say(struct op *op, const struct policy *pol, const struct parameter *p, str text)
{
	enum per_kind every;

	switch (p->type) {
	case F_INTERVAL:
		if (str_eq(text, STR("off")))
			return STR("不做");
		return per_kind_parse(text, &every) ? per_kind_say(every) : text;
	case F_WHO:
		return say_people(op, pol, text);
	case F_TABLE:
		return STR("按表");
	case F_LIST: case F_CHOICE: case F_CHOICES:
		return list_say(op, pol, p, text);
	default:
		return text;
	}
}

str say_parameter(struct op *op, const struct policy *pol, const struct parameter *p,
		  const struct value *v)
{
	switch (v->kind) {
	case V_DURATION:
		return duration_say(op->arena, v->dur);
	case V_NUM:
		return str_fmt(op->arena, "%.*s%.*s", STR_ARG(num_format(op->arena, v->num)),
			       STR_ARG(p->unit));
	case V_FLAG:
		return v->flag ? STR("是") : STR("否");
	case V_TEXT:
		return text_say(op, pol, p, v->text);
	case V_LIST: {
		str *part = NEW_N(op->arena, v->list.n, str);

		for (size_t i = 0; i < v->list.n; i++)
			part[i] = say_parameter(op, pol, p, &v->list.at[i]);
		return str_join(op->arena, part, v->list.n, STR("、"));
	}
	default:
		return STR("按表");
	}
}

static void option(struct html_opt *o, size_t *n, str value, str label, str now)
{
	o[(*n)++] = (struct html_opt){ .value = value, .label = label, .on = str_eq(value, now) };
}

size_t parameter_options(struct op *op, const struct policy *pol, const struct parameter *p,
			 str now, const struct html_opt **ret)
{
	struct html_opt *o = NEW_N(op->arena, p->range_words.n + p->choice_n + pol->post_n + 1,
				   struct html_opt);
	bool known = false;
	size_t n = 0;

	if (p->type == F_INTERVAL)
		for (size_t i = 0; i < p->range_words.n; i++)
			option(o, &n, p->range_words.at[i],
			       text_say(op, pol, p, p->range_words.at[i]), now);
	if (p->type == F_CHOICE)
		for (size_t i = 0; i < p->choice_n; i++)
			option(o, &n, p->choice[i].value, p->choice[i].label, now);
	for (size_t i = 0; p->type == F_WHO && i < pol->post_n; i++)
		option(o, &n, pol->post[i].m.id, pol->post[i].m.label, now);
	for (size_t i = 0; i < n; i++)
		known |= o[i].on;
	/* what holds now stays choosable, also when it is a longer word */
	if (n && !known && now.len)
		option(o, &n, now, text_say(op, pol, p, now), now);
	*ret = o;
	return n;
}
