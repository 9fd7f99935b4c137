/* item_rating_view: what was said of a unit's work, for whoever may see it (rating.list): a list of ratings, sums of a month with
 * those before it, and the redresses that are open. Invariants: nothing of an applicant is told, and none of his words: level and
 * reasons are codes; a list and a board show no unit that the reader's token does not reach.
 */
#include "engine/item/item_rows.h"

#include <string.h>

STORE_STMT(item_rating_sum_list, STORE_READS,
           "SELECT object, unit, level, n FROM item_rating_sum WHERE home = ? AND month = ? AND kind = ? "
           "ORDER BY object, unit, level LIMIT ?");

enum { SUMS_MAX = 10000, PATH_UNITS = 16 };

/* ---- the list ---- */

static struct str joined(const struct val *list, struct arena *a) {
    struct buf b;
    buf_init(&b, a, 64, 4096);
    for (size_t i = 0; i < val_count(list); i++) {
        if (i) buf_add(&b, S("；"));
        buf_add(&b, val_text(val_item(list, i)));
    }
    return buf_str(&b);
}

static int put_people(struct store_tx *tx, const struct realm *r, const struct val *g, struct str lang, struct val *v, struct err *e) {
    struct str unit = S(""), officer = S("");
    int64_t of = val_get_i64(g, S("unit"), 0), by = val_get_i64(g, S("officer"), 0);
    int rc = of ? identity_unit_title(tx, r, of, lang, &unit, e) : 0;
    if (!rc && by) rc = identity_account_name(tx, r, by, &officer, e);
    val_put_str(store_arena(tx), v, S("unit"), unit);
    val_put_str(store_arena(tx), v, S("officer"), officer);
    return rc;
}

/* How the redress stands: "open", "late", "over"; empty where there is none. */
static struct str stands(struct store_tx *tx, const struct val *redress) {
    if (!val_get(redress, S("id"))) return S("");
    if (val_get_bool(redress, S("is_ended"), false)) return S("over");
    return val_get_i64(redress, S("due_ms"), 0) <= store_now_ms(tx) ? S("late") : S("open");
}

static int row(struct store_tx *tx, const struct realm *r, int64_t id, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct item_case c;
    struct val *g = NULL, *v = val_map(a);
    int rc = item_case_get(tx, r, NULL, id, &c, e);
    if (!rc) rc = item_rating_view(tx, r, &c, lang, &g, e);
    if (!rc && !g) rc = err_set(e, ERR_DAMAGED, NULL);
    if (!rc) rc = put_people(tx, r, g, lang, v, e);
    if (rc) return rc;
    const struct val *redress = val_get(g, S("redress"));
    int64_t level = val_get_i64(g, S("level"), 0);
    val_put_i64(a, v, S("id"), id);
    val_put_i64(a, v, S("level"), level);
    val_put_str(a, v, S("level_text"), val_get_str(g, S("level_text")));
    val_put_str(a, v, S("tone"), level >= ITEM_RATING_BAD ? S("seal") : level == 3 ? S("warn") : S("ok"));
    val_put_str(a, v, S("reasons"), joined(val_get(g, S("reasons")), a));
    val_put_i64(a, v, S("at_ms"), val_get_i64(g, S("at_ms"), 0));
    val_put_str(a, v, S("number"), c.number);
    val_put_str(a, v, S("item"), system_text(c.system, lang, c.type->name));
    val_put_str(a, v, S("item_id"), c.item);
    val_put_str(a, v, S("redress"), stands(tx, redress));
    val_put_str(a, v, S("redress_text"), val_get_str(redress, S("state_text")));
    val_put_str(a, v, S("redress_number"), val_get_str(redress, S("number")));
    *ret = v;
    return 0;
}

static bool fits(const struct item_rating_query *q, const struct val *v) {
    if (q->item.len && !str_eq(q->item, val_get_str(v, S("item_id")))) return false;
    struct str stands_at = val_get_str(v, S("redress"));
    if (str_eq(q->redress, S("open")) && str_eq(stands_at, S("late"))) return true; /* what is late is open too */
    return q->redress.len == 0 || str_eq(q->redress, stands_at);
}

/* The moment at which the month begins that is so many months after the one that begins on this day. */
static int64_t month_ms(const struct realm *r, int64_t month, int32_t after) {
    unsigned m, day;
    int32_t year;
    civil_split((struct civil_date){ (int32_t)month }, &year, &m, &day);
    int32_t n = year * 12 + (int32_t)m - 1 + after;
    const struct civil_time t = { .year = n / 12, .month = (uint8_t)(n % 12 + 1), .day = 1 };
    return tz_instant_ms(r->tz, &t);
}

static bool beyond(const struct realm *r, const struct item_rating_query *q, int64_t key) {
    return q->month && (q->back ? key >= month_ms(r, q->month, 1) : key < month_ms(r, q->month, 0));
}

