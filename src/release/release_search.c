/* release_search: see release_search.h. Invariant: a finding names the nearest declared name only where a slip of the
 * pen could have made the one from the other.
 */
#include "release/release_search.h"

#include "data/near.h"

void search_begin(struct search *x, struct naming *n, const struct name_place *at, struct str name) {
    size_t points = str_utf8_count(name);
    unsigned far = points < 3 ? 0 : points < 6 ? 1 : points < 12 ? 2 : 3;
    *x = (struct search){ .n = n, .at = at, .name = name, .far = far, .distance = far + 1 };
}

void search_offer(struct search *x, struct str declared) {
    if (x->found || (x->found = str_eq(declared, x->name))) return;
    unsigned d = near_distance(declared, x->name, x->far);
    if (d < x->distance) x->distance = d, x->near = declared;
}

void search_report(struct search *x, const char *what, uint32_t line) {
    if (x->found || x->open) return;
    struct str name = x->at && x->at->variable.len
                          ? ARENA_CAT(x->n->a, x->at->variable, S(" = "), x->name)
                          : x->name;
    struct str column = x->n->column.len ? ARENA_CAT(x->n->a, x->n->column, S("：")) : S("");
    if (x->near.len)
        release_find(x->n->f, x->n->file, line, "%.*s%s：%.*s（最接近的是 %.*s）", STR_ARG(column),
                     what, STR_ARG(name), STR_ARG(x->near));
    else
        release_find(x->n->f, x->n->file, line, "%.*s%s：%.*s", STR_ARG(column), what,
                     STR_ARG(name));
}

void search_offer_list(struct search *x, const char *const *list) {
    for (; *list; list++) search_offer(x, str_of(*list));
}

void name_known(struct naming *n, const char *what, const char *const *known, uint32_t line,
                struct str name) {
    struct search x;
    search_begin(&x, n, NULL, name);
    search_offer_list(&x, known);
    search_report(&x, what, line);
}

bool name_in(struct str s, const char *const *list) {
    for (; *list; list++)
        if (str_eq(s, str_of(*list))) return true;
    return false;
}

void name_only_keys(struct naming *n, const struct val *map, const char *const *known) {
    for (size_t i = 0; i < val_pairs(map); i++)
        name_known(n, "不认识的键", known, map->u.map.pair[i].line, map->u.map.pair[i].key);
}
