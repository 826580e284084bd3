/* import_people: what a row of a list of people means. */
#include "org/import_int.h"

#include "gen/q_person.h"

static size_t col_of(const struct import_look *l, const char *field)
{
	return import_col(l->body, str_of(field));
}

str import_cell_text(const struct import_look *l, size_t row, size_t col)
{
	return col == SIZE_MAX ? STR("") : l->cell[row][col].text;
}

/* U+FF01 … U+FF5E stand 0xFEE0 above what they mean; U+3000 is a blank. */
str import_plain(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		const unsigned char *c = (const unsigned char *)s.ptr + i;
		if (i + 2 < s.len && c[0] == 0xEF && (c[1] == 0xBC || c[1] == 0xBD)) {
			unsigned v = (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu);	/* of U+FF00 */
			v = (v | 0xF000u) - 0xFEE0u;
			if (v > 0x20 && v < 0x7F) {
				p[n++] = (char)v;
				i += 2;
				continue;
			}
		}
		if (i + 2 < s.len && c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80) {
			p[n++] = ' ';
			i += 2;
			continue;
		}
		p[n++] = s.ptr[i];
	}
	return str_trim((str){ p, n });
}

/* 保安（东门、白班） is one thing; a bracket that nobody shut holds nothing. */
static bool within_brackets(str s, size_t at)
{
	static const char *const open[] = { "（", "(" }, *const shut[] = { "）", ")" };

	for (int k = 0; k < 2; k++) {
		ptrdiff_t from = -1, to = -1, next = 0;
		while ((next = str_find(s, str_of(open[k]), (size_t)next)) >= 0 &&
		       (size_t)next < at)
			from = next++;
		if (from >= 0)
			to = str_find(s, str_of(shut[k]), (size_t)from);
		if (to >= 0 && (size_t)to > at)
			return true;
	}
	return false;
}

bool import_next_part(str *rest, str *ret_part)
{
	static const char *const sep[] = { "、", "，", "；", ",", ";", "/", "\n", "＋", "+", "兼", "｜",
			"|" };
	size_t at = rest->len, skip = 0;

	if (rest->len == 0)
		return false;
	for (size_t i = 0; i < sizeof(sep) / sizeof(sep[0]); i++) {
		ptrdiff_t f = str_find(*rest, str_of(sep[i]), 0);
		while (f >= 0 && within_brackets(*rest, (size_t)f))
			f = str_find(*rest, str_of(sep[i]), (size_t)f + 1);
		if (f >= 0 && (size_t)f < at) {
			at = (size_t)f;
			skip = str_of(sep[i]).len;
		}
	}
	*ret_part = str_trim(str_slice(*rest, 0, at));
	*rest = str_slice(*rest, at + skip, rest->len);
	return true;
}

/* ---- single cells ------------------------------------------------------------- */

/* Names of two characters are often padded to the width of three: 王　芳. */
static str without_padding(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;
	bool latin = false;

	for (size_t i = 0; i < s.len; i++) {
		latin |= (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= 'A' &&
				s.ptr[i] <= 'Z');
		if (s.ptr[i] != ' ' && s.ptr[i] != '\n')
			p[n++] = s.ptr[i];
	}
	return latin ? s : (str){ p, n };
}

static void read_name(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "name");
	str s = without_padding(l->op->arena,
				import_plain(l->op->arena, import_cell_text(l, row, col)));

	ptrdiff_t bracket = str_find(s, STR("("), 0);
	if (bracket > 0) {
		import_note(l, row, col, "括号里的不算姓名。");
		s = str_slice(s, 0, (size_t)bracket);
	}
	l->plan[row].name = s;
	if (s.len == 0)
		import_wrong(l, row, col, "没有姓名。");
	else if (utf8_len(s) > 30)
		import_wrong(l, row, col, "姓名太长了，请核对。");
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9') {
			import_wrong(l, row, col, "姓名里不该有数字，请核对是不是错了列。");
			break;
		}
}

/* Digits of one number: blanks, dashes and +86 go; "" when it is none. */
static str phone_digits(struct arena *a, str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	if (str_starts(s, STR("+86")))
		s = str_slice(s, 3, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == ' ' || s.ptr[i] == '-' || s.ptr[i] == '(' || s.ptr[i] == ')')
			continue;
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return STR("");
		p[n++] = s.ptr[i];
	}
	return n >= 7 && n <= 12 ? (str){ p, n } : STR("");
}

static void read_phone(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "phone");
	str rest = import_plain(l->op->arena, import_cell_text(l, row, col)), part, digits;
	bool more = false;

	l->plan[row].phone = STR("");
	while (import_next_part(&rest, &part)) {
		if (part.len == 0)
			continue;
		digits = phone_digits(l->op->arena, part);
		if (digits.len == 0 && l->plan[row].phone.len) {
			more = true;	/* a short number beside the long one */
			continue;
		}
		if (digits.len == 0) {
			import_wrong(l, row, col, "“%.*s”不是电话号码，请改正，或者先不填。", STR_ARG(part));
			return;
		}
		if (l->plan[row].phone.len)
			more = true;
		else
			l->plan[row].phone = digits;
	}
	str phone = l->plan[row].phone;
	if (more)
		import_note(l, row, col, "只用了第一个号码。");
	if (phone.len && phone.ptr[0] == '1' && phone.len != 11)
		import_wrong(l, row, col, "手机号要有 11 位，这里是 %zu 位。", phone.len);
}

