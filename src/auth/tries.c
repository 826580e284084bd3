/*
 * tries: what a failed sign-in costs. Every failure makes the next try wait longer; nobody
 * is locked out for good. Who brings a known device (a signed-in session, or the cookie
 * that an earlier sign-in of the same account left) is counted apart, so that a stranger
 * who guesses at a name cannot keep its owner out; a stranger's guesses are counted by
 * name, by address and over all, names that do not exist as well, so that the answer tells
 * nothing. Keys are hashes: people type passwords into the field of names.
 *
 * A name costs a stranger 5 free tries a day, then 1, 2, 4 … seconds up to 15 minutes:
 * about 110 guesses in a day.
 */
#include "auth/auth_int.h"

#include "base/clock.h"
#include "base/date.h"
#include "gen/q_session.h"

enum by { BY_NAME, BY_ADDRESS, BY_ALL, BY_DEVICE };

static const struct { char letter; int32_t free; int64_t wait_max_ms; } rule[] = {
	[BY_NAME] = { 'n', 5, 15 * MS_MINUTE },
	[BY_ADDRESS] = { 'a', 60, MS_MINUTE },	/* a whole school behind one address */
	[BY_ALL] = { 'g', 5000, MS_SECOND },
	[BY_DEVICE] = { 'd', 5, 5 * MS_MINUTE },
};

static str key_of(struct op *op, enum by by, str what)
{
	str hex = hash_hex(op->arena, hash_of(what));

	return str_fmt(op->arena, "%c%.*s", rule[by].letter, 40, hex.ptr);
}

static day_no today(const struct op *op)
{
	return instant_day(op->now_ms, op->clock->utc_offset_ms);
}

static enum err wait_of(struct op *op, enum by by, str what, int64_t *ret_wait_ms)
{
	struct q_sign_in_try_get row;
	enum err e = q_sign_in_try_get(op, key_of(op, by, what), today(op), &row);
	int64_t wait = rule[by].wait_max_ms;

	*ret_wait_ms = 0;
	if (e == ERR_NOTFOUND)
		return ERR_OK;
	if (e)
		return e;
	if (row.n < rule[by].free)
		return ERR_OK;
	if (row.n - rule[by].free < 20 && MS_SECOND << (row.n - rule[by].free) < wait)
		wait = MS_SECOND << (row.n - rule[by].free);
	if (row.last_at + wait > op->now_ms)
		*ret_wait_ms = row.last_at + wait - op->now_ms;
	return ERR_OK;
}

static enum err refuse(struct op *op, int64_t wait_ms)
{
	int minutes = (int)((wait_ms + MS_MINUTE - 1) / MS_MINUTE);

	return FAIL(op, ERR_LIMIT, "试的次数太多了，请过 %d 分钟再试。", minutes);
}

/* The known device that stands for this sign-in; empty: a stranger's. */
static enum err device_key(struct op *op, const struct origin *o, account_id account, str *ret_key)
{
	struct q_code_get row;

	*ret_key = STR("");
	if (op->scope && op->scope->session.v && op->scope->account.v == account.v) {
		*ret_key = str_fmt(op->arena, "s%lld", (long long)op->scope->session.v);
		return ERR_OK;
	}
	if (o->device.len == 0 || account.v == 0)
		return ERR_OK;
	enum err e = q_code_get(op, hash_of(o->device), CODE_DEVICE, op->now_ms, &row);
	if (e == ERR_OK && row.account_id.v == account.v)
		*ret_key = str_fmt(op->arena, "d%lld", (long long)row.id);
	return e == ERR_NOTFOUND ? ERR_OK : e;
}

enum err tries_check(struct op *op, const struct origin *o, account_id account)
{
	int64_t wait = 0, w;
	str device;

	TRY(device_key(op, o, account, &device));
	if (device.len) {
		TRY(wait_of(op, BY_DEVICE, device, &wait));
		return wait ? refuse(op, wait) : ERR_OK;
	}
	TRY(wait_of(op, BY_NAME, login_fold(op, o->login), &w));
	wait = w > wait ? w : wait;
	TRY(wait_of(op, BY_ADDRESS, o->address, &w));
	wait = w > wait ? w : wait;
	TRY(wait_of(op, BY_ALL, STR(""), &w));
	wait = w > wait ? w : wait;
	return wait ? refuse(op, wait) : ERR_OK;
}

static enum err count(struct op *op, enum by by, str what)
{
	return q_sign_in_try_add(op, key_of(op, by, what), today(op), op->now_ms);
}

enum err tries_count(struct op *op, const struct origin *o, account_id account)
{
	str device;

	TRY(device_key(op, o, account, &device));
	if (device.len)
		return count(op, BY_DEVICE, device);
	TRY(count(op, BY_NAME, login_fold(op, o->login)));
	TRY(count(op, BY_ADDRESS, o->address));
	return count(op, BY_ALL, STR(""));
}

enum err tries_forgive(struct op *op, str login)
{
	return q_sign_in_try_clear(op, key_of(op, BY_NAME, login));
}
