/*
 * What it would catch: a source that wins over a later one, a wrong value that starts anyway, a
 * secret that is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fsutil.h"
#include "base/json.h"
#include "base/op.h"
#include "base/settings.h"

static struct op op;
static str dir;

static int set_up(void **state)
{
	char temp[] = "/tmp/bihuan-settings-XXXXXX";

	(void)state;
	op = (struct op){ .arena = arena_new(16 << 20) };
	if (!mkdtemp(temp))
		return 1;
	dir = str_dup(op.arena, str_of(temp));
	return 0;
}

static int tear_down(void **state)
{
	str *names;
	size_t n;

	(void)state;
	if (fs_list(&op, dir, &names, &n) == ERR_OK)
		for (size_t i = 0; i < n; i++)
			unlink(fs_join(op.arena, dir, names[i]).ptr);
	rmdir(dir.ptr);
	unsetenv("BIHUAN_LISTEN");
	unsetenv("BIHUAN_PROFILE");
	arena_free(op.arena);
	return 0;
}

static void conf(const char *text)
{
	enum err e = fs_write_atomic(&op, fs_join(op.arena, dir, STR("bihuan.conf")), str_of(text),
				     0600);

	assert_int_equal(e, ERR_OK);
}

static enum err load(struct settings *s, const char *key, const char *value)
{
	struct setting_flag flags[] = { { STR("data"), dir }, { str_of(key), str_of(value) } };

	op_clear_error(&op);
	return settings_load(&op, flags, key ? 2 : 1, s);
}

static void settings__later_wins(void **state)
{
	struct settings s;
	struct buf b;

	(void)state;
	assert_int_equal(load(&s, NULL, NULL), ERR_OK);
	assert_string_equal(settings_text(&s, SET_LISTEN).ptr, "127.0.0.1:8080");
	assert_int_equal(settings_number(&s, SET_UTC_OFFSET), 8 * 3600 * 1000);
	assert_int_equal(settings_number(&s, SET_LOG_LEVEL), 2);
	conf("\xEF\xBB\xBF# words\n\nlisten = 127.0.0.1:1\r\nutc_offset=-03:30\nprofile = 等保\n"
	     "mail = smtp://u:geheim@h\n");
	setenv("BIHUAN_LISTEN", "127.0.0.1:2", 1);
	assert_int_equal(load(&s, NULL, NULL), ERR_OK);
	assert_int_equal(settings_number(&s, SET_LISTEN), 2);
	assert_int_equal(s.v[SET_LISTEN].origin, FROM_ENV);
	assert_string_equal(s.v[SET_LISTEN].where.ptr, "BIHUAN_LISTEN");
	assert_int_equal(settings_number(&s, SET_UTC_OFFSET), -12600000);
	assert_string_equal(s.v[SET_UTC_OFFSET].where.ptr, "bihuan.conf:4");
	assert_int_equal(settings_number(&s, SET_PROFILE), 1);
	assert_int_equal(load(&s, "listen", "[::1]:3"), ERR_OK);
	assert_int_equal(settings_number(&s, SET_LISTEN), 3);
	assert_string_equal(s.v[SET_LISTEN].where.ptr, "--listen");
	buf_init(&b, 20000);
	settings_print(&b, &s);
	assert_non_null(strstr(b.ptr, "listen = [::1]:3\t# 命令行 --listen\n"));
	assert_non_null(strstr(b.ptr, "mail = （已设置）\t# 文件 bihuan.conf:6\n"));
	struct jw w;
	jw_start(&w, &b);
	settings_json(&w, &s);
	assert_null(strstr(b.ptr, "geheim"));
	buf_release(&b);
}

static void settings__faults(void **state)
{
	struct settings s;
	const char *bad[][2] = {
		{ "listen", "8080" },
		{ "listen", "localhost:80" },
		{ "listen", "1.2.3.4:65536" },
		{ "listen", "1.2.3.4:-1" },
		{ "listen", "::1:80" },
		{ "listen", "[1.2.3.4]:80" },
		{ "listen", "" },
		{ "utc-offset", "8" },
		{ "utc-offset", "+15:00" },
		{ "utc-offset", "+08:60" },
		{ "utc-offset", "+08-00" },
		{ "profile", "x" },
		{ "log-level", "INFO" },
		{ "insecure-lan", "yes" },
		{ "public-url", "ftp://x" },
		{ "public-url", "https://" },
		{ "public-url", "https://a b" },
		{ "trusted-proxy", "1.2.3.4,x" },
		{ "trusted-proxy", "1.2.3.4," },
		{ "no-such", "1" },
		{ "utc_offset", "+08:00" },
		{ "tls-cert", "/x" },
	};
	const char *files[] = { "listen\n", "listen = x\n", "nosuch = 1\n", "data = /x\n",
		"profile = school\nprofile = school\n", "\xff = 1\n", "profile = \xff\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (load(&s, bad[i][0], bad[i][1]) != ERR_INVALID)
			fail_msg("accepted %s=%s", bad[i][0], bad[i][1]);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		conf(files[i]);
		if (load(&s, NULL, NULL) != ERR_INVALID)
			fail_msg("accepted %s", files[i]);
		assert_non_null(strstr(op.errmsg, "bihuan.conf:"));
	}
	conf("");
	setenv("BIHUAN_PROFILE", "x", 1);
	assert_int_equal(load(&s, NULL, NULL), ERR_INVALID);
	assert_non_null(strstr(op.errmsg, "BIHUAN_PROFILE"));
}

static void settings__serve(void **state)
{
	struct settings s;
	const char *good[][2] = { { "listen", "127.9.9.9:0" }, { "listen", "[::1]:80" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(load(&s, good[i][0], good[i][1]), ERR_OK);
		assert_int_equal(settings_check_serve(&op, &s), ERR_OK);
	}
	assert_int_equal(load(&s, "listen", "0.0.0.0:80"), ERR_OK);
	assert_int_equal(settings_check_serve(&op, &s), ERR_INVALID);
	conf("listen = 0.0.0.0:80\n");
	assert_int_equal(load(&s, "insecure-lan", "true"), ERR_OK);
	assert_int_equal(settings_check_serve(&op, &s), ERR_OK);
	assert_int_equal(load(&s, "trusted-proxy", "10.0.0.1, ::1"), ERR_OK);
	assert_int_equal(settings_check_serve(&op, &s), ERR_OK);
}

static void fs__files(void **state)
{
	str s, path = fs_join(op.arena, dir, STR("f")), *names;
	size_t n;
	int fd, fd2;

	(void)state;
	assert_int_equal(fs_read(&op, path, 10, &s), ERR_NOTFOUND);
	assert_int_equal(fs_write_atomic(&op, path, STR("one"), 0600), ERR_OK);
	assert_int_equal(fs_write_atomic(&op, path, STR("two\0!"), 0640), ERR_OK);
	assert_int_equal(fs_read(&op, path, 5, &s), ERR_OK);
	assert_true(str_eq(s, STR("two\0!")));
	assert_int_equal(fs_read(&op, path, 4, &s), ERR_LIMIT);
	assert_int_equal(fs_read(&op, dir, 4, &s), ERR_INVALID);
	assert_int_equal(fs_read(&op, STR("/proc/self/status"), 100000, &s), ERR_OK);
	assert_true(s.len > 100);
	assert_int_equal(fs_list(&op, dir, &names, &n), ERR_OK);
	assert_int_equal(n, 1);		/* no temporary file is left */
	assert_string_equal(names[0].ptr, "f");
	assert_int_equal(fs_write_atomic(&op, STR("/proc/none/x"), STR("x"), 0600), ERR_IO);
	assert_true(fs_exists(path) && !fs_is_dir(path) && fs_is_dir(dir));
	assert_false(fs_exists(STR("")));
	assert_int_equal(fs_lock(&op, path, &fd), ERR_OK);
	assert_int_equal(fs_lock(&op, path, &fd2), ERR_BUSY);
	fs_unlock(fd);
	assert_int_equal(fs_lock(&op, path, &fd), ERR_OK);
	fs_unlock(fd);
	assert_int_equal(fs_remove(&op, path), ERR_OK);
	assert_int_equal(fs_remove(&op, path), ERR_OK);
	assert_false(fs_exists(path));
	assert_false(op.sync_failed);
}

