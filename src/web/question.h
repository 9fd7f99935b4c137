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
/* In ask: the boxes NAME-division, NAME-road .. of p->in are one answer NAME beside them. True: they ask for the next look at the place and
 * not for saving; then the form's key is not used, and question_step says where to go. */
bool question_join_addresses(struct page *p);
/* The address under this name as it was sent, with the step taken; NULL if none was. */
struct val *question_address(struct page *p, struct str name, bool *step);
/* In act of a form that asked for a step: the page of the same path with the place in its address, which is public, and `from`. */
struct str question_step(struct page *p);
/* In act of that page: the place that its address names, laid over what stands (NULL: nothing); NULL if it names none. */
struct val *question_stepped(struct page *p, const struct val *stands);
/* One box to tick, as a field of layout/field_checks, under `name`; what was sent of it, where anything but a tick is a fault. */
void question_box(struct page *p, const char *name, struct str title, struct str text, struct str note, bool on);
bool question_ticked(struct page *p, const char *name);
#endif
