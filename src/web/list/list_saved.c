/* list_saved: see list_saved.h. The strip; the pages are list_saved_page.c. */
#include "web/list/list_saved.h"

#include "data/write.h"

enum { HREF_BYTES_MAX = 8192 };

/* Whoever has a post works with lists; while he acts for somebody else, he does not. */
static bool may_save(const struct page *p, const struct list *of) {
    struct scope_token t;
    struct err no = { 0 };
    if (!p->who || p->who->n_posts == 0 || of->unsaved || (of->n_filters == 0 && of->n_orders == 0)) return false;
    return access_may(page_realm(p), p->who, S("list.save"), &t, &no) == 0;
}

int list_saved_open(struct store_tx *tx, struct page *p, struct list_run *l, struct list_saved **ret, struct err *e) {
    struct list_saved *s = NULL;
    const bool bare = l->bare;
    int rc = 0;
    *ret = NULL;
    if (!may_save(p, l->of)) return 0;
    s = arena_new(p->a, struct list_saved);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    rc = saved_of(tx, page_realm(p), p->who, l->path, s->view, &s->n, e);
    for (size_t i = 0; !rc && i < s->n; i++) {
        if (!s->view[i].own || !s->view[i].opens) continue;
        if (bare) list_read_query(p, l->of, l->path, s->view[i].query, l);
        l->opens = true;
    }
    *ret = s;
    return rc;
}

static struct str number(struct page *p, int64_t n, bool more) {
    struct str text = arena_i64(p->a, n);
    return more ? ARENA_CAT(p->a, text, S("+")) : text;
}

/* Empty where the list refuses what was saved, such as of a unit that is no more. */
static int count(struct store_tx *tx, struct page *p, const struct list_run *like, struct str query, struct str *ret, struct err *e) {
    struct list_run l;
    struct err own = { 0 };
    *ret = S("");
    list_read_query(p, like->of, like->path, query, &l);
    l.counted = true, l.max = 1;
    int rc = l.of->fetch(tx, p, &l, &own);
    if (!rc && l.total == SCOPE_UNCOUNTED && !list_faulty(&l)) {
        list_read_query(p, like->of, like->path, query, &l);
        l.max = l.of->page_rows + 1;
        rc = l.of->fetch(tx, p, &l, &own);
    }
    if (rc && err_kind(rc) != ERR_KIND_CALLER) {
        *e = own;
        return rc;
    }
    if (rc || list_faulty(&l)) return 0;
    const size_t here = val_count(l.rows), most = l.of->page_rows;
    if (l.total != SCOPE_UNCOUNTED && (l.least || l.whole || l.total < SCOPE_COUNT_MAX)) *ret = number(p, (int64_t)l.total, l.least);
    else if (l.total == SCOPE_COUNT_MAX) *ret = number(p, SCOPE_COUNT_MAX, true);
    else *ret = here > most ? number(p, (int64_t)most, true) : number(p, (int64_t)here, l.cut.len > 0);
    return 0;
}

static void put_link(struct page *p, struct val *links, struct str title, struct str by, struct str href, bool current, struct str n) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("by"), by);
    val_put_str(p->a, v, S("href"), href);
    val_put_bool(p->a, v, S("current"), current);
    val_put_str(p->a, v, S("number"), n);
    val_push(p->a, links, v);
}

static struct str save_href(struct page *p, const struct list_run *l, struct str query) {
    struct buf b;
    buf_init(&b, p->a, 256, HREF_BYTES_MAX);
    buf_add(&b, S("/lists/new?of="));
    write_url_component(&b, l->path);
    buf_add(&b, S("&as="));
    write_url_component(&b, query);
    return page_href(p, buf_str(&b));
}

int list_saved_put(struct store_tx *tx, struct page *p, const struct list_run *l, const struct list_saved *saved, struct val *list,
                   struct err *e) {
    struct val *links = val_list(p->a), *v = val_map(p->a);
    struct str query = list_query(p, l);
    bool known = query.len == 0 || query.len > SAVED_QUERY_BYTES_MAX || list_faulty(l), own = false;
    int rc = 0;
    if (saved && saved->n) put_link(p, links, page_text(p, S("全部")), S(""), list_whole(p, l), query.len == 0, S(""));
    for (size_t i = 0; saved && !rc && i < saved->n; i++) {
        const struct saved *s = &saved->view[i];
        const bool current = str_eq(s->query, query);
        struct str n = S("");
        if (i < LIST_SAVED_COUNTED) rc = count(tx, p, l, s->query, &n, e);
        put_link(p, links, s->name, s->by, page_href(p, ARENA_CAT(p->a, l->path, S("?"), s->query)), current, n);
        known |= current;
        own |= s->own;
    }
    val_put(p->a, v, S("links"), links);
    val_put_bool(p->a, v, S("some"), val_count(links) > 0);
    val_put_str(p->a, v, S("save_href"), saved && !known ? save_href(p, l, query) : S(""));
    val_put_str(p->a, v, S("manage_href"), own ? page_href(p, S("/lists")) : S(""));
    val_put_bool(p->a, v, S("able"), own || (saved && !known));
    val_put(p->a, list, S("saved"), v);
    return rc;
}
