/* staff: what the officers' and administrators' pages share: titles, local navigation, ids in paths, faults of engines at their
 * fields, the rail. Layer: web; knows engines, never the store.
 */
#ifndef WEB_STAFF_H
#define WEB_STAFF_H
#include "engine/act/act.h"
#include "web/user.h"

/* Title and heading of the page: puts title and page.title (with 错误： in front after a refused form). `about` (a case's
 * number, a login) makes the title the page's own and may be empty. For say. */
void staff_title(struct page *p, struct str title, struct str about);
/* Adds {title, href, current, count} to the list `key` of the view; a count below 0 is none. For act and say. */
void staff_link(struct page *p, const char *key, struct str title, struct str path, bool current, int64_t count);
/* The way here, as links; the last one without path. For say. */
void staff_crumb(struct page *p, struct str title, struct str path);
/* The parameter of the path as an id: ERR_NOT_FOUND if it is no positive whole number. For act. */
int staff_id(const struct page *p, const char *name, int64_t *ret, struct err *e);
/* An engine's error that names a field becomes that field's fault; returns the code. For act. */
int staff_fault(struct page *p, int code, const struct err *e);
/* Notes that this person looked: one act, read only. `kind` and `object` say at what. For act. */
int staff_looked(struct store_tx *tx, struct page *p, const char *act, const char *kind,
                 int64_t object, int64_t case_id, struct err *e);
/* Puts `rail` from the engine's list {title, state, date}. For act and say. */
void staff_rail(struct page *p, const struct val *steps);
/* Title of a role as its system declares it, in the reader's language; the id if none does. */
struct str staff_role(const struct page *p, struct str role);
/* A choice of radios or a select: {choice_id, value, title, note, selected}. */
struct val *staff_choice(struct page *p, struct val *list, struct str field, struct str value,
                         struct str title, bool selected);
/* Was this choice of a field of many ticked in the form that was sent? */
bool staff_picked(const struct page *p, struct str field, struct str value);
/* The ids that were sent under this name, once or many times; how many. */
size_t staff_ids(const struct page *p, struct str field, int64_t *ids, size_t max);
/* What was typed to find somebody by, as an address may say it on `page`: sealed for who typed it alone. Read: another's, another page's,
 * or one of before the keys were changed is ERR_NOT_FOUND; an empty one says nothing. */
struct str staff_sought(struct page *p, const char *page, struct str typed);
int staff_sought_read(struct page *p, const char *page, struct str address, struct str *ret, struct err *e);
/* A hidden field of a form: {name, value} for a template. */
void staff_field(struct page *p, struct val *list, struct str name, struct str value);
/* "N" with a marker in the reader's language: staff_fill(p, "共 {n} 项", "n", 7). */
struct str staff_fill(struct page *p, struct str chinese, const char *name, int64_t n);
#endif
