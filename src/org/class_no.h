/*
 * class_no: the name of a class or a grade as people write it: 三（2）班, 三年级2班, 3.2班,
 * 302班, 初一3班, 高二（5）班, 大一班. Numbers, so that every spelling finds the same unit.
 */
#ifndef ORG_CLASS_NO_H
#define ORG_CLASS_NO_H

#include <stdbool.h>

#include "base/str.h"

struct arena;

/* grade 1–12 (初一 7, 高一 10), 21–24 for 托 小 中 大 of a kindergarten; no 0: the whole grade. */
struct class_no { int grade, no; };

/*
 * The first class or grade in the text; *ret_rest is the text without it ("三（2）班班主任" →
 * "班主任", "三年级组长" → "组长"). False when there is none.
 */
bool class_no_find(struct arena *a, str text, struct class_no *ret, str *ret_rest);
/* The text names a class or a grade and nothing else. */
bool class_no_is(struct arena *a, str text, struct class_no *ret);
str class_no_name(struct arena *a, struct class_no c);	/* 三（2）班, 三年级, 七（1）班, 高一（1）班 */
str class_no_code(struct arena *a, struct class_no c);	/* c0302, g03 */

#endif
