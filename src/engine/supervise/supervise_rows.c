/* supervise_rows: cards, words, sums and looks as rows; see supervise_rows.h. Invariants: 1. What
 * is read of a card was checked against its MAC; a word's place is bound to it as associated
 * data. 2. No statement deletes a card or a word, or changes what a card was issued for.
 */
#include "engine/supervise/supervise_rows.h"

#include "engine/item/item_facts.h"

#define CARD_COLUMNS                                                                               \
    "id, occasion, system, rule, color, case_id, task, unit, account, item, state, at_ms, "        \
    "issued_ms, changed_ms, version, mac"
STORE_STMT(supervise_card_add, STORE_WRITES,
           "INSERT INTO supervise_card (home, " CARD_COLUMNS
           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
           "ON CONFLICT (home, occasion) DO NOTHING");
STORE_STMT(supervise_card_set, STORE_WRITES,
           "UPDATE supervise_card SET state = ?, changed_ms = ?, version = ?, mac = ? WHERE home = "
           "? AND id = ? AND version = ?");
STORE_STMT(supervise_card_by_id, STORE_READS,
           "SELECT " CARD_COLUMNS " FROM supervise_card WHERE home = ? AND id = ?");
STORE_STMT(
    supervise_card_of_case, STORE_READS,
    "SELECT occasion, id, version, rule, state FROM supervise_card WHERE home = ? AND case_id = ? "
           "ORDER BY id LIMIT ?");
STORE_STMT(supervise_word_insert, STORE_WRITES,
           "INSERT INTO supervise_word (home, card, id, verb, account, at_ms, body) VALUES (?, ?, "
           "?, ?, ?, ?, ?)");
STORE_STMT(supervise_word_list, STORE_READS,
           "SELECT id, verb, account, at_ms, body FROM supervise_word WHERE home = ? AND card = ? "
           "ORDER BY id LIMIT ?");
STORE_STMT(
    supervise_sum_first, STORE_WRITES,
    "INSERT INTO supervise_sum (home, month, kind, object, unit, yellow, red, open, withdrawn) "
    "VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0) ON CONFLICT (home, month, kind, object, unit) DO NOTHING");
STORE_STMT(supervise_sum_raise, STORE_WRITES,
           "UPDATE supervise_sum SET yellow = yellow + ?, red = red + ?, open = open + ?, "
           "withdrawn = withdrawn + ? "
           "WHERE home = ? AND month = ? AND kind = ? AND object = ? AND unit = ?");
STORE_STMT(supervise_sum_list, STORE_READS,
           "SELECT object, unit, yellow, red, open, withdrawn FROM supervise_sum WHERE home = ? "
           "AND month = ? AND kind = ? "
           "ORDER BY object, unit LIMIT ?");
STORE_STMT(supervise_look_of, STORE_READS,
           "SELECT at_ms FROM supervise_look WHERE home = ? AND case_id = ?");
STORE_STMT(supervise_look_add, STORE_WRITES,
           "INSERT INTO supervise_look (home, case_id, at_ms) VALUES (?, ?, ?) "
           "ON CONFLICT (home, case_id) DO UPDATE SET at_ms = excluded.at_ms");
STORE_STMT(supervise_look_drop, STORE_WRITES,
           "DELETE FROM supervise_look WHERE home = ? AND case_id = ?");
STORE_STMT(supervise_look_list, STORE_READS,
           "SELECT case_id FROM supervise_look WHERE home = ? AND at_ms <= ? ORDER BY at_ms, "
           "case_id LIMIT ?");

enum { OF_CASE_MAX = 1000, WORDS_MAX = 100, SUMS_MAX = 500, WORD_BYTES_MAX = 8192 };

/* ---- cards ---- */

static struct str card_mac(struct arena *a, const struct realm *r, const struct supervise_card *c,
                           uint8_t ret[ROW_MAC_BYTES]) {
    const int64_t numbers[] = { r->home.v,  c->id,    c->case_id,   c->task,       c->unit,
                                c->account, c->at_ms, c->issued_ms, c->changed_ms, c->version };
    struct buf b;
    buf_init(&b, a, 256, 256);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add_i64(&b, numbers[i]);
    }
    const struct str parts[] = { buf_str(&b), c->occasion, c->system, c->rule,
                                 c->color,    c->item,     c->state };
    return seal_row_mac(&r->keys, S("supervise_card"), 1, parts, sizeof parts / sizeof *parts, ret);
}