static void fs__folders(void **state)
{
	str deep = str_fmt(op.arena, "%s/a/b//c", dir.ptr);

	(void)state;
	assert_int_equal(fs_mkdirs(&op, deep), ERR_OK);
	assert_int_equal(fs_mkdirs(&op, deep), ERR_OK);
	assert_true(fs_is_dir(deep));
	assert_int_equal(fs_write_atomic(&op, fs_join(op.arena, deep, STR("x")), STR("1"), 0600),
			 ERR_OK);
	assert_int_equal(fs_mkdirs(&op, str_fmt(op.arena, "%s/x/y", deep.ptr)), ERR_IO);
	assert_int_equal(fs_remove(&op, fs_join(op.arena, deep, STR("x"))), ERR_OK);
	rmdir(deep.ptr);
	rmdir(str_fmt(op.arena, "%s/a/b", dir.ptr).ptr);
	rmdir(str_fmt(op.arena, "%s/a", dir.ptr).ptr);
}

/* A file that takes bytes but cannot be synced stands for a disk that fails (EINVAL on a pipe). */
static void fs__failed_sync_is_marked(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fs_sync_fd(&op, fd[1]), ERR_IO);
	assert_true(op.sync_failed);
	close(fd[0]);
	close(fd[1]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(settings__later_wins), T(settings__faults), T(settings__serve), T(fs__files),
		T(fs__folders), T(fs__failed_sync_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
