/* rating: what people say of the service (好差评): the month's board per unit, person and item, and the list of ratings with what comes
 * of the bad ones. Invariant: every number on the board that can be looked into leads to the list of what it counts.
 */
#include "data/tz.h"
#include "engine/item/item.h"
#include "web/calendar.h"
#include "web/list/list.h"
#include "web/supervise/supervise_pages.h"

#define LIST_PATH SUPERVISE_HOME "/ratings/list"
#define N(x) (sizeof x / sizeof *x)
enum { PAGE_ROWS = 25, MONTHS_OFFERED = 36, FIRST_YEAR = 2000 };

/* ---- months: "2026-11" in an address, days since 1970 of its first in sums ---- */

static struct str month_word(struct page *p, int64_t month) {
    int32_t year;
    unsigned m, day;
    civil_split((struct civil_date){ (int32_t)month }, &year, &m, &day);
    return arena_fmt(p->a, "%d-%02u", year, m);
}

static struct str month_title(struct page *p, int64_t month) {
    int32_t year;
    unsigned m, day;
    civil_split((struct civil_date){ (int32_t)month }, &year, &m, &day);
    return calendar_month_title(p, year, m);
}

static int64_t month_before(int64_t month) {
    int32_t year;
    unsigned m, day;
    civil_split((struct civil_date){ (int32_t)month - 1 }, &year, &m, &day);
    return civil_of(year, m, 1).day;
}

/* 0 where none is said; ERR_NOT_FOUND for what is no month, or has not begun. */
static int month_asked(struct page *p, struct str word, int64_t *ret, struct err *e) {
    int64_t year, month;
    *ret = 0;
    if (!word.len) return 0;
    bool shape = word.len == 7 && word.ptr[4] == '-' && str_to_i64(str_sub(word, 0, 4), &year) && str_to_i64(str_sub(word, 5, 2), &month);
    if (!shape || year < FIRST_YEAR || month < 1 || month > 12) return err_set(e, ERR_NOT_FOUND, NULL);
    *ret = civil_of((int32_t)year, (unsigned)month, 1).day;
    return *ret > realm_month(page_realm(p), p->now_ms) ? err_set(e, ERR_NOT_FOUND, NULL) : 0;
}

/* ---- the board ---- */

static struct str percent(struct page *p, int64_t permille) {
    return arena_fmt(p->a, "%lld.%lld%%", (long long)(permille / 10), (long long)(permille % 10));
}

static void put_counts(struct page *p, const struct val *sum, struct str list, struct val *cells) {
    int64_t bad = val_get_i64(sum, S("bad"), 0);
    supervise_cell(p, cells, arena_i64(p->a, val_get_i64(sum, S("total"), 0)), S(""), false);
    supervise_cell(p, cells, percent(p, val_get_i64(sum, S("permille"), 0)), S(""), false);
    supervise_cell(p, cells, arena_i64(p->a, bad), bad && list.len ? ARENA_CAT(p->a, list, S("&level=bad")) : S(""), false);
}

static void put_months(struct page *p, int64_t chosen) {
    struct val *list = val_list(p->a);
    int64_t month = realm_month(page_realm(p), p->now_ms);
    for (int i = 0; i < MONTHS_OFFERED || month >= chosen; i++, month = month_before(month)) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("value"), month_word(p, month));
        val_put_str(p->a, v, S("title"), month_title(p, month));
        val_put_bool(p->a, v, S("selected"), month == chosen);
        val_push(p->a, list, v);
    }
    val_put(p->a, p->view, S("months"), list);
    val_put_str(p->a, p->view, S("month"), month_title(p, chosen));
    val_put_str(p->a, p->view, S("here"), page_href(p, S(SUPERVISE_HOME "/ratings")));
}

/* Twelve months as a table: each leads to its own board. */
static void put_trend(struct page *p, const struct val *trend) {
    static const struct str heads[] = { S_INIT("月份"), S_INIT("评价"), S_INIT("好评率"), S_INIT("差评") };
    struct val *one = val_map(p->a), *columns = val_list(p->a), *rows = val_list(p->a);
    for (size_t i = 0; i < N(heads); i++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), page_text(p, heads[i]));
        val_push(p->a, columns, v);
    }
    for (size_t i = val_count(trend); i > 0; i--) { /* the newest first */
        const struct val *sum = val_item(trend, i - 1);
        struct val *row = val_map(p->a), *cells = val_list(p->a);
        int64_t month = val_get_i64(sum, S("month"), 0), total = val_get_i64(sum, S("total"), 0), bad = val_get_i64(sum, S("bad"), 0);
        struct str narrow = ARENA_CAT(p->a, S("?month="), month_word(p, month)), list = ARENA_CAT(p->a, S(LIST_PATH), narrow);
        supervise_cell(p, cells, month_title(p, month), ARENA_CAT(p->a, S(SUPERVISE_HOME "/ratings"), narrow), true);
        supervise_cell(p, cells, arena_i64(p->a, total), total ? list : S(""), false);
        supervise_cell(p, cells, total ? percent(p, val_get_i64(sum, S("permille"), 0)) : S("–"), S(""), false);
        supervise_cell(p, cells, arena_i64(p->a, bad), bad ? ARENA_CAT(p->a, list, S("&level=bad")) : S(""), false);
        val_put(p->a, row, S("cells"), cells);
        val_push(p->a, rows, row);
    }
    val_put_str(p->a, one, S("id"), S("trend"));
    val_put_str(p->a, one, S("caption"), page_text(p, S("近十二个月")));
    val_put(p->a, one, S("columns"), columns);
    val_put(p->a, one, S("rows"), rows);
    struct val *twelve = val_map(p->a);
    val_put(p->a, twelve, S("table"), one);
    val_put(p->a, p->view, S("twelve"), twelve);
}

