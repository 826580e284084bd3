/* forms: struct form_NAME and form_NAME_spec() for every form of web/forms.def. */
#ifndef WEB_FORMS_H
#define WEB_FORMS_H

#include "web/form.h"
#include "web/router.h"

#include "web/form_as_struct.inc"
#include "web/forms.def"
#include "web/form_off.inc"

/* The same lines as declarations. */
#define FORM(name) const struct form *form_##name##_spec(void);
#define TEXT(...)
#define NOTE(...)
#define SECRET(...)
#define INT(...)
#define DATE(...)
#define MOMENT(...)
#define ID(...)
#define CHOICE(...)
#define FLAG(...)
#define TEXTS(...)
#define IDS(...)
#define FILE_(...)
#define FILES(...)
#define OPEN(...)
#define OPEN_FILES(...)
#define FORM_END(...)
#include "web/forms.def"
#include "web/form_off.inc"

#endif