int supervise_row_insert(struct store_tx *tx, const struct realm *r, struct supervise_card *c,
                         bool *fresh, struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0;
    c->version = 1;
    struct str proof = card_mac(store_arena(tx), r, c, d);
    int rc = store_exec(tx, &supervise_card_add, &changed, e, SV_I(r->home.v), SV_I(c->id),
                        SV_T(c->occasion), SV_T(c->system), SV_T(c->rule), SV_T(c->color),
                        SV_I(c->case_id), SV_I(c->task), SV_I(c->unit), SV_I(c->account),
                        SV_T(c->item), SV_T(c->state), SV_I(c->at_ms), SV_I(c->issued_ms),
                        SV_I(c->changed_ms), SV_I(c->version), SV_B(proof));
    *fresh = changed == 1;
    return rc;
}

int supervise_row_update(struct store_tx *tx, const struct realm *r, struct supervise_card *c,
                         struct err *e) {
    uint8_t d[ROW_MAC_BYTES];
    int64_t changed = 0, before = c->version++;
    c->changed_ms = store_now_ms(tx);
    struct str proof = card_mac(store_arena(tx), r, c, d);
    int rc = store_exec(tx, &supervise_card_set, &changed, e, SV_T(c->state), SV_I(c->changed_ms),
                        SV_I(c->version), SV_B(proof), SV_I(r->home.v), SV_I(c->id), SV_I(before));
    return rc ? rc : changed == 1 ? 0 : err_set(e, ERR_CONFLICT, "监察牌");
}

int supervise_row_get(struct store_tx *tx, const struct realm *r, int64_t id,
                      struct supervise_card *ret, struct err *e) {
    struct store_rows *rows;
    uint8_t d[ROW_MAC_BYTES];
    int rc = store_query(tx, &supervise_card_by_id, &rows, e, SV_I(r->home.v), SV_I(id));
    if (rc) return rc;
    bool found = store_next(rows), genuine = false;
    if (found) {
        *ret = (struct supervise_card){ .id = store_i64(rows, 0),
                                        .occasion = store_text(rows, 1),
                                        .system = store_text(rows, 2),
                                        .rule = store_text(rows, 3),
                                        .color = store_text(rows, 4),
                                        .case_id = store_i64(rows, 5),
                                        .task = store_i64(rows, 6),
                                        .unit = store_i64(rows, 7),
                                        .account = store_i64(rows, 8),
                                        .item = store_text(rows, 9),
                                        .state = store_text(rows, 10),
                                        .at_ms = store_i64(rows, 11),
                                        .issued_ms = store_i64(rows, 12),
                                        .changed_ms = store_i64(rows, 13),
                                        .version = store_i64(rows, 14) };
        genuine = str_eq_secret(store_bytes(rows, 15), card_mac(store_arena(tx), r, ret, d));
    }
    rc = store_end(rows, e);
    if (!rc && !found) rc = err_set(e, ERR_NOT_FOUND, NULL);
    return rc || genuine ? rc : err_set(e, ERR_DAMAGED, NULL);
}

int supervise_rows_known(struct store_tx *tx, const struct realm *r, int64_t case_id,
                         struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &supervise_card_of_case, &rows, e, SV_I(r->home.v), SV_I(case_id),
                         SV_I(OF_CASE_MAX));
    if (rc) return rc;
    while (store_next(rows)) val_push(a, *ret, val_str(a, store_text(rows, 0)));
    return store_end(rows, e);
}

int supervise_of_case(struct store_tx *tx, const struct realm *r, int64_t case_id, struct val **ret,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &supervise_card_of_case, &rows, e, SV_I(r->home.v), SV_I(case_id),
                         SV_I(OF_CASE_MAX));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("id"), store_i64(rows, 1));
        val_put_i64(a, v, S("version"), store_i64(rows, 2));
        val_put_str(a, v, S("rule"), store_text(rows, 3));
        val_put_str(a, v, S("state"), store_text(rows, 4));
        val_push(a, *ret, v);
    }
    return store_end(rows, e);
}

/* ---- words ---- */

static struct str word_place(struct arena *a, const struct realm *r, int64_t card, int64_t id,
                             struct str verb, int64_t account, int64_t at_ms) {
    return arena_fmt(a, "supervise_word/%lld/%lld/%lld/%.*s/%lld/%lld", (long long)r->home.v,
                     (long long)card, (long long)id, STR_ARG(verb), (long long)account,
                     (long long)at_ms);
}

int supervise_word_add(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                       struct str verb, int64_t account, struct str text, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    int64_t id = store_new_id(tx), at_ms = store_now_ms(tx);
    int rc = item_words_key(tx, r, c->case_id, &key, e);
    if (rc) return rc;
    struct str sealed =
        seal(a, &r->keys, &key, word_place(a, r, c->id, id, verb, account, at_ms), text);
    return store_exec(tx, &supervise_word_insert, NULL, e, SV_I(r->home.v), SV_I(c->id), SV_I(id),
                      SV_T(verb), SV_I(account), SV_I(at_ms), SV_B(sealed));
}