static int begin(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_rating_query *q, struct scope_walk *w,
                 struct err *e) {
    static const struct str bad[] = { S_INIT("5") };
    struct scope_token t;
    struct scope_order order = { .back = q->back, .facet = q->level.len ? SCOPE_A : q->item.len ? SCOPE_B : SCOPE_ANY,
                                 .value = q->level.len ? q->level : q->item };
    bool rest = q->redress.len || (q->level.len && q->item.len) || q->month;
    if (str_eq(q->level, S("bad"))) order.value = S("4"), order.or_value = bad, order.n_or = 1;
    int rc = access_may(r, who, S("rating.list"), &t, e);
    if (!rc && q->unit) rc = identity_narrow(tx, r, q->unit, &t, e);
    if (rc) return rc;
    if (q->month && !q->at) { /* the walk begins with the month, and ends with it */
        q->key = q->back ? month_ms(r, q->month, 0) - 1 : month_ms(r, q->month, 1);
        q->at = q->back ? INT64_MAX : 1;
    }
    scope_walk_begin(w, &t, S("rating"), q->key, q->at, q->max, rest);
    w->order = order;
    q->total = SCOPE_UNCOUNTED;
    return q->counted && !rest ? scope_count(tx, &t, S("rating"), &order, &q->total, e) : 0;
}

int item_ratings(struct store_tx *tx, const struct realm *r, const struct actor *who, struct item_rating_query *q, struct str lang,
                 struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct scope_walk *w = arena_new(a, struct scope_walk);
    struct val *v;
    int64_t id = 0;
    *ret = val_list(a);
    int rc = w ? begin(tx, r, who, q, w, e) : err_set(e, ERR_MEMORY, NULL);
    if (!rc) rc = scope_walk_next(tx, w, &id, e);
    while (!rc && id && val_count(*ret) < q->max) {
        if (beyond(r, q, w->key)) {
            w->cut = false;
            break;
        }
        q->key = w->key, q->at = id;
        rc = row(tx, r, id, lang, &v, e);
        if (!rc && fits(q, v)) {
            val_put_i64(a, v, S("key"), w->key);
            val_push(a, *ret, v);
        }
        if (!rc) rc = scope_walk_next(tx, w, &id, e);
    }
    q->cut = !rc && w->cut && !id;
    return rc;
}

/* ---- the board ---- */

static int title_of(struct store_tx *tx, const struct realm *r, const char *kind, struct str object, struct str unit, struct str lang,
                    struct str *ret, struct err *e) {
    const struct system *m;
    int64_t id = 0;
    *ret = object;
    if (!strcmp(kind, "unit")) *ret = unit;
    else if (!strcmp(kind, "person")) return str_to_i64(object, &id) ? identity_account_name(tx, r, id, ret, e) : 0;
    else {
        const struct item_type *t = realm_find(r, SYSTEM_ITEM, object, &m);
        if (t) *ret = system_text(m, lang, t->name);
    }
    return 0;
}

/* One line of sums: as many of each level as were given. */
struct line {
    struct str object;
    int64_t unit, total, good;
};

static int push_line(struct store_tx *tx, const struct realm *r, const struct scope_token *t, const struct line *l, const char *kind,
                     struct str lang, struct val *list, struct err *e) {
    struct arena *a = store_arena(tx);
    int64_t path[PATH_UNITS];
    size_t n = 0;
    struct err ignored;
    struct str unit = S(""), title;
    struct val *v = val_map(a);
    int rc = !l->total || !l->unit ? 0 : identity_unit_path(tx, r, l->unit, path, PATH_UNITS, &n, e);
    if (rc || !l->total || access_under(t, path, n, &ignored)) return rc;
    if (l->unit) rc = identity_unit_title(tx, r, l->unit, lang, &unit, e);
    if (!rc) rc = title_of(tx, r, kind, l->object, unit, lang, &title, e);
    if (rc) return rc;
    val_put_str(a, v, S("object"), l->object);
    val_put_str(a, v, S("title"), title);
    val_put_str(a, v, S("unit"), unit);
    val_put_i64(a, v, S("unit_id"), l->unit);
    val_put_i64(a, v, S("total"), l->total);
    val_put_i64(a, v, S("bad"), l->total - l->good);
    val_put_i64(a, v, S("permille"), l->good * 1000 / l->total);
    val_push(a, list, v);
    return 0;
}

