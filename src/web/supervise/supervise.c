/* supervise: the table of supervision's pages, its board and its lists. Invariant: every number on
 * the board leads to the list of the cards that it counts.
 */
#include "web/supervise/supervise.h"

#include "engine/item/item.h"
#include "web/list/list.h"
#include "web/supervise/supervise_pages.h"

enum { PAGE_ROWS = 25, FORM_BYTES_MAX = 65536 };
#define N(x) (sizeof x / sizeof *x)
#define SHOWN(id, path, act, say, power, audit)                                                    \
    {                                                                                              \
        id, HTTP_GET, path, page_ask_none, act, say, power, 0, ROUTE_PAGE, ROUTE_RATE_PAGE, audit, \
            ROUTE_DATA_CASE                                                                        \
    }
#define FILED(id, path, act, power)                                                                \
    {                                                                                              \
        id, HTTP_GET, path, page_ask_none, act, list_file_say, power, 0, ROUTE_FILE,               \
            ROUTE_RATE_FORM, ROUTE_AUDIT_READ, ROUTE_DATA_CASE                                     \
    }
#define CHANGE(id, path, power)                                                                    \
    {                                                                                              \
        id, HTTP_POST, path, supervise_card_ask, supervise_card_post_act, supervise_card_say,      \
            power, FORM_BYTES_MAX, ROUTE_ACTION, ROUTE_RATE_FORM, ROUTE_AUDIT_ACT, ROUTE_DATA_CASE \
    }

/* clang-format off */
const struct route supervise_routes[] = {
    SHOWN("U1", SUPERVISE_HOME, supervise_board_act, supervise_board_say, "card.list", ROUTE_AUDIT_NONE),
    SHOWN("U2", SUPERVISE_HOME "/cards", supervise_cards_act, supervise_cards_say, "card.list", ROUTE_AUDIT_NONE),
    FILED("U2-csv", SUPERVISE_HOME "/cards/export", supervise_cards_file_act, "card.list"),
    SHOWN("U3", SUPERVISE_HOME "/mine", supervise_mine_act, supervise_mine_say, "card.explain", ROUTE_AUDIT_NONE),
    FILED("U3-csv", SUPERVISE_HOME "/mine/export", supervise_mine_file_act, "card.explain"),
    SHOWN("U4", SUPERVISE_HOME "/card/{id}", supervise_card_act, supervise_card_say, "card.read", ROUTE_AUDIT_READ),
    SHOWN("U4-answer", SUPERVISE_HOME "/card/{id}/answer", supervise_card_act, supervise_card_say, "card.explain", ROUTE_AUDIT_READ),
    SHOWN("U4-judge", SUPERVISE_HOME "/card/{id}/judge", supervise_card_act, supervise_card_say, "card.judge", ROUTE_AUDIT_READ),
    SHOWN("U5", SUPERVISE_HOME "/ratings", supervise_ratings_act, supervise_ratings_say, "rating.list", ROUTE_AUDIT_NONE),
    SHOWN("U6", SUPERVISE_HOME "/ratings/list", supervise_rated_act, supervise_rated_say, "rating.list", ROUTE_AUDIT_NONE),
    FILED("U6-csv", SUPERVISE_HOME "/ratings/list/export", supervise_rated_file_act, "rating.list"),
    CHANGE("U4-answer", SUPERVISE_HOME "/card/{id}/answer", "card.explain"),
    CHANGE("U4-judge", SUPERVISE_HOME "/card/{id}/judge", "card.judge"),
};
/* clang-format on */
const size_t supervise_n_routes = N(supervise_routes);

bool supervise_sees_all(const struct page *p) {
    struct scope_token ignored;
    return access_may(page_realm(p), p->who, S("card.list"), &ignored, NULL) == 0;
}