int supervise_ratings_act(struct store_tx *tx, struct page *p, struct err *e) {
    static const struct str counted[] = { S_INIT("评价"), S_INIT("好评率"), S_INIT("差评") };
    struct supervise_board ratings_board = {
        .list = LIST_PATH,
        .filter = { "unit", NULL, "item" },
        .counted = counted,
        .n_counted = N(counted),
        .put_counts = put_counts,
        .none = S_INIT("这个月还没有评价"),
        .none_text = S_INIT("办件办结以后，申请人可以评价一次；评价在这里按单位、人员和事项统计。"),
        .all = S_INIT("查看全部评价"),
        .tab = SUPERVISE_TAB_RATINGS,
    };
    struct val *board;
    int64_t month;
    int rc = month_asked(p, page_in(p, S("month")), &month, e);
    if (!rc && !month) month = realm_month(page_realm(p), p->now_ms);
    if (!rc) rc = item_rating_board(tx, page_realm(p), p->who, month, p->lang, &board, e);
    if (rc) return rc;
    ratings_board.narrow = ARENA_CAT(p->a, S("&month="), month_word(p, month));
    supervise_put_board(p, &ratings_board, board);
    put_months(p, month);
    put_trend(p, val_get(board, S("trend")));
    int64_t open = val_get_i64(board, S("open"), 0), late = val_get_i64(board, S("late"), 0);
    val_put_str(p->a, p->view, S("open"), arena_i64(p->a, open));
    val_put_str(p->a, p->view, S("late"), arena_i64(p->a, late));
    val_put_str(p->a, p->view, S("open_href"), open ? page_href(p, S(LIST_PATH "?redress=open")) : S(""));
    val_put_str(p->a, p->view, S("late_href"), late ? page_href(p, S(LIST_PATH "?redress=late")) : S(""));
    return 0;
}

int supervise_ratings_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("满意度"), S(""));
    p->template = S("supervise/ratings");
    return 0;
}

/* ---- the list ---- */

static const struct {
    struct str id, title, tone;
} redress[] = { { S_INIT("open"), S_INIT("整改中"), S_INIT("brand") },
                { S_INIT("late"), S_INIT("整改超期"), S_INIT("seal") },
                { S_INIT("over"), S_INIT("整改已结束"), S_INIT("ok") } };
static const struct {
    struct str id, title;
} levels[] = { { S_INIT("bad"), S_INIT("差评") },     { S_INIT("1"), S_INIT("非常满意") },  { S_INIT("2"), S_INIT("满意") },
               { S_INIT("3"), S_INIT("基本满意") }, { S_INIT("4"), S_INIT("不满意") },      { S_INIT("5"), S_INIT("非常不满意") } };

static void put_tag(struct page *p, struct val *v, const char *key, struct str text, struct str tone) {
    struct val *tag = val_map(p->a);
    val_put_str(p->a, tag, S("text"), text);
    val_put_str(p->a, tag, S("kind"), tone);
    val_put(p->a, v, str_of(key), tag);
}

static void decorate(struct page *p, struct val *v) {
    struct str stands = val_get_str(v, S("redress")), number = val_get_str(v, S("redress_number"));
    put_tag(p, v, "rated", val_get_str(v, S("level_text")), val_get_str(v, S("tone")));
    put_tag(p, v, "followed", page_text(p, S("不用整改")), S(""));
    for (size_t i = 0; i < N(redress); i++)
        if (str_eq(redress[i].id, stands)) put_tag(p, v, "followed", page_text(p, redress[i].title), redress[i].tone);
    if (!val_get_str(v, S("officer")).len) val_put_str(p->a, v, S("officer"), page_text(p, S("由单位负责")));
    val_put_str(p->a, v, S("at"), realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("at_ms"), 0)));
    val_put_str(p->a, v, S("followup"), number);
    val_put_str(p->a, v, S("place"), list_place(p->a, val_get_i64(v, S("key"), 0), val_get_i64(v, S("id"), 0)));
}

