/*
 * who: people expressions (pack-language §2): a set of people as of a moment. An empty
 * answer is a hole, never silence. Pure: the organisation comes as an org_view, the
 * record's people as a struct of answers.
 */
#ifndef RULES_WHO_H
#define RULES_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

struct arena;
struct policy;
struct loop;
struct org_view;
struct vmap;
struct who;		/* opaque AST */
struct expr_error;

/* One answer: the person and the hat (post and appointment) through which he is meant; post "" for
 * field:… and the like. */
struct who_hit {
	person_id person;
	str post;
	appointment_id appointment;
	unit_id unit;
	bool stand_in;
};
/* all: every one must act (all(a, b)); else the first takes it. missing: a part of all() has
 * nobody, a hole. */
struct who_set { struct who_hit *at; size_t n, cap; bool all, missing; };

struct who_ctx {
	const struct policy *policy;
	const struct org_view *org;
	int64_t at_ms;
	const struct vmap *fields; /* of the record: field:name, each(field), unsigned(field) */
	const struct loop *loop;	/* its declaration: whom a signatures field asks */
	const struct vmap *params;	/* overrides of $parameters of type who */
	person_id creator, typist;
	person_id (*doer)(void *ctx, str step);	/* who took the step last; 0 none */
	/* unsigned(field): whether a person has signed it; on-duty(roster): who is on shift */
	bool (*has_signed)(void *ctx, str field, person_id p);
	size_t (*on_duty)(void *ctx, str roster, person_id *ret_people, size_t max);
	void *fn_ctx;
	place_id place;			/* keeper(place): the subject or the record's place */
	unit_id unit;			/* of the record or subject */
	person_id subject;		/* per: person */
	str subject_post;		/* per: post */
};

/*
 * `text` as written in a pack; a YAML list is given as "[a, b]". A bare word is a post, else a
 * field of the record
 * (`all(person, party)`); `person` and `subject` are the subject of the duty, else the field
 * `person`; `unit`, `class`, `place` in brackets are those of the subject unless the record has a
 * field of that name.
 */
MUST_CHECK enum err who_parse(struct arena *a, str text, struct who **ret_who,
			      struct expr_error *ret_error);
/* The named people, present or not. */
struct who_set who_eval(struct arena *a, const struct who *w, const struct who_ctx *c);
/*
 * Who acts: present people, with stand-ins (named stand-in → stand-in of the post →
 * head of the department …). Empty: G200.
 */
struct who_set who_present(struct arena *a, const struct who *w, const struct who_ctx *c);
bool who_has(const struct who_set *s, person_id p);
bool who_is_anyone(const struct who *w);
bool who_needs_record(const struct who *w);	/* uses field:, doer, creator, each, unsigned */
/* Names for checking: posts, fields, bodies, roles, rosters, $params; kind as a word: "post",
 * "field", "body", "role", "roster", "param", "step", "form" */
void who_names(const struct who *w, void (*each)(void *ctx, const char *kind, str name), void *ctx);
str who_say(struct arena *a, const struct policy *p, const struct loop *lp,
	    const struct who *w); /* 安全办或副校长; lp names fields, may be NULL */
/* Fills covered_by of every post: asked with every question of who somebody is. */
void posts_prepare(struct arena *a, struct policy *p);
/* Posts that a person holds at a moment, with what they include (`includes`, `is`). */
size_t who_posts(struct arena *a, const struct policy *p, const struct org_view *v,
		 person_id person, int64_t at_ms, struct who_hit **ret_hits);
bool post_covers(const struct policy *p, str held,
		 str asked); /* held == asked, or includes/is leads there */

#endif
