/* mandate_form: the questions of a mandate (engine/mandate), as the giver and the window clerk are
 * asked them: who, as what, in which matters, until when, and the wording agreed to. Layer: web.
 */
#ifndef WEB_MANDATE_FORM_H
#define WEB_MANDATE_FORM_H
#include "engine/mandate/mandate.h"
#include "web/page.h"

/* view.who [fields of field_text], standing, months (field_radios), items, agreed (field_checks). */
void mandate_form_put(struct page *p, bool for_person, struct str agreed);
/* Faults at the fields with what can be seen without the registry; `giver`: he is asked for as well. */
enum { MANDATE_NAME_MAX = 50 }; /* characters */
void mandate_form_ask(struct page *p, bool giver);
/* Where no number is known: a phone in its place. view.phone (field_text). */
void mandate_form_phone(struct page *p);
/* What was sent, in p->a. */
struct mandate_offer mandate_form_read(struct page *p);
/* A person's name and number as two of the questions: into list `key` of the view. */
void mandate_form_person(struct page *p, const char *key, struct str name, struct str name_label,
                         struct str number, struct str number_label, struct str hint);
#endif