void supervise_tabs(struct page *p, enum supervise_tab current) {
    struct scope_token ignored;
    if (supervise_sees_all(p)) {
        staff_link(p, "tabs", S("监察看板"), S(SUPERVISE_HOME), current == SUPERVISE_TAB_BOARD, -1);
        staff_link(p, "tabs", S("全部监察牌"), S(SUPERVISE_HOME "/cards"), current == SUPERVISE_TAB_CARDS, -1);
    }
    staff_link(p, "tabs", S("我的监察牌"), S(SUPERVISE_HOME "/mine"), current == SUPERVISE_TAB_MINE, -1);
    if (access_may(page_realm(p), p->who, S("rating.list"), &ignored, NULL)) return;
    staff_link(p, "tabs", S("满意度"), S(SUPERVISE_HOME "/ratings"), current == SUPERVISE_TAB_RATINGS, -1);
    staff_link(p, "tabs", S("全部评价"), S(SUPERVISE_HOME "/ratings/list"), current == SUPERVISE_TAB_RATED, -1);
}

/* ---- the board ---- */

void supervise_cell(struct page *p, struct val *cells, struct str text, struct str path,
                    bool head) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("text"), text);
    val_put_str(p->a, v, S("link"), path.len ? page_href(p, path) : S(""));
    val_put_bool(p->a, v, S("head"), head);
    val_put_bool(p->a, v, S("state"), false);
    val_push(p->a, cells, v);
}

static void put_counts(struct page *p, const struct val *sum, struct str list, struct val *cells) {
    static const struct {
        const char *key, *narrow;
    } counts[] = { { "yellow", "&color=yellow" },
                   { "red", "&color=red" },
                   { "open", "&state=open" },
                   { "withdrawn", "&state=withdrawn" } };
    for (size_t i = 0; i < N(counts); i++) {
        int64_t n = val_get_i64(sum, str_of(counts[i].key), 0);
        supervise_cell(p, cells, arena_i64(p->a, n),
                       n ? ARENA_CAT(p->a, list, str_of(counts[i].narrow)) : S(""), false);
    }
}

/* Who has most stands first. */
static void put_table(struct page *p, const struct supervise_board *b, const struct val *sums, size_t k,
                      struct val *tables) {
    static const struct {
        struct str id, caption, head;
    } by[] = { { S_INIT("unit"), S_INIT("按单位"), S_INIT("单位") },
               { S_INIT("person"), S_INIT("按人员"), S_INIT("经办人") },
               { S_INIT("item"), S_INIT("按事项"), S_INIT("事项") } };
    struct val *one = val_map(p->a), *v = val_map(p->a), *rows = val_list(p->a),
               *columns = val_list(p->a);
    const struct val *of = val_get(sums, by[k].id);
    if (val_count(of) == 0) return;
    for (size_t i = 0; i < b->n_counted + 2; i++) {
        struct val *c = val_map(p->a);
        if (i == 1 && k == 0) continue; /* a unit stands for itself */
        val_put_str(p->a, c, S("title"), page_text(p, i == 0 ? by[k].head : i == 1 ? by[0].head : b->counted[i - 2]));
        val_push(p->a, columns, c);
    }
    for (size_t i = 0; i < val_count(of); i++) {
        struct val *row = val_map(p->a), *cells = val_list(p->a);
        const struct val *sum = val_item(of, i);
        struct str list = S("");
        if (b->filter[k])
            list = arena_fmt(p->a, "%s?%s=%.*s%.*s", b->list, b->filter[k], STR_ARG(val_get_str(sum, S("object"))), STR_ARG(b->narrow));
        if (b->filter[k] && k)
            list = arena_fmt(p->a, "%.*s&unit=%lld", STR_ARG(list), (long long)val_get_i64(sum, S("unit_id"), 0));
        supervise_cell(p, cells, val_get_str(sum, S("title")), list, true);
        if (k) supervise_cell(p, cells, val_get_str(sum, S("unit")), S(""), false);
        b->put_counts(p, sum, list, cells);
        val_put(p->a, row, S("cells"), cells);
        val_push(p->a, rows, row);
    }
    val_put_str(p->a, v, S("id"), by[k].id);
    val_put_str(p->a, v, S("caption"), page_text(p, by[k].caption));
    val_put(p->a, v, S("columns"), columns);
    val_put(p->a, v, S("rows"), rows);
    val_put(p->a, one, S("table"), v);
    val_push(p->a, tables, one);
}

void supervise_put_board(struct page *p, const struct supervise_board *b, const struct val *sums) {
    struct val *tables = val_list(p->a);
    for (size_t k = 0; k < N(b->filter); k++) put_table(p, b, sums, k, tables);
    if (val_count(tables) == 0) supervise_empty(p, b->none, b->none_text, str_of(b->list), b->all);
    val_put(p->a, p->view, S("tables"), tables);
    supervise_tabs(p, b->tab);
}

