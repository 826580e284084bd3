/*
 * settings: one table (settings.def), three sources: DIR/bihuan.conf, the
 * environment (BIHUAN_KEY), the flag; the later wins. Every value remembers where it
 * came from. A value is checked when it is read, wherever it stands: a wrong one is
 * ERR_INVALID with its place and what is allowed, and the program exits with 78; it
 * is never replaced by the default. Immutable after settings_load().
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct op;
struct buf;
struct jw;

enum setting {
#define SETTING(id, key, kind, def, range, secret, help) SET_##id,
#include "base/settings.def"
#undef SETTING
	SET_N
};

enum setting_kind {
	SETTING_PATH,
	SETTING_LISTEN,		/* ADDR:PORT or [IPV6]:PORT; number = port, 0 = any free one */
	SETTING_URL,		/* with a scheme of the range */
	SETTING_ADDRESSES,	/* IP addresses, comma-separated */
	SETTING_FLAG,		/* true, false; number = 1, 0 */
	SETTING_OFFSET,		/* ±HH:MM; number = ms */
	SETTING_CHOICE,		/* a word of the range; number = its place in it, from 0 */
};

enum setting_origin { FROM_DEFAULT, FROM_FILE, FROM_ENV, FROM_FLAG };

struct setting_def { str key; enum setting_kind kind; str def, range; bool secret; str help; };

struct setting_value {
	str text;
	int64_t number;
	enum setting_origin origin;
	str where;		/* "bihuan.conf:3", "BIHUAN_LISTEN", "--listen", "" */
};

struct settings { struct setting_value v[SET_N]; };

struct setting_flag { str key, value; };	/* key as on the command line, without "--" */

extern const struct setting_def setting_defs[SET_N];

/* Reads the three sources; an absent file is empty. Strings live in op->arena. */
MUST_CHECK enum err settings_load(struct op *op, const struct setting_flag *flag, size_t flag_n,
				  struct settings *ret_s);
/*
 * May `serve` listen where the settings say? Loopback always; elsewhere only with TLS, a
 * trusted proxy or insecure_lan (architecture §11).
 */
MUST_CHECK enum err settings_check_serve(struct op *op, const struct settings *s);
/* Is `--key` a setting? Then the command line hands it to settings_load(). */
bool setting_is_flag(str key, enum setting *ret_id);
/* "127.0.0.1:8080", "[::1]:8080" → host without brackets, port. */
bool listen_split(str listen, str *ret_host, int *ret_port);
bool host_is_loopback(str host);

static inline str settings_text(const struct settings *s, enum setting id)
{
	return s->v[id].text;
}

static inline int64_t settings_number(const struct settings *s, enum setting id)
{
	return s->v[id].number;
}

/* What `bihuan config` prints: `key = value  # origin`, secrets as （已设置）. */
void settings_print(struct buf *b, const struct settings *s);
void settings_json(struct jw *w, const struct settings *s);

#endif
