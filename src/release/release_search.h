/* release_search: one name looked for among those that are declared, for release_kinds.c. */
#ifndef RELEASE_RELEASE_SEARCH_H
#define RELEASE_RELEASE_SEARCH_H
#include "release/release_names.h"

struct search {
    struct naming *n;
    const struct name_place *at;
    struct str name, near;
    unsigned distance, far;
    bool found, open, known; /* known: there is something of the kind at all */
};

void search_begin(struct search *x, struct naming *n, const struct name_place *at, struct str name);
/* One that is declared: the name itself, or perhaps what was meant by it. */
void search_offer(struct search *x, struct str declared);
void search_offer_list(struct search *x, const char *const *list); /* NULL behind the last */
/* A finding, with the nearest, unless it was found or nothing can be said. */
void search_report(struct search *x, const char *what, uint32_t line);
#endif