void supervise_empty(struct page *p, struct str title, struct str text, struct str path,
                     struct str link) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("text"), page_text(p, text));
    val_put_str(p->a, v, S("href"), page_href(p, path));
    val_put_str(p->a, v, S("link"), page_text(p, link));
    val_put(p->a, p->view, S("empty"), v);
}

int supervise_board_act(struct store_tx *tx, struct page *p, struct err *e) {
    static const struct str counted[] = { S_INIT("黄牌"), S_INIT("红牌"), S_INIT("待说明和待处理"), S_INIT("已撤销") };
    static const struct supervise_board cards = { .list = SUPERVISE_HOME "/cards",
                                                  .filter = { "unit", "person", "item" },
                                                  .counted = counted,
                                                  .n_counted = N(counted),
                                                  .put_counts = put_counts,
                                                  .none = S_INIT("这个月没有发过监察牌"),
                                                  .none_text = S_INIT("这里按单位、人员和事项统计监察自动发出的牌。"),
                                                  .all = S_INIT("查看全部监察牌"),
                                                  .tab = SUPERVISE_TAB_BOARD };
    struct val *sums;
    int rc = supervise_board(tx, page_realm(p), p->who, 0, p->lang, &sums, e);
    if (!rc) supervise_put_board(p, &cards, sums);
    return rc;
}

int supervise_board_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("监察看板"), S(""));
    p->template = S("supervise/board");
    return 0;
}

/* ---- lists ---- */

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e);
static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e);
static const struct list_column columns[] = {
    { "title", S_INIT("原因"), NULL, LIST_HEAD },
    { "card", S_INIT("牌"), NULL, LIST_TAG },
    { "status", S_INIT("状态"), NULL, LIST_TAG },
    { "number", S_INIT("办件编号"), NULL, LIST_TEXT },
    { "item", S_INIT("事项"), NULL, LIST_UNDER },
    { "holder", S_INIT("责任人"), NULL, LIST_TEXT },
    { "unit", S_INIT("单位"), NULL, LIST_UNDER },
    { "at", S_INIT("发生时间"), NULL, LIST_TEXT },
    { "issued", S_INIT("发牌时间"), "issued", LIST_WHEN },
};
static const struct list_order orders[] = { { "issued", S_INIT("最新的在前"), S_INIT("最早的在前"),
                                              false } };
static const struct list_filter filters[] = {
    { "state", S_INIT("状态"), LIST_CHOICE },    { "color", S_INIT("牌"), LIST_CHOICE },
    { "item", S_INIT("事项"), LIST_CHOICE },     { "unit", S_INIT("单位"), LIST_CHOICE },
    { "person", S_INIT("责任人"), LIST_CHOICE },
};
enum { CARDS, MINE };
static const struct list lists[] = {
    [CARDS] = { .name = "cards",
                .caption = S_INIT("全部监察牌"),
                LIST_TABLES(columns, orders, filters),
                .page_rows = PAGE_ROWS,
                .fetch = fetch,
                .choices = choices },
    [MINE] = { .name = "my-cards",
               .caption = S_INIT("我的监察牌"),
               .columns = columns,
               .n_columns = N(columns),
               .orders = orders,
               .n_orders = N(orders),
               .filters = filters,
               .n_filters = 2,
               .page_rows = PAGE_ROWS,
               .fetch = fetch,
               .choices = choices },
};

static void put_tag(struct page *p, struct val *v, const char *key, const char *text,
                    const char *tone) {
    struct val *tag = val_map(p->a);
    val_put_str(p->a, tag, S("text"), val_get_str(v, str_of(text)));
    val_put_str(p->a, tag, S("kind"), val_get_str(v, str_of(tone)));
    val_put(p->a, v, str_of(key), tag);
}

