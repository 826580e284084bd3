/*
 * preview: pages filled with invented data, to look at without a server. Each sample_*.c
 * fills some templates and lists them; preview.c writes them as files with the assets
 * beside. Nothing is asserted here: the eye is the test, shoot.py takes the pictures.
 */
#ifndef TESTS_PREVIEW_H
#define TESTS_PREVIEW_H

#include "base/buf.h"
#include "base/str.h"

#include "gen/html_shell.h"

/* A page: its file name, and how it is written. `theme` is "" | light | dark. */
struct preview { const char *name; void (*write)(struct buf *out, str theme); };

extern const struct preview preview_day[], preview_unit[], preview_house[];

/* The frame that all samples share. */
struct html_shell preview_shell(str title, str theme);

/* A text within an initializer: braces, for a compound literal is no constant at file scope. */
#define S(lit) { (lit), sizeof(lit) - 1 }
/* A list member of a template struct, with its length; and a member that is another template. */
#define ROWS(type, member, ...) \
	.member = (const struct html_##type[]){ __VA_ARGS__ }, \
	.member##_n = sizeof((const struct html_##type[]){ __VA_ARGS__ }) / \
		sizeof(struct html_##type)
#define ONE(type, ...) &(const struct html_##type){ __VA_ARGS__ }
#define TAG(text, colour) { .label = S(text), .tone = S(colour) }

#endif
