/*
 * form_as_struct, form_as_table, form_off: the two readings of a .def table of forms.
 * No include guard: around each `#include "….def"` one of the first two goes before
 * and the last after.
 */
#define FORM(name) struct form_##name {
#define TEXT(f, label, max, need) str f;
#define NOTE(f, label, max, need) str f;
#define SECRET(f, label, max, need) str f;
#define INT(f, label, min, max, need) int64_t f;
#define DATE(f, label, need) day_no f;
#define MOMENT(f, label, need) int64_t f;
#define ID(f, label, need) struct form_id f;
#define CHOICE(f, label, words, need) str f;
#define FLAG(f, label) bool f;
#define TEXTS(f, label, max, many, need) struct strs f;
#define IDS(f, label, many, need) struct form_ids f;
#define FILE_(f, label, max, need) const struct upload *f;
#define FILES(f, label, max, many, need) struct uploads f;
#define OPEN(f, prefix, max, many) struct form_pairs f;
#define OPEN_FILES(f, prefix, max, many) struct uploads f;
#define FORM_END(name, again) };