static void read_kind(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "kind");
	str text = import_cell_text(l, row, col);
	bool sure;

	l->plan[row].kind = STR("");
	if (text.len == 0)
		return;
	const struct import_name *k = import_name_of(l->op->arena, &l->w->staff_kind, text, &sure);
	if (k) {
		l->plan[row].kind = k->id;
		if (!sure)
			import_note(l, row, col, "按“%.*s”处理。", STR_ARG(k->label));
		return;
	}
	import_wrong(l, row, col, "没有“%.*s”这一类，请选一类，或者先不填。", STR_ARG(text));
	import_options(l, row, col, &l->w->staff_kind, text, false);
	import_propose(l, row, col, CELL_EMPTY);
}

/* 43709, where a table lost its format of dates: days since 1899-12-30, 1955 to 2064. */
static bool serial_date(str s, day_no *ret_day)
{
	int64_t serial;

	if (s.len != 5 || !str_to_i64(s, &serial) || serial < 20000 || serial > 60000)
		return false;
	*ret_day = (day_no)(serial - 25569);
	return true;
}

/* 2020-09-01, 2020/9/1, 2020.9, 2020年9月: the numbers in it; a day left out is the first. */
static bool read_date(str s, day_no *ret_day)
{
	int v[3] = { 0, 1, 1 }, n = 0;

	for (size_t i = 0; i < s.len && n < 3;) {
		int x = 0, digits = 0;
		while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9' && digits < 4) {
			x = x * 10 + (s.ptr[i++] - '0');
			digits++;
		}
		if (digits)
			v[n++] = x;
		else
			i++;
	}
	if (serial_date(s, ret_day))
		return true;
	if (n == 0 || v[0] < 1950 || v[0] > 2199 || !date_valid(v[0], v[1], v[2]))
		return false;
	*ret_day = day_of(v[0], v[1], v[2]);
	return true;
}

static void read_joined(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "joined");
	str text = import_plain(l->op->arena, import_cell_text(l, row, col));
	day_no day;

	if (text.len == 0)
		return;
	if (read_date(text, &day))
		l->plan[row].joined_ms = day_start_ms(day, l->op->clock->utc_offset_ms);
	else
		import_wrong(l, row, col, "日期看不懂，请写成 2026-09-01 这样，或者先不填。");
}

static void read_units(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];
	size_t unit = col_of(l, "unit"), class = col_of(l, "class");
	str rest = import_cell_text(l, row, class), part;
	struct class_no c;

	while (import_next_part(&rest, &part)) {
		if (part.len == 0)
			continue;
		str subject;	/* 三（1）班语文 */
		if (class_no_find(l->op->arena, part, &c, &subject) && c.no)
			*VEC_PUSH(l->op->arena, &p->class) = c;
		else	/* a post that needs a class says so itself */
			import_note(l, row, class, "没有班级，这一格不用。");
	}
	str text = import_unpad(l->op->arena, import_cell_text(l, row, unit));
	p->department = STR("");
	if (text.len && class_no_is(l->op->arena, text, &c))
		*VEC_PUSH(l->op->arena, &p->class) = c;
	else
		p->department = text;
	if (utf8_len(p->department) > NAME_MAX_CHARS)
		import_wrong(l, row, unit, "部门名称太长了，请核对。");
}

/* ---- posts -------------------------------------------------------------------- */

/* The post of "三（2）班班主任": by the whole, by the rest, by 班 or 年级 and the rest. */
static const struct import_name *post_of(struct import_look *l, str part, struct class_no *ret_at,
					 bool *ret_sure)
{
	const struct import_names *posts = &l->w->post;
	struct arena *a = l->op->arena;
	const struct import_name *hit = import_name_of(a, posts, part, ret_sure);
	str rest;

	bool sure = hit && *ret_sure;
	*ret_at = (struct class_no){ 0, 0 };
	if (!class_no_find(a, part, ret_at, &rest) || sure)
		return hit;
	const char *lead[] = { "", ret_at->no ? "班" : "年级" };
	for (size_t i = 0; i < 2; i++) {
		const struct import_name *n = import_name_of(a, posts,
			str_fmt(a, "%s%.*s", lead[i], STR_ARG(rest)), ret_sure);
		if (n && *ret_sure)
			return n;
	}
	*ret_sure = false;
	return rest.len ? import_name_of(a, posts, rest, ret_sure) : NULL;
}

static void add_post(struct import_look *l, size_t row, size_t col, const struct import_name *post,
		     struct class_no at)
{
	struct plan_row *p = &l->plan[row];
	size_t before = p->post.n;

