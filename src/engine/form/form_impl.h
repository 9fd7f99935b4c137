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
/* What a Chinese keyboard gives, as its ASCII selves; trimmed. */
struct str form_half_width(struct arena *a, struct str s);
/* form_address.c */
void form_check_address(const struct form_question *q, const struct system *m, const struct val *input, struct arena *a, struct val *out,
                        struct val *errors);
struct str form_address_text(const struct form_question *q, const struct system *m, const struct val *v, struct str lang, struct arena *a);
/* Into `v`: division (code so far), place (its name), whole (none lies below), way [{value, title, without}] down to it, below [{value,
 * title}], words with found [{value, title, note}] and found_all (how many there are), road, number, room, source. */
void form_address_view(const struct form_question *q, const struct system *m, const struct val *answers, const struct val *prefill,
                       struct str lang, struct arena *a, struct val *v);
/* form_source.c */
int form_make_typed(struct arena *a, const struct system *m, struct form *f, struct err *e);
#endif
