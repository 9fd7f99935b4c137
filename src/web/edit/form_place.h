/* form_place (private to web/edit): I2, where an address leads within a form, and the keys that its form is made of.
 *
 *   /form/apply                 its pages in their order            /form/apply/new             a page more
 *   /form/apply/premises        the questions of a page             /form/apply/premises/new    a question more
 *   /form/apply/premises/3      one of them                         /form/apply/premises/page   of the page itself
 *   /form/apply/premises/remove the page taken out, asked once more
 *
 * The form of a page is flat: what lies under `repeat` is called repeat-NAME there, and the first question of a new page, which
 * no page is without, question-NAME.
 */
#ifndef WEB_EDIT_FORM_PLACE_H
#define WEB_EDIT_FORM_PLACE_H
#include "web/edit/edit_pages.h"

enum form_at { FORM_PAGES, FORM_NEW_PAGE, FORM_OF_PAGE, FORM_REMOVE, FORM_LIST, FORM_NEW, FORM_ONE };

struct form_place {
    enum form_at at;
    struct str form, page_id, entry, path, file, seen;
    struct val *root, *pages, *page;
    struct val *list;              /* of FORM_PAGES and what changes them the pages, else the page's questions */
    const struct val *base;        /* the same list in the release in use; NULL: it has none */
    struct val *map;               /* what the fields show: a question, or a page flat; NULL: none yet */
    bool repeats;                  /* did the page, when it was found? */
    const struct release_key *key; /* n of them; none for a list */
    size_t n;
    struct edit_words words;
};

/* ERR_NOT_FOUND. All of it in `a`. */
int form_place(struct page *p, struct arena *a, const struct edit *x, struct form_place *ret, struct err *e);
bool form_place_of_page(const struct form_place *s); /* FORM_NEW_PAGE, FORM_OF_PAGE */
bool form_place_fields(const struct form_place *s);  /* is it a form, not a list? */
/* What the flat map says into the page that it is of. */
void form_place_put(struct arena *a, const struct form_place *s, const struct val *flat, struct val *page);
/* Entries that the release in use has and this list has not: list of {id, title}, in p->a. */
struct val *form_place_gone(struct page *p, const struct form_place *s);
struct str form_place_path(struct page *p, const struct edit *x, struct str form, struct str page, struct str entry);
#endif
