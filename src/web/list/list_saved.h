/* list_saved: a list under a name (engine/saved): its strip above every list of who works here, and the pages that save, change and
 * remove one.
 *
 * Invariants
 *  1. What was saved is an address of the list, judged like any other: who may no longer see a row does not see it here.
 *  2. A number beside a name is what its list would count, asked of the same function; where that does not know, it is at least how
 *     many are there. The first LIST_SAVED_COUNTED are counted, so that a page costs no more than that many lists' first pages.
 */
#ifndef WEB_LIST_SAVED_H
#define WEB_LIST_SAVED_H
#include "engine/saved/saved.h"
#include "web/list/list.h"

enum { LIST_SAVED_COUNTED = 10 };
struct list_saved {
    struct saved view[SAVED_SHOWN_MAX];
    size_t n;
};
/* What is saved of this list; NULL: nobody saves it. Where the address says nothing, `l` is what its reader has chosen. */
int list_saved_open(struct store_tx *tx, struct page *p, struct list_run *l, struct list_saved **ret, struct err *e);
/* `saved` of `list`: its keys are those of layout/list_saved. */
int list_saved_put(struct store_tx *tx, struct page *p, const struct list_run *l, const struct list_saved *saved, struct val *list,
                   struct err *e);

/* The pages: /lists, /lists/new, /lists/{saved}. */
int list_saved_act(struct store_tx *tx, struct page *p, struct err *e);
int list_saved_say(struct page *p, struct err *e);
int list_save_act(struct store_tx *tx, struct page *p, struct err *e);
int list_save_ask(struct page *p, struct err *e);
int list_save_post_act(struct store_tx *tx, struct page *p, struct err *e);
int list_save_say(struct page *p, struct err *e);
int list_change_act(struct store_tx *tx, struct page *p, struct err *e);
int list_change_ask(struct page *p, struct err *e);
int list_change_post_act(struct store_tx *tx, struct page *p, struct err *e);
int list_change_say(struct page *p, struct err *e);
#endif
