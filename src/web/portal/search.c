/* search: A2, items by words, narrowed by facets; A8, the guide of one item. Everything the page shows is in its address. */
#include "data/write.h"
#include "web/portal/portal.h"
#include "web/user.h"

/* ---- A2 ---- */

enum { FACETS = 4, QUERY_BYTES_MAX = 200 };
static const struct {
    struct str name, title;
} facet[FACETS] = {
    { S_INIT("who"), S_INIT("服务对象") },
    { S_INIT("type"), S_INIT("事项性质") },
    { S_INIT("organ"), S_INIT("实施主体") },
    { S_INIT("level"), S_INIT("服务层级") },
};

/* What an item is under a facet; an item may be for both persons and companies. */
static bool is_in(struct page *p, const struct val *item, size_t f, struct str value) {
    if (f == 0) {
        bool person = str_eq(value, page_text(p, S("个人"))), company = str_eq(value, page_text(p, S("企业和其他组织")));
        return (person && val_get_bool(item, S("for_person"), false)) ||
               (company && val_get_bool(item, S("for_company"), false));
    }
    return str_eq(val_get_str(item, facet[f].name), value);
}

static bool passes(struct page *p, const struct val *item, size_t but) {
    for (size_t f = 0; f < FACETS; f++) {
        struct str chosen = http_query(p->req, facet[f].name);
        if (f != but && chosen.len && !is_in(p, item, f, chosen)) return false;
    }
    return true;
}

/* This address with facet `f` set to `value` (empty: taken off). */
static struct str href_with(struct page *p, size_t f, struct str value) {
    struct buf b;
    buf_init(&b, p->a, 256, 16384);
    buf_add(&b, page_href(p, S("/search?q=")));
    write_url_component(&b, http_query(p->req, S("q")));
    for (size_t i = 0; i < FACETS; i++) {
        struct str v = i == f ? value : http_query(p->req, facet[i].name);
        if (v.len == 0) continue;
        buf_add_char(&b, '&');
        buf_add(&b, facet[i].name);
        buf_add_char(&b, '=');
        write_url_component(&b, v);
    }
    return buf_str(&b);
}

static void add_option(struct page *p, struct val *options, const struct val *items, size_t f, struct str value) {
    size_t count = 0;
    if (value.len == 0) return;
    for (size_t i = 0; i < val_count(options); i++)
        if (str_eq(val_get_str(val_item(options, i), S("title")), value)) return;
    for (size_t i = 0; i < val_count(items); i++)
        count += passes(p, val_item(items, i), f) && is_in(p, val_item(items, i), f, value);
    if (count == 0) return;
    struct val *v = val_map(p->a);
    bool chosen = str_eq(http_query(p->req, facet[f].name), value);
    val_put_str(p->a, v, S("title"), value);
    val_put_str(p->a, v, S("href"), href_with(p, f, chosen ? S("") : value));
    val_put_i64(p->a, v, S("count"), (int64_t)count);
    val_put_bool(p->a, v, S("selected"), chosen);
    val_push(p->a, options, v);
}

static void put_facets(struct page *p, const struct val *items) {
    struct val *facets = val_list(p->a), *chosen = val_list(p->a);
    for (size_t f = 0; f < FACETS; f++) {
        struct val *one = val_map(p->a), *options = val_list(p->a);
        struct str now = http_query(p->req, facet[f].name);
        if (f == 0) {
            add_option(p, options, items, f, page_text(p, S("个人")));
            add_option(p, options, items, f, page_text(p, S("企业和其他组织")));
        }
        for (size_t i = 0; f && i < val_count(items); i++)
            add_option(p, options, items, f, val_get_str(val_item(items, i), facet[f].name));
        val_put_str(p->a, one, S("title"), page_text(p, facet[f].title));
        val_put_bool(p->a, one, S("open"), now.len > 0);
        val_put(p->a, one, S("options"), options);
        if (val_count(options)) val_push(p->a, facets, one);
        if (now.len == 0) continue;
        struct val *chip = val_map(p->a);
        val_put_str(p->a, chip, S("title"), now);
        val_put_str(p->a, chip, S("href"), href_with(p, f, S("")));
        val_push(p->a, chosen, chip);
    }
    val_put(p->a, p->view, S("facets"), facets);
    val_put(p->a, p->view, S("chosen"), chosen);
    if (val_count(chosen)) val_put_str(p->a, p->view, S("clear_href"), page_href(p, S("/search")));
}

static struct val *result(struct page *p, const struct val *item) {
    struct val *v = val_map(p->a), *tags = val_list(p->a), *tag = val_map(p->a), *facts = val_list(p->a);
    const struct str texts[] = { val_get_str(item, S("organ")),
                                 val_get_str(item, S("limit_promise")),
                                 val_get_str(item, S("fee")) };
    val_put_str(p->a, v, S("href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), val_get_str(item, S("id")))));
    val_put_str(p->a, v, S("title"), val_get_str(item, S("name")));
    val_put_str(p->a, v, S("text"), val_get_str(item, S("summary")));
    val_put_str(p->a, tag, S("kind"), S("brand"));
    val_put_str(p->a, tag, S("text"), page_text(p, val_get_bool(item, S("for_company"), false) ? S("企业办事") : S("个人办事")));
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

int search_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    struct str q = str_sub(str_trim(http_query(p->req, S("q"))), 0, QUERY_BYTES_MAX);
    struct val *items = item_search_view(page_realm(p), q, p->lang, p->a),
               *results = val_list(p->a), *search = portal_put_map(p, S("search"));
    for (size_t i = 0; i < val_count(items); i++)
        if (passes(p, val_item(items, i), FACETS)) val_push(p->a, results, result(p, val_item(items, i)));
    put_facets(p, items);
    val_put(p->a, p->view, S("results"), results);
    val_put_str(p->a, search, S("action"), page_href(p, S("/search")));
    val_put_str(p->a, search, S("label"), page_text(p, S("搜索事项")));
    val_put_str(p->a, search, S("hint"), page_text(p, S("可以用平常说的话、拼音或英文，例如“开饭店”")));
    val_put_str(p->a, search, S("value"), q);
    val_put_str(p->a, p->view, S("total"),
                portal_fill(p, S("共 {n} 项"), S("n"), arena_fmt(p->a, "%zu", val_count(results))));
    if (val_count(results) == 0)
        portal_empty(p, S("没有找到这样的事项"), S("换一个说法试试，去掉一些条件，或者拨打 12345 由人工帮您找。"), S("/search"), S("看全部事项"));
    struct str title = q.len ? portal_fill(p, S("搜索“{q}”"), S("q"), q) : page_text(p, S("全部事项"));
    portal_title(p, title);
    return 0;
}

int search_say(struct page *p, struct err *e) {
    (void)e;
    p->template = S("portal/search");
    return 0;
}
