/* See form_as_struct.h. */
#undef FORM
#undef TEXT
#undef NOTE
#undef SECRET
#undef INT
#undef DATE
#undef MOMENT
#undef ID
#undef CHOICE
#undef FLAG
#undef TEXTS
#undef IDS
#undef FILE_
#undef FILES
#undef OPEN
#undef OPEN_FILES
#undef FORM_END