int supervise_words(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                    struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    struct data_key key;
    *ret = val_list(a);
    int rc = item_words_key(tx, r, c->case_id, &key, e);
    if (!rc)
        rc = store_query(tx, &supervise_word_list, &rows, e, SV_I(r->home.v), SV_I(c->id),
                         SV_I(WORDS_MAX));
    if (rc) return rc;
    while (!rc && store_next(rows)) {
        struct val *v = val_map(a);
        struct str verb = store_text(rows, 1), text = S("");
        int64_t account = store_i64(rows, 2), at_ms = store_i64(rows, 3);
        rc = seal_open(a, &r->keys, &key,
                       word_place(a, r, c->id, store_i64(rows, 0), verb, account, at_ms),
                       store_bytes(rows, 4), &text, e);
        val_put_str(a, v, S("verb"), verb);
        val_put_i64(a, v, S("account"), account);
        val_put_i64(a, v, S("at_ms"), at_ms);
        val_put_str(a, v, S("text"), text);
        val_push(a, *ret, v);
    }
    int end = store_end(rows, rc ? NULL : e);
    return rc ? rc : end;
}

/* ---- sums ---- */

static int raise(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                 enum supervise_told what, const char *kind, struct str object, struct err *e) {
    int64_t month = realm_month(r, c->issued_ms);
    bool issued = what == SUPERVISE_ISSUED, red = str_eq(c->color, S("red"));
    int rc = store_exec(tx, &supervise_sum_first, NULL, e, SV_I(r->home.v), SV_I(month),
                        SV_T(str_of(kind)), SV_T(object), SV_I(c->unit));
    return rc ? rc
              : store_exec(tx, &supervise_sum_raise, NULL, e, SV_I(issued && !red),
                           SV_I(issued && red), SV_I(issued ? 1 : -1),
                           SV_I(what == SUPERVISE_WITHDRAWN), SV_I(r->home.v), SV_I(month),
                           SV_T(str_of(kind)), SV_T(object), SV_I(c->unit));
}

int supervise_sum_add(struct store_tx *tx, const struct realm *r, const struct supervise_card *c,
                      enum supervise_told what, struct err *e) {
    struct arena *a = store_arena(tx);
    int rc = raise(tx, r, c, what, "unit", arena_i64(a, c->unit), e);
    if (!rc && c->account) rc = raise(tx, r, c, what, "person", arena_i64(a, c->account), e);
    return rc ? rc : raise(tx, r, c, what, "item", c->item, e);
}

int supervise_sums(struct store_tx *tx, const struct realm *r, int64_t month, struct str kind,
                   struct val **ret, struct err *e) {
    static const char *const names[] = { "unit", "yellow", "red", "open", "withdrawn" };
    struct arena *a = store_arena(tx);
    struct store_rows *rows;
    *ret = val_list(a);
    int rc = store_query(tx, &supervise_sum_list, &rows, e, SV_I(r->home.v), SV_I(month),
                         SV_T(kind), SV_I(SUMS_MAX + 1));
    if (rc) return rc;
    while (store_next(rows)) {
        struct val *v = val_map(a);
        val_put_str(a, v, S("object"), store_text(rows, 0));
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            val_put_i64(a, v, str_of(names[i]), store_i64(rows, (int)i + 1));
        val_push(a, *ret, v);
    }
    rc = store_end(rows, e);
    return rc || val_count(*ret) <= SUMS_MAX ? rc : err_set(e, ERR_LIMIT, "%d", SUMS_MAX);
}

/* ---- looks ---- */

int supervise_look_get(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t *ret_ms,
                       struct err *e) {
    struct store_val v[] = { SV_I(r->home.v), SV_I(case_id) };
    int rc = store_one_i64(tx, &supervise_look_of, v, 2, ret_ms, e);
    if (rc == ERR_NOT_FOUND) *ret_ms = 0;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int supervise_look_put(struct store_tx *tx, const struct realm *r, int64_t case_id, int64_t at_ms,
                       struct err *e) {
    return at_ms ? store_exec(tx, &supervise_look_add, NULL, e, SV_I(r->home.v), SV_I(case_id),
                              SV_I(at_ms))
                 : store_exec(tx, &supervise_look_drop, NULL, e, SV_I(r->home.v), SV_I(case_id));
}

int supervise_looks_due(struct store_tx *tx, const struct realm *r, int64_t *ids, size_t max,
                        size_t *n, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &supervise_look_list, &rows, e, SV_I(r->home.v),
                         SV_I(store_now_ms(tx)), SV_I(max));
    *n = 0;
    if (rc) return rc;
    while (store_next(rows))
        if (*n < max) ids[(*n)++] = store_i64(rows, 0);
    return store_end(rows, e);
}
