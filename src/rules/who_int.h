/* who_int: the tree of a people expression, known to who.c (parse, name, say) and who_eval.c alone.
 */
#ifndef RULES_WHO_INT_H
#define RULES_WHO_INT_H

#include "rules/who.h"

enum wkind {
	W_ANYONE, W_CREATOR, W_TYPIST, W_SUBJECT,
	W_DOER,			/* name: step */
	W_FIELD,		/* name: field, or rows.column */
	W_POST,			/* name: post, else a field of the record */
	W_HOLDER,		/* name: post; part: unit */
	W_MEMBERS,		/* part: department */
	W_HEAD,			/* arg[0] */
	W_BODY,			/* name: body; part: leader, deputies, members, office, or "" */
	W_KEEPER,		/* part: place; name: role */
	W_CLASS_TEACHER,	/* part: class */
	W_ON_DUTY,		/* name: roster */
	W_EACH, W_UNSIGNED,	/* name: field */
	W_ANY, W_FIRST, W_ALL,	/* arg… */
	W_NOT,			/* arg[0] without arg[1] */
	W_PARAM,		/* name; part: the field that indexes a table, or "" */
};

struct who {
	enum wkind kind;
	uint32_t at;
	str name, part;
	const struct who *const *arg;
	size_t n;
};

#define WHO_PARAM_DEPTH 4	/* a parameter of type who that names another, and so on */

#endif
