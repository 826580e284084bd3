/*
 * Writes every sample page twice, light and dark, with the assets, under the folder named:
 *   preview OUT_DIR
 * See preview.h for why.
 */
#include "preview.h"

#include <stdio.h>
#include <sys/stat.h>

#include "gen/assets.h"

static bool put_file(const char *dir, const char *name, const char *suffix, str bytes)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	FILE *f = fopen(path, "wb");
	if (!f)
		return false;
	bool ok = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	return fclose(f) == 0 && ok;
}

static bool put_page(const char *dir, const struct preview *p, const char *suffix, str theme)
{
	struct buf b;
	buf_init(&b, 4U << 20);
	p->write(&b, theme);
	str page;
	bool ok = buf_finish(&b, &page) == ERR_OK && put_file(dir, p->name, suffix, page);
	buf_release(&b);
	return ok;
}

static bool put_assets(const char *dir)
{
	bool ok = true;
	for (size_t i = 0; i < ASSET_N; i++) {
		char name[256];
		snprintf(name, sizeof(name), "%.*s", STR_ARG(assets[i].url));
		ok = put_file(dir, name + 1, "", assets[i].bytes) && ok;
	}
	return ok;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("preview OUT_DIR\n", stderr);
		return 2;
	}
	char sub[512];
	snprintf(sub, sizeof(sub), "%s/a", argv[1]);
	mkdir(argv[1], 0755);
	mkdir(sub, 0755);
	bool ok = put_assets(argv[1]);
	const struct preview *const all[] = { preview_day, preview_unit, preview_house };
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		for (const struct preview *p = all[k]; p->name; p++)
			ok = put_page(argv[1], p, ".html", STR("light")) &&
			     put_page(argv[1], p, "-dark.html", STR("dark")) && ok;
	return ok ? 0 : 1;
}
