/* See form_as_struct.h. Each form becomes a function that gives its table. */
#define FORM_STR(s) { s, sizeof(s) - 1 }
#define FORM_FIELD(f, label, kind, need, min, max, many, words) \
	{ FORM_STR(#f), FORM_STR(label), kind, need, min, max, many, FORM_STR(words), offsetof(T, f) },
#define FORM_PREFIX(f, prefix, kind, max, many) \
	{ FORM_STR(prefix), FORM_STR("内容"), kind, OPTIONAL, 0, max, many, FORM_STR(""), offsetof(T, f) },
#define FORM(form_name) \
	const struct form *form_##form_name##_spec(void) { \
		typedef struct form_##form_name T; \
		static const struct form_field field[] = {
#define TEXT(f, label, max, need) FORM_FIELD(f, label, FORM_TEXT, need, 0, max, 1, "")
#define NOTE(f, label, max, need) FORM_FIELD(f, label, FORM_NOTE, need, 0, max, 1, "")
#define SECRET(f, label, max, need) FORM_FIELD(f, label, FORM_SECRET, need, 0, max, 1, "")
#define INT(f, label, min, max, need) FORM_FIELD(f, label, FORM_INT, need, min, max, 1, "")
#define DATE(f, label, need) FORM_FIELD(f, label, FORM_DATE, need, 0, 0, 1, "")
#define MOMENT(f, label, need) FORM_FIELD(f, label, FORM_MOMENT, need, 0, 0, 1, "")
#define ID(f, label, need) FORM_FIELD(f, label, FORM_ID, need, 0, 0, 1, "")
#define CHOICE(f, label, words, need) FORM_FIELD(f, label, FORM_CHOICE, need, 0, 0, 1, words)
#define FLAG(f, label) FORM_FIELD(f, label, FORM_FLAG, OPTIONAL, 0, 0, 1, "")
#define TEXTS(f, label, max, many, need) FORM_FIELD(f, label, FORM_TEXTS, need, 0, max, many, "")
#define IDS(f, label, many, need) FORM_FIELD(f, label, FORM_IDS, need, 0, 0, many, "")
#define FILE_(f, label, max, need) FORM_FIELD(f, label, FORM_FILE, need, 0, max, 1, "")
#define FILES(f, label, max, many, need) FORM_FIELD(f, label, FORM_FILES, need, 0, max, many, "")
#define OPEN(f, prefix, max, many) FORM_PREFIX(f, prefix, FORM_OPEN, max, many)
#define OPEN_FILES(f, prefix, max, many) FORM_PREFIX(f, prefix, FORM_OPEN_FILES, max, many)
#define FORM_END(form_name, again_fn) \
		}; \
		static const struct form form = { FORM_STR(#form_name), field, \
			sizeof(field) / sizeof(field[0]), sizeof(T), BODY_FORM, again_fn }; \
		return &form; \
	}
