/* question: a question of form_page_view as the layout's partial `field` shows it, for applicants' and officers' pages alike. Layer: web.
 */
#ifndef WEB_QUESTION_H
#define WEB_QUESTION_H
#include "web/page.h"
/* The map for `field`, with the fault of its name in the words of the error summary; `heading`: its label is the page's h1. */
struct val *question_field(struct page *p, const struct val *q, bool heading);
/* A question that no system's form has, with what was typed where the form comes again: id and name are one, the texts in Chinese. The
 * caller adds what its partial wants beside (choices, max, rows). */
struct val *question_plain(struct page *p, struct str id, struct str label, struct str hint);
bool question_again(const struct page *p);
/* In ask: the three boxes NAME-year, NAME-month, NAME-day of p->in are one answer NAME beside them. */
void question_join_dates(struct page *p);
/* One box to tick, as a field of layout/field_checks, under `name`; what was sent of it, where anything but a tick is a fault. */
void question_box(struct page *p, const char *name, struct str title, struct str text, struct str note, bool on);
bool question_ticked(struct page *p, const char *name);
#endif
