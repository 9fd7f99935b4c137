/* item_rating: what people say of how they were served; see item.h.
 *
 * Invariants
 *  1. A case has one rating, of the moment when it was given; no statement changes or deletes one.
 *  2. What stands in clear beside the sealed words (level, whom it is about, the redress) is bound to them as associated data, so
 *     that a row changed behind the program's back does not open: ERR_DAMAGED. A row of an earlier shape opens as it was bound then,
 *     and only as long as the columns that came later are empty.
 *  3. A bad rating says why, and opens its redress (整改) in the same transaction (item_redress.c).
 */
#include "engine/code/code_set.h"
#include "engine/item/item_rows.h"

STORE_STMT(item_rating_insert, STORE_WRITES,
           "INSERT INTO item_rating (home, case_id, level, body, at_ms, account, item, unit, officer, redress) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
STORE_STMT(item_rating_by_case, STORE_READS,
           "SELECT level, body, at_ms, account, item, unit, officer, redress FROM item_rating WHERE home = ? AND case_id = ?");
STORE_STMT(item_rating_sum_first, STORE_WRITES,
           "INSERT INTO item_rating_sum (home, month, kind, object, unit, level, n) VALUES (?, ?, ?, ?, ?, ?, 0) "
           "ON CONFLICT (home, month, kind, object, unit, level) DO NOTHING");
STORE_STMT(item_rating_sum_raise, STORE_WRITES,
           "UPDATE item_rating_sum SET n = n + 1 WHERE home = ? AND month = ? AND kind = ? AND object = ? AND unit = ? AND level = ?");

enum { RATING_BYTES_MAX = 8192, REASONS_MAX = 20, PATH_UNITS = 16 };

/* ---- levels and reasons ---- */

static const struct code_set *levels_of(const struct item_case *c) {
    return system_find(c->system, SYSTEM_CODE, S("satisfaction"));
}

static struct val *reasons_of(const struct item_case *c, const struct code *level, struct str lang, struct arena *a) {
    struct val *list = val_list(a);
    for (const struct code *k = level->child; k; k = k->sibling) {
        struct val *v = val_map(a);
        val_put_str(a, v, S("code"), k->code);
        val_put_str(a, v, S("title"), system_text(c->system, lang, k->title));
        val_push(a, list, v);
    }
    return list;
}

struct val *item_rating_levels(const struct item_case *c, struct str lang, struct arena *a) {
    const struct code_set *set = levels_of(c);
    struct val *list = val_list(a);
    for (const struct code *k = set ? code_set_list(set, S("")) : NULL; k; k = k->sibling) {
        struct val *v = val_map(a);
        int64_t level = 0;
        if (!str_to_i64(k->code, &level)) continue;
        val_put_i64(a, v, S("level"), level);
        val_put_str(a, v, S("title"), system_text(c->system, lang, k->title));
        val_put_bool(a, v, S("bad"), level >= ITEM_RATING_BAD);
        val_put(a, v, S("reasons"), reasons_of(c, k, lang, a));
        val_push(a, list, v);
    }
    return list;
}

static void wrong(struct arena *a, struct val *errors, struct str field, int code, struct str detail) {
    struct val *v = val_map(a);
    val_put_i64(a, v, S("code"), code);
    val_put_str(a, v, S("detail"), detail);
    val_put(a, errors, field, v);
}

/* The reasons given below a level as a list; false if one is none of its own. */
static bool take_reasons(const struct item_case *c, const struct item_rating *g, int64_t level, struct val *into, struct arena *a) {
    const struct val *in = g->reasons[level];
    if (val_many(in) > REASONS_MAX) return false;
    for (size_t i = 0; i < val_many(in); i++) {
        struct str code = val_text(val_nth(in, i));
        const struct code *k = levels_of(c) ? code_set_find(levels_of(c), code) : NULL;
        if (!code.len) continue;
        if (!k || !str_eq(k->parent, arena_i64(a, level))) return false;
        val_push(a, into, val_str(a, code));
    }
    return true;
}

static struct str reasons_field(struct arena *a, int64_t level) {
    return arena_fmt(a, "reasons-%d", (int)level);
}

/* The sealed body; every fault at its field. */
static int body_of(const struct item_case *c, const struct item_rating *g, struct arena *a, struct val **ret, struct val **errors,
                   struct err *e) {
    struct val *list = val_list(a), *faults = val_map(a);
    bool level = g->level >= 1 && g->level <= ITEM_RATING_LEVELS;
    if (!level) wrong(a, faults, S("level"), ERR_CODE, S(""));
    for (int64_t l = 1; l <= ITEM_RATING_LEVELS; l++)
        if (!take_reasons(c, g, l, l == g->level ? list : val_list(a), a)) wrong(a, faults, reasons_field(a, l), ERR_CODE, S(""));
    if (level && g->level >= ITEM_RATING_BAD && !val_count(faults) && !val_count(list) && !str_trim(g->text).len)
        wrong(a, faults, reasons_field(a, g->level), ERR_REQUIRED, S("哪里不满意"));
    if (str_utf8_count(g->text) > ITEM_RATING_TEXT_MAX) wrong(a, faults, S("text"), ERR_TOO_LONG, arena_i64(a, ITEM_RATING_TEXT_MAX));
    if (errors) *errors = faults;
    if (val_count(faults)) return err_set(e, ERR_INPUT, NULL);
    *ret = val_map(a);
    val_put(a, *ret, S("reasons"), list);
    val_put_str(a, *ret, S("text"), g->text);
    return 0;
}

/* ---- whom it is about ---- */

int item_decided_by(struct store_tx *tx, const struct realm *r, const struct item_case *c, int64_t *unit, int64_t *officer,
                    struct err *e) {
    struct flow_task *tasks;
    size_t n = 0;
    int64_t last_ms = 0, of_part = 0, at;
    bool several = false;
    *unit = c->unit, *officer = 0;
    int rc = flow_tasks_of(tx, c->id, &tasks, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const struct flow_task *t = &tasks[i];
        if (t->state != FLOW_TASK_COMPLETED || !t->ended_by_id || str_eq(t->role, S("applicant"))) continue;
        rc = item_task_unit(tx, r, c, t, &at, NULL, e);
        if (rc == ERR_NOT_FOUND) at = c->unit, rc = 0;
        if (rc) break;
        if (item_step_part(c, t->element).len) several |= of_part && at != of_part, of_part = at;
        if (t->ended_ms >= last_ms) last_ms = t->ended_ms, *unit = at, *officer = t->ended_by_id;
    }
    if (several) *unit = c->unit, *officer = 0;
    return rc;
}

/* ---- rows ---- */

struct rating_row {
    int64_t level, at_ms, account, unit, officer, redress;
    struct str item;
};

/* What the words are bound to. Rows of before held less: the level alone, then moment and account as well. */
enum rating_held { HELD_LEVEL, HELD_WHEN, HELD_ALL };
static struct str place(struct arena *a, const struct realm *r, int64_t case_id, const struct rating_row *g, enum rating_held held) {
    struct str level = arena_fmt(a, "item_rating/%lld/%lld/%lld", (long long)r->home.v, (long long)case_id, (long long)g->level);
    if (held == HELD_LEVEL) return level;
    struct str when = ARENA_CAT(a, level, arena_fmt(a, "/%lld/%lld", (long long)g->at_ms, (long long)g->account));
    if (held == HELD_WHEN) return when;
    return ARENA_CAT(a, when, arena_fmt(a, "/%lld/%lld/%lld/", (long long)g->unit, (long long)g->officer, (long long)g->redress),
                     g->item);
}

static int open_body(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct rating_row *g, struct str sealed,
                     struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    bool early = !g->unit && !g->officer && !g->redress && !g->item.len;
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = seal_val_open(a, &r->keys, &key, place(a, r, c->id, g, HELD_ALL), sealed, ret, e);
    for (int held = HELD_WHEN; rc == ERR_DAMAGED && early && held >= HELD_LEVEL; held--)
        rc = seal_val_open(a, &r->keys, &key, place(a, r, c->id, g, (enum rating_held)held), sealed, ret, e);
    return rc;
}

int item_rating_get(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct rating_row g = { 0 };
    struct str sealed = S("");
    *ret = NULL;
    int rc = store_query(tx, &item_rating_by_case, &rows, e, SV_I(r->home.v), SV_I(c->id));
    if (rc) return rc;
    bool found = store_next(rows);
    if (found) {
        g = (struct rating_row){ .level = store_i64(rows, 0), .at_ms = store_i64(rows, 2), .account = store_i64(rows, 3),
                                 .item = arena_str(a, store_text(rows, 4)), .unit = store_i64(rows, 5), .officer = store_i64(rows, 6),
                                 .redress = store_i64(rows, 7) };
        sealed = arena_str(a, store_bytes(rows, 1));
    }
    rc = store_end(rows, e);
    if (rc || !found) return rc;
    rc = open_body(tx, r, c, &g, sealed, ret, e);
    if (rc) return rc;
    val_put_i64(a, *ret, S("level"), g.level);
    val_put_i64(a, *ret, S("at_ms"), g.at_ms);
    val_put_i64(a, *ret, S("account"), g.account);
    val_put_str(a, *ret, S("item"), g.item);
    val_put_i64(a, *ret, S("unit"), g.unit);
    val_put_i64(a, *ret, S("officer"), g.officer);
    val_put_i64(a, *ret, S("redress"), g.redress);
    return 0;
}

static int insert(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct rating_row *g,
                  const struct val *body, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct str sealed;
    int rc = item_key(tx, r, c, &key, e);
    if (!rc) rc = seal_val(a, &r->keys, &key, place(a, r, c->id, g, HELD_ALL), body, RATING_BYTES_MAX, &sealed, e);
    return rc ? rc : store_exec(tx, &item_rating_insert, NULL, e, SV_I(r->home.v), SV_I(c->id), SV_I(g->level), SV_B(sealed),
                                SV_I(g->at_ms), SV_I(g->account), SV_T(g->item), SV_I(g->unit), SV_I(g->officer),
                                SV_I(g->redress));
}

int item_rating_view(struct store_tx *tx, const struct realm *r, const struct item_case *c, struct str lang, struct val **ret,
                     struct err *e) {
    struct arena *a = store_arena(tx);
    int rc = item_rating_get(tx, r, c, ret, e);
    if (rc || !*ret) return rc;
    const struct val *codes = val_get(*ret, S("reasons"));
    struct val *list = val_list(a);
    for (size_t i = 0; i < val_count(codes); i++)
        val_push(a, list, val_str(a, item_code_text(c->system, S("satisfaction"), val_text(val_item(codes, i)), lang)));
    val_put(a, *ret, S("reasons"), list);
    val_put_str(a, *ret, S("level_text"),
                item_code_text(c->system, S("satisfaction"), arena_i64(a, val_get_i64(*ret, S("level"), 0)), lang));
    int64_t redress = val_get_i64(*ret, S("redress"), 0);
    val_put_bool(a, *ret, S("redress"), false); /* none: a number would open the section of a page, even 0 */
    if (redress) rc = item_redress_view(tx, r, redress, lang, *ret, e);
    if (rc) return rc;
    val_put_str(a, *ret, S("at"), realm_time(r, a, lang, val_get_i64(*ret, S("at_ms"), 0)));
    return 0;
}

/* ---- lists and sums ---- */

static int list_put(struct store_tx *tx, const struct realm *r, const struct item_case *c, const struct rating_row *g, struct err *e) {
    const struct scope_keys keys = { .first = g->at_ms, .second = g->level, .a = arena_i64(store_arena(tx), g->level), .b = g->item };
    int64_t path[PATH_UNITS];
    size_t n = 0;
    int rc = scope_place(tx, r->home, S("rating"), r->home.v, &keys, c->id, e);
    if (!rc && g->unit) rc = identity_unit_path(tx, r, g->unit, path, PATH_UNITS, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = scope_place(tx, r->home, S("rating"), path[i], &keys, c->id, e);
    return rc;
}

static int raise(struct store_tx *tx, const struct realm *r, const struct rating_row *g, const char *kind, struct str object,
                 struct err *e) {
    int64_t month = realm_month(r, g->at_ms);
    int rc = store_exec(tx, &item_rating_sum_first, NULL, e, SV_I(r->home.v), SV_I(month), SV_T(str_of(kind)), SV_T(object),
                        SV_I(g->unit), SV_I(g->level));
    return rc ? rc : store_exec(tx, &item_rating_sum_raise, NULL, e, SV_I(r->home.v), SV_I(month), SV_T(str_of(kind)), SV_T(object),
                                SV_I(g->unit), SV_I(g->level));
}

static int sum_add(struct store_tx *tx, const struct realm *r, const struct rating_row *g, struct err *e) {
    struct arena *a = store_arena(tx);
    int rc = raise(tx, r, g, "unit", arena_i64(a, g->unit), e);
    if (!rc && g->officer) rc = raise(tx, r, g, "person", arena_i64(a, g->officer), e);
    return rc ? rc : raise(tx, r, g, "item", g->item, e);
}

/* ---- rating ---- */

int item_rate_case(struct act *act, struct item_case *c, const struct item_rating *g, struct val **errors, struct err *e) {
    struct store_tx *tx = act->tx;
    const struct realm *r = act->realm;
    struct arena *a = store_arena(tx);
    struct val *before, *body;
    struct rating_row row = { .level = g->level, .at_ms = store_now_ms(tx), .account = act->who->account, .item = c->item };
    if (c->ended_ms == 0) return err_set(e, ERR_STATE, "办结后才能评价");
    int rc = item_rating_get(tx, r, c, &before, e);
    if (rc || before) return rc ? rc : err_set(e, ERR_STATE, "这个办件已经评价过");
    rc = body_of(c, g, a, &body, errors, e);
    if (!rc) rc = item_decided_by(tx, r, c, &row.unit, &row.officer, e);
    if (!rc && row.level >= ITEM_RATING_BAD)
        rc = item_redress_open(tx, r, act->who, c, row.unit, g, val_get(body, S("reasons")), &row.redress, e);
    if (!rc) rc = insert(tx, r, c, &row, body, e);
    if (!rc) rc = list_put(tx, r, c, &row, e);
    if (!rc) rc = sum_add(tx, r, &row, e);
    if (!rc) rc = item_event_add(tx, r, c, &(struct item_event){ .kind = S("rate"), .account = row.account }, e);
    return rc ? rc : act_close(act, S("case"), c->id, c->id, arena_fmt(a, "level %d", (int)g->level), e);
}

int item_rate(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t case_id, const struct item_rating *g,
              struct val **errors, struct err *e) {
    struct act act;
    struct item_case c;
    int rc = item_open(&act, tx, r, who, S("case.rate"), case_id, &c, e);
    return rc ? rc : item_rate_case(&act, &c, g, errors, e);
}
