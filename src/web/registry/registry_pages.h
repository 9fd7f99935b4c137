/* registry_pages (private to web/registry): the columns of the table in registry.c, by chapter, and what the chapters share. */
#ifndef WEB_REGISTRY_PAGES_H
#define WEB_REGISTRY_PAGES_H
#include "engine/record/record.h"
#include "web/staff.h"

/* find.c: R1 */
route_ask registry_find_ask;
route_act registry_list_act, registry_find_act, registry_find_post_act;
route_say registry_list_say, registry_find_say;
/* record.c: R2, R2u, R3 */
route_act registry_record_act, registry_unmask_act, registry_unmask_post_act, registry_clear_act, registry_history_act;
route_say registry_record_say, registry_unmask_say, registry_clear_say, registry_history_say;
/* change.c: R4, R5 */
route_ask registry_change_ask;
route_act registry_new_act, registry_new_post_act, registry_correct_act, registry_correct_post_act, registry_end_act;
route_act registry_end_post_act;
route_say registry_new_say, registry_correct_say, registry_end_say;

/* The registry that the path names, if the page's own power reaches it, and puts `type` {id, title, system}. ERR_NOT_FOUND. For act. */
int registry_of(struct page *p, struct record_registry *g, struct err *e);
/* "/desk/registry/TYPE" + rest; "/desk/registry/TYPE/ID" + rest. */
struct str registry_path(struct page *p, const char *rest);
struct str registry_record_path(struct page *p, int64_t id, const char *rest);
/* An element as people read it: a code's title, a day; what is masked stays so. */
struct str registry_value(struct page *p, const struct record_registry *g, const struct record_field *f, struct str value);
/* Puts `name` {text, kind}: the state of a record. */
void registry_state(struct page *p, struct val *into, struct str state);
/* Title and the way here; `here` is the last step. For say. */
void registry_frame(struct page *p, struct str title, struct str here);
/* The questions for source and reason of a change, as `source_field` and `why_field`. */
void registry_reasons(struct page *p, const struct record_registry *g, struct str why_label);
/* An engine's refusal of a form that asks for a choice (`field`) and for words (`why`): every box that is empty is told, not only the
 * first. Returns the code. */
int registry_fault(struct page *p, int rc, const struct err *e, struct str field, struct str label, struct str why_label);
#endif