static void decorate(struct page *p, struct val *v) {
    const struct realm *r = page_realm(p);
    int64_t id = val_get_i64(v, S("id"), 0);
    put_tag(p, v, "card", "color_text", "color_tone");
    put_tag(p, v, "status", "state_text", "tone");
    if (!val_get_str(v, S("holder")).len)
        val_put_str(p->a, v, S("holder"), page_text(p, S("由单位负责")));
    val_put_str(p->a, v, S("at"), realm_time(r, p->a, p->lang, val_get_i64(v, S("at_ms"), 0)));
    val_put_str(p->a, v, S("issued"),
                realm_time(r, p->a, p->lang, val_get_i64(v, S("issued_ms"), 0)));
    val_put_str(p->a, v, S("href"),
                page_href(p, arena_fmt(p->a, SUPERVISE_HOME "/card/%lld", (long long)id)));
    val_put_str(p->a, v, S("place"), list_place(p->a, val_get_i64(v, S("key"), 0), id));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct supervise_query q = { .mine = l->of == &lists[MINE],
                                 .back = l->back,
                                 .state = list_value(l, "state"),
                                 .color = list_value(l, "color"),
                                 .item = list_value(l, "item"),
                                 .max = l->max,
                                 .counted = l->counted };
    struct str unit = list_value(l, "unit"), person = list_value(l, "person");
    l->rows = val_list(p->a);
    if ((unit.len && !str_to_i64(unit, &q.unit)) || (person.len && !str_to_i64(person, &q.account)))
        return 0;
    int rc = l->place.len ? list_place_read(l->place, &q.key, &q.at, e) : 0;
    if (!rc) rc = supervise_list(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l->rows->u.list.item[i]);
    l->total = q.total;
    l->cut = !rc && q.cut ? list_place(p->a, q.key, q.at) : S("");
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    struct str name = str_of(f->name), title, value;
    struct val *board;
    bool state = str_eq(name, S("state"));
    if (state || str_eq(name, S("color"))) {
        for (size_t i = 0;
             (value = state ? supervise_state(i, &title) : supervise_color(i, &title)).len; i++)
            list_choice(p, l, f, into, value, page_text(p, title));
        return 0;
    }
    int rc = supervise_board(tx, page_realm(p), p->who, 0, p->lang, &board, e);
    const struct val *sums = val_get(board, name), *before = NULL;
    for (size_t i = 0; !rc && i < val_count(sums); i++) {
        const struct val *v = val_item(sums, i);
        if (!str_eq(val_get_str(before, S("object")), val_get_str(v, S("object"))))
            list_choice(p, l, f, into, val_get_str(v, S("object")), val_get_str(v, S("title")));
        before = v;
    }
    return rc;
}

static int show(struct store_tx *tx, struct page *p, int which, struct str path, struct err *e) {
    struct list_run l;
    list_read(p, &lists[which], path, &l);
    supervise_tabs(p, which == CARDS ? SUPERVISE_TAB_CARDS : SUPERVISE_TAB_MINE);
    return list_show(tx, p, &l, e);
}

static int file(struct store_tx *tx, struct page *p, int which, struct str path, const char *power,
                struct err *e) {
    struct list_run l;
    list_read(p, &lists[which], path, &l);
    return list_file(tx, p, &l, power, "card", e);
}

int supervise_cards_act(struct store_tx *tx, struct page *p, struct err *e) {
    return show(tx, p, CARDS, S(SUPERVISE_HOME "/cards"), e);
}

int supervise_cards_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    return file(tx, p, CARDS, S(SUPERVISE_HOME "/cards"), "card.list", e);
}

int supervise_mine_act(struct store_tx *tx, struct page *p, struct err *e) {
    return show(tx, p, MINE, S(SUPERVISE_HOME "/mine"), e);
}

int supervise_mine_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    return file(tx, p, MINE, S(SUPERVISE_HOME "/mine"), "card.explain", e);
}

static int say(struct page *p, const struct list *of, struct str text) {
    if (!list_some(p) && !val_get(p->view, S("empty")))
        supervise_empty(p, S("没有监察牌"), text, S("/desk"), S("去办理任务"));
    staff_title(p, of->caption, S(""));
    p->template = S("supervise/cards");
    return 0;
}

int supervise_cards_say(struct page *p, struct err *e) {
    (void)e;
    return say(p, &lists[CARDS], S("办件超期、临近期限或者反复退回、暂停时，监察会自动发牌。"));
}

int supervise_mine_say(struct page *p, struct err *e) {
    (void)e;
    return say(p, &lists[MINE], S("您没有收到监察牌。按期办理，就不会有。"));
}
