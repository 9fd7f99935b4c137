/* form_impl (private to form*.c): the checks that pages and the entries of a page share. */
#ifndef ENGINE_FORM_IMPL_H
#define ENGINE_FORM_IMPL_H
#include "engine/form/form.h"
#include "engine/record/record.h"

void form_put_error(struct arena *a, struct val *errors, struct str id, int code, struct str detail);
/* One question's input into `out`, what is wrong with it into `errors`. */
void form_check_question(const struct form_question *q, const struct system *m, const struct val *input,
                         struct arena *a, struct val *out, struct val *errors);
/* form_entry.c */
void form_check_entries(const struct form_page *p, const struct system *m, const struct val *input,
                        struct arena *a, struct val *out, struct val *errors);
/* form_source.c */
int form_make_typed(struct arena *a, const struct system *m, struct form *f, struct err *e);
#endif