static int read_lines(struct store_tx *tx, const struct realm *r, int64_t month, const char *kind, struct line *line, size_t *ret_n,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    size_t n = 0, read = 0;
    int rc = store_query(tx, &item_rating_sum_list, &rows, e, SV_I(r->home.v), SV_I(month), SV_T(str_of(kind)), SV_I(SUMS_MAX + 1));
    if (rc) return rc;
    for (; store_next(rows) && n < SUMS_MAX; read++) {
        struct str object = store_text(rows, 0);
        int64_t unit = store_i64(rows, 1), of_level = store_i64(rows, 3);
        if (!n || line[n - 1].unit != unit || !str_eq(line[n - 1].object, object))
            line[n++] = (struct line){ .object = arena_str(a, object), .unit = unit };
        line[n - 1].total += of_level;
        if (store_i64(rows, 2) < ITEM_RATING_BAD) line[n - 1].good += of_level;
    }
    rc = store_end(rows, e);
    *ret_n = n;
    return !rc && read > SUMS_MAX ? err_set(e, ERR_LIMIT, "%d", SUMS_MAX) : rc;
}

static int put_lines(struct store_tx *tx, const struct realm *r, const struct scope_token *t, int64_t month, const char *kind,
                     struct line *line, struct str lang, struct val *into, struct err *e) {
    struct val *list = val_list(store_arena(tx));
    size_t n = 0;
    int rc = read_lines(tx, r, month, kind, line, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = push_line(tx, r, t, &line[i], kind, lang, list, e);
    val_put(store_arena(tx), into, str_of(kind), list);
    return rc;
}

/* Every rating is of one unit: the units' lines within reach are all there are. */
static int put_trend(struct store_tx *tx, const struct realm *r, const struct scope_token *t, int64_t last, struct line *line,
                     struct val *into, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *list = val_list(a);
    int rc = 0;
    for (int32_t back = ITEM_RATING_MONTHS - 1; !rc && back >= 0; back--) {
        int64_t month = realm_month(r, month_ms(r, last, -back)), path[PATH_UNITS];
        struct val *v = val_map(a);
        struct line sum = { 0 };
        struct err ignored;
        size_t n = 0, n_path;
        rc = read_lines(tx, r, month, "unit", line, &n, e);
        for (size_t i = 0; !rc && i < n; i++) {
            n_path = 0;
            if (!t->all && line[i].unit) rc = identity_unit_path(tx, r, line[i].unit, path, PATH_UNITS, &n_path, e);
            if (!rc && access_under(t, path, n_path, &ignored) == 0) sum.total += line[i].total, sum.good += line[i].good;
        }
        val_put_i64(a, v, S("month"), month);
        val_put_i64(a, v, S("total"), sum.total);
        val_put_i64(a, v, S("bad"), sum.total - sum.good);
        val_put_i64(a, v, S("permille"), sum.total ? sum.good * 1000 / sum.total : 0);
        val_push(a, list, v);
    }
    val_put(a, into, S("trend"), list);
    return rc;
}

/* Of the redresses within reach that are open: how many, and how many of them are late. The soonest due come first. */
static int put_open(struct store_tx *tx, const struct realm *r, const struct scope_token *t, struct val *into, struct err *e) {
    const struct scope_order open = { .back = true, .facet = SCOPE_A, .value = S("open") };
    int64_t ids[SCOPE_PAGE_MAX], keys[SCOPE_PAGE_MAX], key = 0, id = 0;
    size_t all = 0, late = 0, n = 0;
    bool more = true;
    (void)r;
    int rc = scope_count(tx, t, S("redress"), &open, &all, e);
    while (!rc && more && late < SCOPE_COUNT_MAX) {
        rc = scope_page(tx, t, S("redress"), &open, key, id, ids, keys, SCOPE_PAGE_MAX, &n, e);
        more = !rc && n == SCOPE_PAGE_MAX;
        for (size_t i = 0; !rc && i < n; i++) {
            key = keys[i], id = ids[i];
            if (key <= store_now_ms(tx)) late++;
            else more = false;
        }
    }
    val_put_i64(store_arena(tx), into, S("open"), (int64_t)all);
    val_put_i64(store_arena(tx), into, S("late"), (int64_t)late);
    return rc;
}

int item_rating_board(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t month, struct str lang,
                      struct val **ret, struct err *e) {
    static const char *const kinds[] = { "unit", "person", "item" };
    struct line *line = arena_array(store_arena(tx), SUMS_MAX + 1, sizeof *line);
    struct scope_token t;
    int rc = line ? access_may(r, who, S("rating.list"), &t, e) : err_set(e, ERR_MEMORY, NULL);
    if (!month) month = realm_month(r, store_now_ms(tx));
    *ret = val_map(store_arena(tx));
    for (size_t i = 0; !rc && i < sizeof kinds / sizeof *kinds; i++) rc = put_lines(tx, r, &t, month, kinds[i], line, lang, *ret, e);
    if (!rc) rc = put_trend(tx, r, &t, month, line, *ret, e);
    return rc ? rc : put_open(tx, r, &t, *ret, e);
}
