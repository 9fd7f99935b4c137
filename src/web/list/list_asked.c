/* list_asked: what is asked of a list, by its address or by what was saved of one; and rows in hand, in order. See list.h.
 */
#include "web/list/list.h"

#include "http/form.h"

struct str list_value(const struct list_run *l, const char *filter) {
    return val_get_str(l->chosen, str_of(filter));
}

bool list_narrowed(const struct list_run *l) {
    return val_count(l->chosen) > 0;
}

void list_wrong(struct page *p, struct list_run *l, const char *filter, struct str text) {
    val_put_str(p->a, l->fault, str_of(filter), page_text(p, text));
}

bool list_faulty(const struct list_run *l) {
    return val_count(l->fault) > 0;
}

struct str list_place(struct arena *a, int64_t key, int64_t id) {
    return arena_fmt(a, "%lld.%lld", (long long)key, (long long)id);
}

int list_place_read(struct str place, int64_t *key, int64_t *id, struct err *e) {
    struct str piece;
    *key = *id = 0;
    if (place.len == 0) return 0;
    if (str_cut(&place, '.', &piece) && str_to_i64(piece, key) && str_to_i64(place, id)) return 0;
    return err_set(e, ERR_NOT_FOUND, NULL);
}

static void sort_rows(struct val *rows, const struct list_run *l, list_by *by) {
    struct val **row = val_count(rows) ? rows->u.list.item : NULL;
    for (size_t i = 0; i < val_count(rows); i++) {
        size_t first = i;
        for (size_t k = i; k < val_count(rows); k++)
            if (by(l, row[k], row[first]) < 0) first = k;
        struct val *x = row[first];
        row[first] = row[i], row[i] = x;
    }
}

int list_by_time(const struct list_run *l, const struct val *x, const struct val *y) {
    int64_t a = val_get_i64(x, S("at_ms"), 0), b = val_get_i64(y, S("at_ms"), 0);
    (void)l;
    if (a == b) a = val_get_i64(x, S("id"), 0), b = val_get_i64(y, S("id"), 0);
    return a < b ? -1 : a > b;
}

int list_few(struct page *p, struct list_run *l, struct val *found, list_by *by, struct err *e) {
    const size_t n = val_count(found);
    int64_t key, behind;
    int rc = list_place_read(l->place, &key, &behind, e);
    l->rows = val_list(p->a);
    l->total = n;
    if (rc) return rc;
    sort_rows(found, l, by);
    for (size_t k = 0; k < n && val_count(l->rows) < l->max; k++) {
        const size_t i = l->back ? n - 1 - k : k;
        const int64_t rank = (int64_t)i + 1; /* the same both ways: a page before is asked for by turning round */
        struct val *x = found->u.list.item[i];
        if (behind && (l->back ? rank >= behind : rank <= behind)) continue;
        val_put_str(p->a, x, S("place"), list_place(p->a, 0, rank));
        val_push(p->a, l->rows, x);
    }
    return 0;
}

bool list_offered(const struct list_column *c) {
    return c->cell != LIST_HEAD && c->cell != LIST_UNDER && c->cell != LIST_FILE;
}

static void read_columns(const struct list *of, const struct val *wanted, struct list_run *ret) {
    bool none = true;
    for (size_t i = 0; i < of->n_columns && i < 32; i++) {
        bool there = !list_offered(&of->columns[i]);
        for (size_t k = 0; val_nth(wanted, k); k++) there |= str_eq(val_text(val_nth(wanted, k)), str_of(of->columns[i].key));
        if (!there) ret->hidden |= UINT32_C(1) << i;
        else if (list_offered(&of->columns[i])) none = false;
    }
    if (none) ret->hidden = 0;
}

bool list_column_shown(const struct list_run *l, size_t i) {
    while (i && l->of->columns[i].cell == LIST_UNDER) i--;
    return l->of->columns[i].cell != LIST_FILE && !(i < 32 && l->hidden >> i & 1);
}

static struct str asked(const struct val *in, struct str name) {
    return val_text(val_nth(val_get(in, name), 0));
}

static void read_from(struct page *p, const struct list *of, struct str path, const struct val *in, struct list_run *ret) {
    static const char *const words[] = { "sort", "order", "after", "before", "all", "col" };
    struct str sort = asked(in, S("sort")), order = asked(in, S("order"));
    *ret = (struct list_run){ .of = of, .path = path, .chosen = val_map(p->a), .fault = val_map(p->a), .max = of->page_rows,
                              .total = SCOPE_UNCOUNTED };
    ret->rows = val_list(p->a);
    for (size_t i = 0; i < of->n_orders; i++)
        if (str_eq(sort, str_of(of->orders[i].id))) ret->order = i;
    bool ascending = of->n_orders && of->orders[ret->order].ascending;
    ret->back = order.len && str_eq(order, S("asc")) != ascending;
    ret->bare = true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) ret->bare &= !val_get(in, str_of(words[i]));
    for (size_t i = 0; i < of->n_filters; i++) {
        struct str value = str_trim(asked(in, str_of(of->filters[i].name)));
        if (value.len) val_put_str(p->a, ret->chosen, str_of(of->filters[i].name), value);
        ret->bare &= !val_get(in, str_of(of->filters[i].name));
    }
    if (val_get(in, S("col"))) read_columns(of, val_get(in, S("col")), ret);
}

void list_read(struct page *p, const struct list *of, struct str path, struct list_run *ret) {
    read_from(p, of, path, p->in, ret);
}

void list_read_query(struct page *p, const struct list *of, struct str path, struct str query, struct list_run *ret) {
    struct val *in = val_map(p->a);
    struct http_limits limits = { 0 };
    struct http_field *fields;
    size_t n;
    http_limits_default(&limits);
    if (http_form_parse(p->a, query, &limits, false, &fields, &n)) n = 0;
    for (size_t i = 0; i < n; i++) {
        struct val *list = val_copy(p->a, val_get(in, fields[i].name));
        if (!list) list = val_list(p->a);
        val_push(p->a, list, val_str(p->a, fields[i].value));
        val_put(p->a, in, fields[i].name, list);
    }
    read_from(p, of, path, in, ret);
}
