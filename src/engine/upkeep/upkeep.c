/* upkeep: see upkeep.h. Invariant: a row is written once and ended once; nothing else of it changes. */
#include "engine/upkeep/upkeep.h"

STORE_STMT(upkeep_current, STORE_READS,
           "SELECT id, from_ms, until_ms, zh, en, staff FROM upkeep_notice WHERE home = ? AND ended_ms = 0 AND until_ms > ? "
           "ORDER BY until_ms, id LIMIT 1");
STORE_STMT(upkeep_add, STORE_WRITES,
           "INSERT INTO upkeep_notice (home, id, from_ms, until_ms, zh, en, made_ms, account, ended_ms, staff) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)");
STORE_STMT(upkeep_close, STORE_WRITES, "UPDATE upkeep_notice SET ended_ms = ? WHERE home = ? AND id = ? AND ended_ms = 0 AND until_ms > ?");

int upkeep_now(struct store_tx *tx, const struct realm *r, struct upkeep *ret, struct err *e) {
    struct store_rows *q;
    *ret = (struct upkeep){ 0 };
    int rc = store_query(tx, &upkeep_current, &q, e, SV_I(r->home.v), SV_I(store_now_ms(tx)));
    if (rc) return rc;
    if (store_next(q))
        *ret = (struct upkeep){ .id = store_i64(q, 0), .from_ms = store_i64(q, 1), .until_ms = store_i64(q, 2), .zh = store_text(q, 3),
                                .en = store_text(q, 4), .staff = store_i64(q, 5) != 0 };
    return store_end(q, e);
}

static int text_of(struct str text, const char *field, struct err *e) {
    if (str_trim(text).len == 0) return err_field(e, ERR_REQUIRED, str_of(field), "%s", "通知");
    if (str_utf8_count(text) > UPKEEP_CHARS_MAX) return err_field(e, ERR_TOO_LONG, str_of(field), "%d", UPKEEP_CHARS_MAX);
    return 0;
}

static int close_one(struct store_tx *tx, const struct realm *r, int64_t id, struct err *e) {
    int64_t changed = 0, now = store_now_ms(tx);
    int rc = store_exec(tx, &upkeep_close, &changed, e, SV_I(now), SV_I(r->home.v), SV_I(id), SV_I(now));
    return rc ? rc : changed ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int upkeep_put(struct store_tx *tx, const struct realm *r, const struct actor *who, const struct upkeep *u, struct err *e) {
    struct act act;
    struct upkeep before;
    int64_t now = store_now_ms(tx), id = store_new_id(tx);
    int rc = act_open(&act, tx, r, who, S("upkeep.put"), e);
    if (!rc) rc = text_of(u->zh, "zh", e);
    if (!rc) rc = text_of(u->en, "en", e);
    if (!rc && u->from_ms < now - 60000) rc = err_field(e, ERR_RANGE, S("from"), "%s", "现在或以后");
    if (!rc && (u->until_ms <= u->from_ms || u->until_ms - u->from_ms > UPKEEP_LONGEST_MS))
        rc = err_field(e, ERR_RANGE, S("until"), "%s", "开始以后的 24 小时内");
    if (!rc) rc = upkeep_now(tx, r, &before, e);
    if (!rc && before.id) rc = close_one(tx, r, before.id, e);
    if (!rc) rc = store_exec(tx, &upkeep_add, NULL, e, SV_I(r->home.v), SV_I(id), SV_I(u->from_ms), SV_I(u->until_ms), SV_T(u->zh),
                             SV_T(u->en), SV_I(now), SV_I(who->account), SV_I(u->staff));
    return rc ? rc : act_close(&act, S("upkeep"), id, 0, S("put"), e);
}

int upkeep_end(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id, struct err *e) {
    struct act act;
    int rc = act_open(&act, tx, r, who, S("upkeep.put"), e);
    if (!rc) rc = close_one(tx, r, id, e);
    return rc ? rc : act_close(&act, S("upkeep"), id, 0, S("end"), e);
}

/* Coming, going, and as whom: nothing of government changes by it, and who is to end the upkeep has to come in. */
static bool harmless(struct str power) {
    static const struct str words[] = { S_INIT("session.open"), S_INIT("session.close"), S_INIT("session.switch"), S_INIT("upkeep.put") };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(power, words[i])) return true;
    return !access_act_changes(power);
}

bool upkeep_passes(const struct realm *r, const struct actor *who, const struct upkeep *u) {
    struct scope_token token;
    struct err no = { 0 };
    return (u->staff && who->n_posts > 0) || access_may(r, who, S("upkeep.put"), &token, &no) == 0;
}

int upkeep_refuses(struct store_tx *tx, const struct realm *r, const struct actor *who, struct str power, int64_t *ret_s, struct err *e) {
    struct upkeep u;
    if (harmless(power)) return 0;
    int rc = upkeep_now(tx, r, &u, e);
    if (rc || u.id == 0 || u.from_ms > store_now_ms(tx)) return rc;
    if (upkeep_passes(r, who, &u)) return 0;
    *ret_s = (u.until_ms - store_now_ms(tx) + 999) / 1000;
    return err_set(e, ERR_UPKEEP, "%.*s", STR_ARG(realm_time(r, store_arena(tx), who->lang, u.until_ms)));
}