	if (post->where == IN_UNIT) {
		*VEC_PUSH(l->op->arena, &p->post) = (struct plan_post){ post, { 0, 0 } };
		return;
	}
	if (at.grade && (at.no || post->where == IN_GRADE)) {
		if (post->where == IN_GRADE)
			at.no = 0;
		*VEC_PUSH(l->op->arena, &p->post) = (struct plan_post){ post, at };
		return;
	}
	for (size_t i = 0; i < p->class.n; i++) {
		struct class_no c = p->class.at[i];
		if (post->where == IN_GRADE)
			c.no = 0;
		else if (c.no == 0)
			continue;
		*VEC_PUSH(l->op->arena, &p->post) = (struct plan_post){ post, c };
		if (post->where == IN_GRADE)
			break;
	}
	if (p->post.n > before)
		return;
	if (post->where == IN_GRADE)
		*VEC_PUSH(l->op->arena, &p->post) = (struct plan_post){ post, { 0, 0 } };
	else
		import_wrong(l, row, col, "%.*s要写明是哪个班，如“三（2）班%.*s”。", STR_ARG(post->label),
			     STR_ARG(post->label));
}

/* "吹哨员、保安": with 教职工 for what the pack does not know, the rest as it is. */
static void propose_other(struct import_look *l, size_t row, size_t col, str part)
{
	struct import_cell *c = &l->cell[row][col];
	str text = c->text;
	ptrdiff_t at = str_find(text, part, 0);

	if (!l->w->other_post || at < 0)
		return;
	str label = l->w->other_post->label;
	str as = str_fmt(l->op->arena, "%.*s%.*s%.*s", (int)at, text.ptr, STR_ARG(label),
			 STR_ARG(str_slice(text, (size_t)at + part.len, text.len)));
	struct import_option *o = NEW_N(l->op->arena, c->option_n + 1, struct import_option);
	size_t n = 0;
	o[n++] = (struct import_option){ as, as };
	for (size_t i = 0; i < c->option_n; i++)
		if (!str_eq(c->option[i].value, as))
			o[n++] = c->option[i];
	c->option = o;
	c->option_n = n;
	import_propose(l, row, col, as);
}

static void read_posts(struct import_look *l, size_t row)
{
	size_t col = col_of(l, "post");
	str rest = import_cell_text(l, row, col), part;
	bool sure;

	while (import_next_part(&rest, &part)) {
		struct class_no at;
		if (part.len == 0)
			continue;
		const struct import_name *post = post_of(l, part, &at, &sure);
		if (!post) {
			if (l->w->other_post)
				import_wrong(l, row, col, "没有“%.*s”这个岗位，先按“%.*s”收进来，也可以另选。",
					     STR_ARG(part), STR_ARG(l->w->other_post->label));
			else
				import_wrong(l, row, col, "没有“%.*s”这个岗位，请选一个，或者先不填。",
					     STR_ARG(part));
			import_options(l, row, col, &l->w->post, part, false);
			propose_other(l, row, col, part);
			return;
		}
		if (!sure)
			import_note(l, row, col, "“%.*s”按“%.*s”处理。", STR_ARG(part),
				    STR_ARG(post->label));
		add_post(l, row, col, post, at);
	}
	if (l->plan[row].post.n == 0 && col != SIZE_MAX)
		import_note(l, row, col, "没有岗位，不会收到任何事项。");
}

/* ---- there already ------------------------------------------------------------ */

/* The number decides; a name alone only when one bears it and nothing contradicts. */
static void find_existing(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];
	size_t number_col = col_of(l, "staff_no"), name_col = col_of(l, "name");
	struct q_persons_numbered *found;
	struct q_person_get person;
	size_t n = 0;
	person_id id = { 0 };

	if (p->name.len == 0)
		return;
	if (p->staff_no.len && !q_persons_numbered(l->op, l->tenant, p->staff_no, l->op->now_ms,
						   &found, &n) && n > 0) {
		if (!q_person_get(l->op, l->tenant, found[0].id, &person) &&
		    !str_eq(person.name, p->name))
			import_wrong(l, row, number_col, "工号 %.*s 已经是%.*s的了。",
				     STR_ARG(p->staff_no), STR_ARG(person.name));
		p->person = found[0].id;
		return;
	}
	n = import_people_named(l, p->name, &id);
	if (n > 1 && p->staff_no.len == 0)
		import_wrong(l, row, name_col, "已有 %zu 位%.*s，请填工号。", n, STR_ARG(p->name));
	if (n != 1 || q_person_get(l->op, l->tenant, id, &person))
		return;
	if (p->staff_no.len && person.staff_no.len)
		return;		/* another number: another person */
	p->person = id;
	import_note(l, row, name_col, "已有这个人，只补上没有的。");
}

void import_row_people(struct import_look *l, size_t row)
{
	struct plan_row *p = &l->plan[row];

	if (l->body->row.at[row].skip)
		return;
	read_name(l, row);
	read_phone(l, row);
	p->staff_no = import_plain(l->op->arena, import_cell_text(l, row, col_of(l, "staff_no")));
	if (utf8_len(p->staff_no) > CODE_MAX_CHARS)
		import_wrong(l, row, col_of(l, "staff_no"), "工号太长了，请核对。");
	read_kind(l, row);
	read_joined(l, row);
	read_units(l, row);
	read_posts(l, row);
	find_existing(l, row);
}
