/* search: A2, items by words, narrowed by seven facets. Invariant: everything that the page shows
 * is in its address, in values that mean the same in both languages.
 */
#include "data/write.h"
#include "web/portal/portal.h"
#include "web/user.h"

enum { QUERY_BYTES_MAX = 200, RESULTS_A_PAGE = 20 };

struct searching {
    struct page *p;
    const struct realm *r;
    const struct item_hit *hit;
    size_t n;
    struct str q, chosen[ITEM_FACETS];
};

/* Is an item within what was chosen, but for facet `but`? */
static bool passes(const struct searching *s, const struct item_hit *h, int but) {
    for (int f = 0; f < ITEM_FACETS; f++)
        if (f != but && s->chosen[f].len && !item_is(h, (enum item_facet)f, s->chosen[f]))
            return false;
    return true;
}

/* ---- addresses ---- */

static void add_query(struct buf *b, struct str name, struct str value) {
    if (value.len == 0) return;
    buf_add_char(b, '&');
    buf_add(b, name);
    buf_add_char(b, '=');
    write_url_component(b, value);
}

/* This address for the words `q`, with facet `f` (-1: none) set to `value` (empty: taken off). */
static struct str href_of(const struct searching *s, struct str q, int f, struct str value,
                          size_t page) {
    struct buf b;
    buf_init(&b, s->p->a, 256, 16384);
    buf_add(&b, page_href(s->p, S("/search?q=")));
    write_url_component(&b, q);
    for (int i = 0; i < ITEM_FACETS; i++)
        add_query(&b, item_facet_name((enum item_facet)i), i == f ? value : s->chosen[i]);
    if (page > 1) add_query(&b, S("page"), arena_fmt(s->p->a, "%zu", page));
    return buf_str(&b);
}

/* ---- facets ---- */

struct option {
    struct str value, title;
    size_t count;
};

/* Every value that an item found has, in order of the items, each once, with how many would be
 * left. */
static size_t options_of(const struct searching *s, enum item_facet f, struct option **ret) {
    struct map seen;
    size_t n = 0, cap = 16;
    struct option *list = arena_array(s->p->a, cap, sizeof *list);
    map_init(&seen, s->p->a);
    for (size_t i = 0; list && i < s->n; i++) {
        struct str value[ITEM_VALUES_MAX];
        size_t values = passes(s, &s->hit[i], (int)f) ? item_facet_values(&s->hit[i], f, value) : 0;
        for (size_t k = 0; k < values; k++) {
            size_t at = (size_t)(uintptr_t)map_find(&seen, value[k]); /* its place + 1 */
            if (at) {
                list[at - 1].count++;
                continue;
            }
            if (n == cap) {
                struct option *more = arena_array(s->p->a, cap * 2, sizeof *more);
                if (!more) return 0;
                memcpy(more, list, n * sizeof *list);
                list = more;
                cap *= 2;
            }
            list[n] =
                (struct option){ value[k],
                                 item_facet_text(s->r, &s->hit[i], f, value[k], s->p->lang), 1 };
            if (!map_put(&seen, value[k], (void *)(uintptr_t)++n)) return 0;
        }
    }
    *ret = list;
    return n;
}

static void put_facet(const struct searching *s, enum item_facet f, struct val *facets,
                      struct val *chips) {
    struct arena *a = s->p->a;
    struct option *option = NULL;
    struct val *one = val_map(a), *options = val_list(a);
    size_t n = options_of(s, f, &option);
    struct str now = s->chosen[f], now_title = now;
    for (size_t i = 0; i < n; i++) {
        struct val *v = val_map(a);
        bool chosen = str_eq(now, option[i].value);
        if (chosen) now_title = option[i].title;
        val_put_str(a, v, S("title"), option[i].title);
        val_put_str(a, v, S("href"), href_of(s, s->q, (int)f, chosen ? S("") : option[i].value, 1));
        val_put_i64(a, v, S("count"), (int64_t)option[i].count);
        val_put_bool(a, v, S("selected"), chosen);
        val_push(a, options, v);
    }
    val_put_str(a, one, S("title"), item_facet_title(s->r, f, s->p->lang));
    val_put_bool(a, one, S("open"), now.len > 0);
    val_put(a, one, S("options"), options);
    if (n) val_push(a, facets, one);
    if (now.len == 0) return;
    struct val *chip = val_map(a);
    val_put_str(a, chip, S("title"), now_title);
    val_put_str(a, chip, S("href"), href_of(s, s->q, (int)f, S(""), 1));
    val_push(a, chips, chip);
}

static void put_facets(struct searching *s) {
    struct arena *a = s->p->a;
    struct val *facets = val_list(a), *chips = val_list(a);
    for (int f = 0; f < ITEM_FACETS; f++) put_facet(s, (enum item_facet)f, facets, chips);
    val_put(a, s->p->view, S("facets"), facets);
    val_put(a, s->p->view, S("chosen"), chips);
    if (val_count(chips) == 0) return;
    memset(s->chosen, 0, sizeof s->chosen);
    val_put_str(a, s->p->view, S("clear_href"), href_of(s, s->q, -1, S(""), 1));
}

