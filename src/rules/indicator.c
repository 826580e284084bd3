/*
 * indicator: see indicator.h. Formulas are sums and quotients of counters: a small
 * recursive reader over the text as written, bounded in depth. A quotient keeps its
 * numerator and denominator, so that "3 of 4" can be shown and opened.
 */
#include "rules/indicator.h"

#include "base/arena.h"

#define FORMULA_DEPTH_MAX 16

struct formula {
	struct arena *a;
	str text; size_t at; int depth; bool bad;
	int64_t (*name)(struct formula *f, str name);
	const struct indicator *ind;
	const struct indicator_env *env;
	int64_t filled, asked;		/* of coverage and acknowledgements */
};

/* A number as a fraction; `div` tells that a division made it. */
struct frac { int64_t num, den; bool div; };

static void blanks(struct formula *f)
{
	while (f->at < f->text.len && f->text.ptr[f->at] == ' ')
		f->at++;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == '-' || c == '@';
}

static struct frac sum(struct formula *f);

static struct frac atom(struct formula *f)
{
	struct frac r = { 0, 1, false };

	blanks(f);
	if (f->at < f->text.len && f->text.ptr[f->at] == '(') {
		f->at++;
		if (++f->depth > FORMULA_DEPTH_MAX) {
			f->bad = true;
			return r;
		}
		r = sum(f);
		f->depth--;
		blanks(f);
		if (f->at >= f->text.len || f->text.ptr[f->at] != ')')
			f->bad = true;
		f->at++;
		return r;
	}
	size_t from = f->at;
	while (f->at < f->text.len && name_char(f->text.ptr[f->at]))
		f->at++;
	str word = str_slice(f->text, from, f->at);
	if (!word.len) {
		f->bad = true;
		f->at++;
		return r;
	}
	if (!str_to_i64(word, &r.num))
		r.num = f->name(f, word);
	return r;
}

static bool operator(struct formula *f, const char *of, char *ret_c)
{
	blanks(f);
	if (f->at >= f->text.len || !strchr(of, f->text.ptr[f->at]))
		return false;
	*ret_c = f->text.ptr[f->at++];
	return true;
}

static struct frac product(struct formula *f)
{
	struct frac r = atom(f);
	char c;

	while (!f->bad && operator(f, "*/", &c)) {
		struct frac x = atom(f);

		if (c == '*') {
			r.num *= x.num;
			r.den *= x.den;
		} else {
			r.num *= x.den;
			r.den *= x.num;
			r.div = true;
		}
	}
	return r;
}

static struct frac sum(struct formula *f)
{
	struct frac r = product(f);
	char c;

	while (!f->bad && operator(f, "+-", &c)) {
		struct frac x = product(f);

		if (r.den == x.den)
			r.num = c == '+' ? r.num + x.num : r.num - x.num;
		else {
			int64_t a = r.num * x.den, b = x.num * r.den;

			r.num = c == '+' ? a + b : a - b;
			r.den *= x.den;
		}
		r.div |= x.div;
	}
	return r;
}

static int64_t counter_name(struct formula *f, str name)
{
	return f->env->counter ? f->env->counter(f->env->ctx, name) : 0;
}

static int64_t duty_name(struct formula *f, str name)
{
	str duty = f->ind->of.n ? f->ind->of.at[0] : STR("");
	str what = str_kebab(f->a, name);

	return counter_name(f, str_fmt(f->a, "duty:%.*s:%.*s", STR_ARG(duty), STR_ARG(what)));
}

static int64_t asked_name(struct formula *f, str name)
{
	return str_eq(name, STR("asked")) ? f->asked : f->filled;	/* filled, done */
}

static int64_t state_name(struct formula *f, str name)
{
	str state = name;
	str loop = str_cut(&state, '.');

	return f->env->in_state ? f->env->in_state(f->env->ctx, loop, state) : 0;
}

static void finish(struct formula *f, struct indicator_value *ret)
{
	struct frac r = sum(f);

	blanks(f);
	if (f->bad || f->at < f->text.len)
		return;
	ret->ratio = r.div;
	ret->numerator = r.num;
	ret->denominator = r.den;
	ret->known = r.den != 0;	/* nothing was due: neither good nor bad */
	ret->num = r.den ? r.num * NUM_SCALE / r.den : 0;
}

static void ratio_eval(struct arena *a, const struct policy *p, const struct indicator *ind,
		const struct indicator_env *env, struct indicator_value *ret)
{
	struct indicator_value v[2] = { 0 };

	for (size_t i = 0; i < 2 && i < ind->of.n; i++) {
		const struct indicator *x = policy_indicator(p, ind->of.at[i]);

		if (!x || x->kind == IND_RATIO)
			return;
		indicator_eval(a, p, x, env, &v[i]);
	}
	ret->ratio = true;
	ret->numerator = v[0].num / NUM_SCALE;
	ret->denominator = v[1].num / NUM_SCALE;
	ret->known = ret->denominator != 0;
	ret->num = ret->known ? ret->numerator * NUM_SCALE / ret->denominator : 0;
}

void indicator_eval(struct arena *a, const struct policy *p, const struct indicator *ind,
		const struct indicator_env *env, struct indicator_value *ret)
{
	struct formula f = { .a = a, .text = ind->text, .ind = ind, .env = env,
			.name = counter_name };
	str step;

	*ret = (struct indicator_value){ 0 };
	switch (ind->kind) {
	case IND_RATIO: ratio_eval(a, p, ind, env, ret); return;
	case IND_COUNT: case IND_SUM: break;
	case IND_DUTY: f.name = duty_name; break;
	case IND_STATE:
		f.name = state_name;
		if (!f.text.len && ind->of.n)
			f.text = ind->of.at[0];
		break;
	case IND_COVERAGE:
		if (env->covered)
			env->covered(env->ctx, &ind->of, &f.filled, &f.asked);
		f.name = asked_name;
		break;
	case IND_ACK:
		step = ind->of.n ? ind->of.at[0] : STR("");
		str loop = str_cut(&step, '.');
		if (env->acknowledged)
			env->acknowledged(env->ctx, loop, step, &f.filled, &f.asked);
		f.name = asked_name;
		break;
	}
	finish(&f, ret);
}
