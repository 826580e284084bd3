/* settings: see settings.h. The one file that reads the environment. */
#include "base/settings.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fsutil.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/utf8.h"

#define CONF_NAME "bihuan.conf"

const struct setting_def setting_defs[SET_N] = {
#define SETTING(id, key, kind, def, range, secret, help) \
	[SET_##id] = { STR(key), SETTING_##kind, STR(def), STR(range), secret, STR(help) },
#include "base/settings.def"
#undef SETTING
};

static bool find_key(str key, enum setting *ret_id)
{
	for (int i = 0; i < SET_N; i++) {
		if (str_eq(setting_defs[i].key, key)) {
			*ret_id = (enum setting)i;
			return true;
		}
	}
	return false;
}

/* ---- the kinds ---- */

static bool address_valid(str host)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char addr[16];

	if (host.len == 0 || host.len >= sizeof(text))
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	return inet_pton(AF_INET, text, addr) == 1 || inet_pton(AF_INET6, text, addr) == 1;
}

bool host_is_loopback(str host)
{
	return (address_valid(host) && str_starts(host, STR("127."))) || str_eq(host, STR("::1"));
}

bool listen_split(str listen, str *ret_host, int *ret_port)
{
	int64_t port;
	size_t colon = listen.len;

	assert(ret_host && ret_port);
	while (colon > 0 && listen.ptr[colon - 1] != ':')
		colon--;
	if (colon == 0 || !str_to_i64(str_slice(listen, colon, listen.len), &port) ||
	    port < 0 || port > 65535)
		return false;
	str host = str_slice(listen, 0, colon - 1);
	bool bracket = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	if (bracket)
		host = str_slice(host, 1, host.len - 1);
	if (!address_valid(host) || bracket != str_has(host, ':'))
		return false;
	*ret_host = host;
	*ret_port = (int)port;
	return true;
}

static bool offset_valid(str s, int64_t *ret_ms)
{
	int64_t h, m;

	if (s.len != 6 || (s.ptr[0] != '+' && s.ptr[0] != '-') || s.ptr[3] != ':' ||
	    !str_to_i64(str_slice(s, 1, 3), &h) || !str_to_i64(str_slice(s, 4, 6), &m) ||
	    h < 0 || h > 14 || m < 0 || m > 59)
		return false;
	*ret_ms = (h * MS_HOUR + m * MS_MINUTE) * (s.ptr[0] == '-' ? -1 : 1);
	return *ret_ms <= 14 * MS_HOUR && *ret_ms >= -14 * MS_HOUR;
}

static bool choice_valid(str s, str range, int64_t *ret_place)
{
	str rest = range;

	for (int64_t i = 0; rest.ptr; i++) {
		if (!str_eq(str_cut(&rest, '|'), s))
			continue;
		*ret_place = i;
		return true;
	}
	return false;
}

static bool url_valid(str s, str schemes)
{
	int64_t which;
	ptrdiff_t at = str_find(s, STR("://"), 0);

	if (at <= 0 || (size_t)at + 3 >= s.len)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ')
			return false;
	return choice_valid(str_slice(s, 0, (size_t)at), schemes, &which);
}

static bool addresses_valid(str s)
{
	str rest = s;

	while (rest.ptr)
		if (!address_valid(str_trim(str_cut(&rest, ','))))
			return false;
	return true;
}

/* What the kind allows, for the message. */
static str allowed(struct arena *a, const struct setting_def *d)
{
	switch (d->kind) {
	case SETTING_PATH: return STR("一个路径");
	case SETTING_LISTEN: return STR("地址和端口，形如 127.0.0.1:8080 或 [::1]:8080");
	case SETTING_URL: return str_fmt(a, "以 %.*s 开头的网址", STR_ARG(d->range));
	case SETTING_ADDRESSES: return STR("IP 地址，多个用逗号分开");
	case SETTING_FLAG: return STR("true 或 false");
	case SETTING_OFFSET: return STR("时差，形如 +08:00");
	case SETTING_CHOICE: return d->range;
	}
	panic("setting kind %d", (int)d->kind);
}