/* ---- results ---- */

static struct val *result(struct page *p, const struct val *item) {
    struct val *v = val_map(p->a), *tags = val_list(p->a), *tag = val_map(p->a),
               *facts = val_list(p->a);
    const struct str texts[] = { val_get_str(item, S("organ")),
                                 val_get_str(item, S("limit_promise")),
                                 val_get_str(item, S("fee")) };
    val_put_str(p->a, v, S("href"),
                page_href(p, ARENA_CAT(p->a, S("/guide/"), val_get_str(item, S("id")))));
    val_put_str(p->a, v, S("title"), val_get_str(item, S("name")));
    val_put_str(p->a, v, S("text"), val_get_str(item, S("summary")));
    val_put_str(p->a, tag, S("kind"), S("brand"));
    val_put_str(
        p->a, tag, S("text"),
        page_text(p, val_get_bool(item, S("for_company"), false) ? S("企业办事") : S("个人办事")));
    val_push(p->a, tags, tag);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct val *fact = val_map(p->a);
        if (texts[i].len == 0) continue;
        val_put_str(p->a, fact, S("text"), texts[i]);
        val_push(p->a, facts, fact);
    }
    val_put(p->a, v, S("tags"), tags);
    val_put(p->a, v, S("facts"), facts);
    return v;
}

/* Those of the page asked for; *ret_all: how many there are. */
static struct val *results_of(const struct searching *s, size_t page, size_t *ret_all) {
    struct val *list = val_list(s->p->a);
    size_t all = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct item_hit *h = &s->hit[i];
        if (!passes(s, h, -1)) continue;
        if (all / RESULTS_A_PAGE + 1 == page)
            val_push(s->p->a, list,
                     result(s->p, item_brief_view(s->r, h->system, h->type, s->p->lang, s->p->a)));
        all++;
    }
    *ret_all = all;
    return list;
}

static void put_pages(const struct searching *s, size_t page, size_t all) {
    if (page > 1)
        val_put_str(s->p->a, portal_put_map(s->p, S("pages")), S("previous_href"),
                    href_of(s, s->q, -1, S(""), page - 1));
    if (all <= page * RESULTS_A_PAGE) return;
    struct val *pages =
        page > 1 ? (struct val *)val_get(s->p->view, S("pages")) : portal_put_map(s->p, S("pages"));
    val_put_str(s->p->a, pages, S("next_href"), href_of(s, s->q, -1, S(""), page + 1));
}

static void put_meant(const struct searching *s, struct str meant) {
    struct val *v = portal_put_map(s->p, S("meant"));
    if (meant.len == 0) return;
    val_put_str(s->p->a, v, S("text"),
                portal_fill(s->p, S("没有找到“{q}”。以下是这个说法的结果："), S("q"), s->q));
    val_put_str(s->p->a, v, S("word"), meant);
    val_put_str(s->p->a, v, S("href"), href_of(s, meant, -1, S(""), 1));
}

static void put_box(const struct searching *s) {
    struct page *p = s->p;
    struct val *search = portal_put_map(p, S("search"));
    val_put_str(p->a, search, S("action"), page_href(p, S("/search")));
    val_put_str(p->a, search, S("label"), page_text(p, S("搜索事项")));
    val_put_str(p->a, search, S("hint"),
                page_text(p, S("可以用平常说的话、拼音或首字母、英文，例如“开饭店”、kcg")));
    val_put_str(p->a, search, S("value"), s->q);
}

int search_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct searching s = { .p = p,
                           .r = page_realm(p),
                           .q = str_sub(str_trim(http_query(p->req, S("q"))), 0, QUERY_BYTES_MAX) };
    struct item_hit *hit;
    struct str meant;
    uint64_t page = 1;
    size_t all;
    (void)tx;
    (void)e;
    s.n = item_find(s.r, s.q, p->a, &hit, &meant);
    s.hit = hit;
    for (int f = 0; f < ITEM_FACETS; f++)
        s.chosen[f] = http_query(p->req, item_facet_name((enum item_facet)f));
    if (!str_to_u64(http_query(p->req, S("page")), &page) || page == 0) page = 1;
    val_put(p->a, p->view, S("results"), results_of(&s, page, &all));
    val_put_str(p->a, p->view, S("total"),
                portal_fill(p, S("共 {n} 项"), S("n"), arena_fmt(p->a, "%zu", all)));
    put_box(&s);
    put_meant(&s, meant);
    put_pages(&s, page, all);
    if (all == 0)
        portal_empty(p, S("没有找到这样的事项"),
                     S("换一个说法试试，去掉一些条件，或者拨打 12345 由人工帮您找。"), S("/search"),
                     S("看全部事项"));
    portal_title(p, s.q.len ? portal_fill(p, S("搜索“{q}”"), S("q"), s.q)
                            : page_text(p, S("全部事项")));
    put_facets(&s); /* last: it clears what was chosen */
    return 0;
}

int search_say(struct page *p, struct err *e) {
    (void)e;
    p->template = S("portal/search");
    return 0;
}
