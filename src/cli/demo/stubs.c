#include "cli/demo/demo_int.h"
enum err demo_hazards_read(struct demo *d) { (void)d; return ERR_OK; }
enum err demo_routine_make(struct demo *d) { (void)d; return ERR_OK; }
enum err demo_people_make(struct demo *d) { (void)d; return ERR_OK; }
enum err demo_lessons_make(struct demo *d) { (void)d; return ERR_OK; }
enum err demo_gate_make(struct demo *d) { (void)d; return ERR_OK; }
enum err demo_large_build(struct demo *d) { (void)d; return ERR_OK; }