static bool value_valid(const struct setting_def *d, str s, int64_t *ret_number)
{
	str host;
	int port;

	*ret_number = 0;
	if (s.len == 0)
		return d->def.len == 0;
	switch (d->kind) {
	case SETTING_PATH:
		return true;
	case SETTING_LISTEN:
		if (!listen_split(s, &host, &port))
			return false;
		*ret_number = port;
		return true;
	case SETTING_URL:
		return url_valid(s, d->range);
	case SETTING_ADDRESSES:
		return addresses_valid(s);
	case SETTING_FLAG:
		*ret_number = str_eq(s, STR("true"));
		return *ret_number || str_eq(s, STR("false"));
	case SETTING_OFFSET:
		return offset_valid(s, ret_number);
	case SETTING_CHOICE:
		return choice_valid(s, d->range, ret_number);
	}
	panic("setting kind %d", (int)d->kind);
}

/* ---- the sources ---- */

static enum err set(struct op *op, struct settings *s, enum setting id, str text,
		    enum setting_origin origin, str where)
{
	const struct setting_def *d = &setting_defs[id];
	int64_t number;

	assert(id < SET_N);
	if (!utf8_valid(text) || !value_valid(d, text, &number))
		return FAIL(op, ERR_INVALID, "%.*s：设置 %.*s 的值不对，应为：%.*s", STR_ARG(where),
			    STR_ARG(d->key), STR_ARG(allowed(op->arena, d)));
	s->v[id] = (struct setting_value){ str_dup(op->arena, text), number, origin, where };
	return ERR_OK;
}

static enum err set_defaults(struct op *op, struct settings *s)
{
	for (int i = 0; i < SET_N; i++)
		TRY(set(op, s, (enum setting)i, setting_defs[i].def, FROM_DEFAULT, STR("")));
	return ERR_OK;
}

static enum err set_from_line(struct op *op, struct settings *s, str line, int number, bool *seen)
{
	str where = str_fmt(op->arena, CONF_NAME ":%d", number);
	enum setting id;

	line = str_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return ERR_OK;
	if (!str_has(line, '='))
		return FAIL(op, ERR_INVALID, "%.*s：每行应为“名称 = 值”", STR_ARG(where));
	str value = line, key = str_trim(str_cut(&value, '='));
	if (!utf8_valid(key) || !find_key(key, &id))
		return FAIL(op, ERR_INVALID, "%.*s：没有这个设置", STR_ARG(where));
	if (id == SET_DATA)
		return FAIL(op, ERR_INVALID, "%.*s：data 不能写在数据文件夹里，请用 -d 或 BIHUAN_DATA",
			    STR_ARG(where));
	if (seen[id])
		return FAIL(op, ERR_INVALID, "%.*s：设置 %.*s 写了两次", STR_ARG(where), STR_ARG(key));
	seen[id] = true;
	return set(op, s, id, str_trim(value), FROM_FILE, where);
}

static enum err set_from_file(struct op *op, struct settings *s)
{
	str text, path = fs_join(op->arena, s->v[SET_DATA].text, STR(CONF_NAME));
	bool seen[SET_N] = { false };
	int number = 0;

	if (!fs_exists(path))
		return ERR_OK;
	TRY(fs_read(op, path, SETTINGS_BYTES_MAX, &text));
	if (str_starts(text, STR("\xEF\xBB\xBF")))	/* Windows editors write one */
		text = str_slice(text, 3, text.len);
	while (text.ptr) {
		str line = str_cut(&text, '\n');
		TRY(set_from_line(op, s, line, ++number, seen));
	}
	return ERR_OK;
}