static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    struct item_rating_query q = { .back = l->back, .level = list_value(l, "level"), .item = list_value(l, "item"),
                                   .redress = list_value(l, "redress"), .max = l->max, .counted = l->counted };
    struct str unit = list_value(l, "unit");
    l->rows = val_list(p->a);
    if (unit.len && !str_to_i64(unit, &q.unit)) return 0;
    int rc = month_asked(p, list_value(l, "month"), &q.month, e);
    if (!rc && l->place.len) rc = list_place_read(l->place, &q.key, &q.at, e);
    if (!rc) rc = item_ratings(tx, page_realm(p), p->who, &q, p->lang, &l->rows, e);
    for (size_t i = 0; !rc && i < val_count(l->rows); i++) decorate(p, l->rows->u.list.item[i]);
    l->total = q.total;
    l->cut = !rc && q.cut ? list_place(p->a, q.key, q.at) : S("");
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l, const struct list_filter *f, struct val *into,
                   struct err *e) {
    struct str name = str_of(f->name);
    struct val *board;
    for (size_t i = 0; str_eq(name, S("level")) && i < N(levels); i++)
        list_choice(p, l, f, into, levels[i].id, page_text(p, levels[i].title));
    for (size_t i = 0; str_eq(name, S("redress")) && i < N(redress); i++)
        list_choice(p, l, f, into, redress[i].id, page_text(p, redress[i].title));
    int64_t month = realm_month(page_realm(p), p->now_ms);
    for (int i = 0; str_eq(name, S("month")) && i < MONTHS_OFFERED; i++, month = month_before(month))
        list_choice(p, l, f, into, month_word(p, month), month_title(p, month));
    if (!str_eq(name, S("item")) && !str_eq(name, S("unit"))) return 0;
    int rc = month_asked(p, list_value(l, "month"), &month, e);
    if (!rc) rc = item_rating_board(tx, page_realm(p), p->who, month, p->lang, &board, e);
    if (rc) return rc;
    const struct val *sums = val_get(board, name), *before = NULL;
    for (size_t i = 0; !rc && i < val_count(sums); i++) {
        const struct val *v = val_item(sums, i);
        if (!str_eq(val_get_str(before, S("object")), val_get_str(v, S("object"))))
            list_choice(p, l, f, into, val_get_str(v, S("object")), val_get_str(v, S("title")));
        before = v;
    }
    return rc;
}

static const struct list_column columns[] = {
    { "number", S_INIT("办件编号"), NULL, LIST_HEAD }, { "item", S_INIT("事项"), NULL, LIST_UNDER },
    { "rated", S_INIT("评价"), NULL, LIST_TAG },       { "reasons", S_INIT("原因"), NULL, LIST_TEXT },
    { "unit", S_INIT("单位"), NULL, LIST_TEXT },       { "officer", S_INIT("经办人"), NULL, LIST_UNDER },
    { "followed", S_INIT("整改"), NULL, LIST_TAG },    { "followup", S_INIT("整改编号"), NULL, LIST_UNDER },
    { "at", S_INIT("评价时间"), "rated", LIST_WHEN },
};
static const struct list_order orders[] = { { "rated", S_INIT("最新的在前"), S_INIT("最早的在前"), false } };
static const struct list_filter filters[] = {
    { "level", S_INIT("评价"), LIST_CHOICE },
    { "redress", S_INIT("整改"), LIST_CHOICE },
    { "item", S_INIT("事项"), LIST_CHOICE },
    { "unit", S_INIT("单位"), LIST_CHOICE },
    { "month", S_INIT("月份"), LIST_CHOICE },
};
static const struct list ratings = { .name = "ratings", .caption = S_INIT("全部评价"),
                                     LIST_TABLES(columns, orders, filters), .page_rows = PAGE_ROWS,
                                     .fetch = fetch, .choices = choices };

int supervise_rated_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &ratings, S(LIST_PATH), &l);
    supervise_tabs(p, SUPERVISE_TAB_RATED);
    return list_show(tx, p, &l, e);
}

int supervise_rated_file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct list_run l;
    list_read(p, &ratings, S(LIST_PATH), &l);
    return list_file(tx, p, &l, "rating.list", "rating", e);
}

int supervise_rated_say(struct page *p, struct err *e) {
    (void)e;
    if (!list_some(p) && !val_get(p->view, S("empty")))
        supervise_empty(p, S("没有评价"), S("办件办结以后，申请人可以评价一次。"),
                        S(SUPERVISE_HOME "/ratings"), S("去看满意度"));
    staff_title(p, S("全部评价"), S(""));
    p->template = S("supervise/cards");
    return 0;
}
