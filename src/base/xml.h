/*
 * xml: events of an XML text, over expat (base/xml.c is its one adapter). A document
 * type declaration is refused, so no entity is ever defined or expanded; depth is
 * bounded. Names come without their namespace prefix.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/err.h"
#include "base/str.h"

struct op;

/* An error from a handler stops the reading and is what xml_read() returns. */
struct xml_handler {
	void *arg;
	enum err (*start)(void *arg, str name, const char **attrs);
	enum err (*end)(void *arg, str name);		/* may be NULL */
	enum err (*text)(void *arg, str text);		/* in pieces; may be NULL */
};

MUST_CHECK enum err xml_read(struct op *op, str bytes, const struct xml_handler *h);
/* Value of an attribute by its name without prefix; STR_NONE when absent. */
str xml_attr(const char **attrs, str name);

#endif