static str env_name(struct arena *a, str key)
{
	str name = str_fmt(a, "BIHUAN_%.*s", STR_ARG(key));
	char *p = (char *)(uintptr_t)name.ptr;

	for (size_t i = 0; i < name.len; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	return name;
}

static enum err set_from_env(struct op *op, struct settings *s, enum setting id)
{
	str name = env_name(op->arena, setting_defs[id].key);
	const char *value = getenv(name.ptr);

	if (!value)
		return ERR_OK;
	return set(op, s, id, str_trim(str_of(value)), FROM_ENV, name);
}

bool setting_is_flag(str key, enum setting *ret_id)
{
	char snake[32];

	assert(ret_id);
	if (key.len == 0 || key.len >= sizeof(snake) || str_has(key, '_'))
		return false;
	for (size_t i = 0; i < key.len; i++)
		snake[i] = key.ptr[i] == '-' ? '_' : key.ptr[i];
	return find_key((str){ snake, key.len }, ret_id);
}

static enum err set_from_flags(struct op *op, struct settings *s, const struct setting_flag *flag,
			       size_t n, bool data_only)
{
	enum setting id;

	for (size_t i = 0; i < n; i++) {
		if (!setting_is_flag(flag[i].key, &id))
			return FAIL(op, ERR_INVALID, "没有设置 --%.*s", STR_ARG(flag[i].key));
		if ((id == SET_DATA) == data_only)
			TRY(set(op, s, id, flag[i].value, FROM_FLAG,
				str_fmt(op->arena, "--%.*s", STR_ARG(flag[i].key))));
	}
	return ERR_OK;
}

static enum err check_together(struct op *op, const struct settings *s)
{
	const struct setting_value *cert = &s->v[SET_TLS_CERT], *key = &s->v[SET_TLS_KEY];

	if (str_empty(cert->text) != str_empty(key->text))
		return FAIL(op, ERR_INVALID, "tls_cert 和 tls_key 要一起填");
	return ERR_OK;
}

enum err settings_load(struct op *op, const struct setting_flag *flag, size_t flag_n,
		       struct settings *ret_s)
{
	struct settings s;

	assert(op->arena && ret_s);
	assert(flag || flag_n == 0);
	TRY(set_defaults(op, &s));
	/* Where the file is must be known before it is read. */
	TRY(set_from_env(op, &s, SET_DATA));
	TRY(set_from_flags(op, &s, flag, flag_n, true));
	TRY(set_from_file(op, &s));
	for (int i = 0; i < SET_N; i++)
		if (i != SET_DATA)
			TRY(set_from_env(op, &s, (enum setting)i));
	TRY(set_from_flags(op, &s, flag, flag_n, false));
	TRY(check_together(op, &s));
	*ret_s = s;
	return ERR_OK;
}

enum err settings_check_serve(struct op *op, const struct settings *s)
{
	str host;
	int port;

	bool ok = listen_split(s->v[SET_LISTEN].text, &host, &port);
	assert(ok);
	if (host_is_loopback(host) || s->v[SET_TLS_CERT].text.len ||
	    s->v[SET_TRUSTED_PROXY].text.len || s->v[SET_INSECURE_LAN].number)
		return ERR_OK;
	return FAIL(op, ERR_INVALID, "listen 不是本机地址：请配好 tls_cert 和 tls_key，"
		    "或 trusted_proxy，或明确写 --insecure-lan true（会一直提醒）");
}

/* ---- showing ---- */

static str origin_word(enum setting_origin origin)
{
	switch (origin) {
	case FROM_DEFAULT: return STR("默认");
	case FROM_FILE: return STR("文件");
	case FROM_ENV: return STR("环境变量");
	case FROM_FLAG: return STR("命令行");
	}
	panic("setting origin %d", (int)origin);
}

static str shown(const struct settings *s, int i)
{
	if (!setting_defs[i].secret)
		return s->v[i].text;
	return s->v[i].text.len ? STR("（已设置）") : STR("");
}

void settings_print(struct buf *b, const struct settings *s)
{
	for (int i = 0; i < SET_N; i++) {
		buf_add(b, setting_defs[i].key);
		buf_add(b, STR(" = "));
		buf_add(b, shown(s, i));
		buf_add(b, STR("\t# "));
		buf_add(b, origin_word(s->v[i].origin));
		if (s->v[i].where.len) {
			buf_addc(b, ' ');
			buf_add(b, s->v[i].where);
		}
		buf_addc(b, '\n');
	}
}

void settings_json(struct jw *w, const struct settings *s)
{
	static const char *const word[] = { "default", "file", "env", "flag" };

	jw_arr(w);
	for (int i = 0; i < SET_N; i++) {
		assert(s->v[i].origin <= FROM_FLAG);
		jw_obj(w);
		jw_key(w, "key");
		jw_str(w, setting_defs[i].key);
		jw_kv(w, "value", shown(s, i));
		jw_kv(w, "origin", str_of(word[s->v[i].origin]));
		jw_kv(w, "where", s->v[i].where);
		jw_kv(w, "help", setting_defs[i].help);
		jw_end(w);
	}
	jw_end(w);
}
