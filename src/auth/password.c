/*
 * password: what is refused when a password is chosen. No rules of composition and no
 * forced change (they make worse passwords): length, and not what guessers try first.
 * The list is words (common_passwords.def); what people do to words, and what is no word
 * at all (keyboard runs, sequences, repetitions, dates, phone numbers), is caught by rules,
 * so a few hundred words stand for many thousands of passwords.
 */
#include "auth/auth_int.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/utf8.h"

#define PASSWORD_MIN 8
#define PASSWORD_MIN_ADMIN 12
#define PASSWORD_MAX 128

static const str common[] = {
#define COMMON(word) { (word), sizeof(word) - 1 },
#include "auth/common_passwords.def"
#undef COMMON
};

static const str rows[] = {
	/* as the fingers run */
	{ "1234567890", 10 },
	{ "qwertyuiop", 10 },
	{ "asdfghjkl", 9 },
	{ "zxcvbnm", 7 },
	{ "!@#$%^&*()", 10 },
	{ "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", 36 },
	{ "qazwsxedcrfvtgbyhnujmikolp", 26 },
	{ "147258369", 9 },
	{ "abcdefghijklmnopqrstuvwxyz", 26 },
};

static bool is_common(str s)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (str_eq(common[i], s))
			return true;
	return false;
}

/* A common one with a few characters before or behind: 520131452. */
static bool is_near_common(str s)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i].len >= 5 && s.len > common[i].len && s.len - common[i].len <= 3 &&
		    (str_starts(s, common[i]) || str_ends(s, common[i])))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is left between digits and signs at both ends: !password2024 → password. */
static str core_of(str s)
{
	while (s.len && !is_letter(s.ptr[0]))
		s = str_slice(s, 1, s.len);
	while (s.len && !is_letter(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static str reversed(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		p[i] = s.ptr[s.len - 1 - i];
	return (str){ p, s.len };
}

/* One unit of at most 4 bytes, over and over: aaaaaaaa, 12341234. */
static bool repeats(str s)
{
	for (size_t unit = 1; unit <= 4 && unit * 2 <= s.len; unit++) {
		size_t i = unit;
		while (i < s.len && s.ptr[i] == s.ptr[i - unit])
			i++;
		if (i == s.len)
			return true;
	}
	return false;
}

/* The longest piece at the start of `s` that runs along a row, or stays on one key. */
static size_t run_at(struct arena *a, str s)
{
	size_t best = 1, same = 1;

	while (same < s.len && s.ptr[same] == s.ptr[0])
		same++;
	if (same > best)
		best = same;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		str both[2] = { rows[r], reversed(a, rows[r]) };
		for (int k = 0; k < 2; k++)
			for (size_t n = best + 1; n <= s.len && n <= both[k].len; n++)
				if (str_find(both[k], str_slice(s, 0, n), 0) >= 0)
					best = n;
	}
	return best;
}

/* Nothing but runs of three and more: qwe123asd, 12345678, 147258369. */
static bool all_runs(struct arena *a, str s)
{
	while (s.len) {
		size_t n = run_at(a, s);
		if (n < 3)
			return false;
		s = str_slice(s, n, s.len);
	}
	return true;
}

static int number(str s, size_t from, size_t n)
{
	int v = 0;

	for (size_t i = from; i < from + n; i++)
		v = v * 10 + (s.ptr[i] - '0');
	return v;
}

/* A birthday (19900203, 03021990), or a mobile number: known to others. */
static bool is_date_or_phone(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]))
			return false;
	if (s.len == 11 && s.ptr[0] == '1')
		return true;
	if (s.len != 8)
		return false;
	int y = number(s, 0, 4), y2 = number(s, 4, 4);
	return (y >= 1900 && y < 2100 && date_valid(y, number(s, 4, 2), number(s, 6, 2))) ||
		(y2 >= 1900 && y2 < 2100 && date_valid(y2, number(s, 0, 2), number(s, 2, 2)));
}

/* The sign-in name with hardly anything to it. */
static bool is_login(str s, str login)
{
	return login.len >= 3 && str_find(s, login, 0) >= 0 && s.len - login.len <= 4;
}

static bool is_guessable(struct op *op, str folded, str login)
{
	str core = core_of(folded);

	return is_common(folded) || is_near_common(folded) || repeats(folded) ||
		all_runs(op->arena, folded) ||
		is_date_or_phone(folded) || is_login(folded, login) ||
		is_login(folded, reversed(op->arena, login)) ||
		(core.len && (is_common(core) || (core.len >= 3 && all_runs(op->arena, core))));
}

enum err password_check(struct op *op, str login, str role, str password)
{
	bool admin = str_eq(role, ROLE_ADMIN);
	size_t least = admin ? PASSWORD_MIN_ADMIN : PASSWORD_MIN;

	if (!utf8_valid(password))
		return INVALID(op, STR("password"), "密码里有不能识别的字符，请重新输入。");
	if (utf8_len(password) < least)
		return INVALID(op, STR("password"), "密码至少 %zu 个字。%s", least,
			       admin ? "管理员的密码要长一些。" : "可以用一句好记的话。");
	if (utf8_len(password) > PASSWORD_MAX)
		return INVALID(op, STR("password"), "密码最多 %d 个字。", PASSWORD_MAX);
	if (is_guessable(op, utf8_fold(op->arena, password), login_fold(op, login)))
		return INVALID(op, STR("password"), "这个密码太常见，容易被猜到。换一句只有您知道的话。");
	return ERR_OK;
}
