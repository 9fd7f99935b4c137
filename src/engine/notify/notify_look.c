/* notify_look: deliveries as their receiver and as an operator see them: where to (masked), how far
 * they came. See notify_out.h. Invariant: no text of a message and no whole address is in what an
 * operator gets.
 */
#include "engine/notify/notify_impl.h"
#include "engine/record/record.h"

enum { OF_MESSAGE_MAX = 8 };

#define COLUMNS NOTIFY_DELIVERY_COLUMNS
STORE_STMT(notify_delivery_of, STORE_READS,
           "SELECT " COLUMNS
           " FROM notify_delivery WHERE home = ? AND message = ? ORDER BY id LIMIT ?");
#define LISTED(name, which, sign, way)                                                             \
    STORE_STMT(name, STORE_READS,                                                                  \
               "SELECT " COLUMNS " FROM notify_delivery WHERE home = ?" which " AND id " sign      \
               " ? ORDER BY id " way " LIMIT ?")
#define COUNTED(name, which)                                                                       \
    STORE_STMT(name, STORE_READS,                                                                  \
               "SELECT id FROM notify_delivery WHERE home = ?" which " AND id > ? ORDER BY id LIMIT ?")
COUNTED(notify_delivery_count, "");
COUNTED(notify_delivery_count_state, " AND state = ?");
COUNTED(notify_delivery_count_channel, " AND channel = ?");
COUNTED(notify_delivery_count_both, " AND state = ? AND channel = ?");
LISTED(notify_delivery_page, "", "<", "DESC");
LISTED(notify_delivery_page_back, "", ">", "ASC");
LISTED(notify_delivery_page_state, " AND state = ?", "<", "DESC");
LISTED(notify_delivery_page_state_back, " AND state = ?", ">", "ASC");
LISTED(notify_delivery_page_channel, " AND channel = ?", "<", "DESC");
LISTED(notify_delivery_page_channel_back, " AND channel = ?", ">", "ASC");
LISTED(notify_delivery_page_both, " AND state = ? AND channel = ?", "<", "DESC");
LISTED(notify_delivery_page_both_back, " AND state = ? AND channel = ?", ">", "ASC");

/* ---- who looks ---- */

static int open_to(struct store_tx *tx, const struct realm *r, const struct notify_delivery *d,
                   struct str *ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct data_key key;
    struct val *v;
    int rc = record_key(tx, r, d->account, false, &key, e);
    if (!rc)
        rc = seal_val_open(a, &r->keys, &key, notify_delivery_place(a, r, d->id), d->body, &v, e);
    if (!rc) *ret = val_get_str(v, S("to"));
    return rc;
}

static int view_of(struct store_tx *tx, const struct realm *r, const struct notify_delivery *d,
                   struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *v = *ret = val_map(a);
    enum notify_channel c;
    enum notify_state s;
    struct str to;
    int rc = notify_delivery_verify(a, r, d, e);
    if (!rc) rc = open_to(tx, r, d, &to, e);
    if (rc) return rc;
    enum notify_lane lane;
    if (!notify_channel_of(d->channel, &c) || !notify_state_of(d->state, &s) ||
        !notify_lane_of(d->lane, &lane))
        return err_set(e, ERR_DAMAGED, "notify_delivery");
    val_put_i64(a, v, S("id"), d->id);
    val_put_str(a, v, S("channel"), realm_text(r, lang, notify_channel_word(c)->title));
    val_put_str(a, v, S("lane"), realm_text(r, lang, notify_lane_word(lane)->title));
    val_put_str(a, v, S("state"), realm_text(r, lang, notify_state_word(s)->title));
    val_put_str(a, v, S("tone"), notify_state_word(s)->tone);
    val_put_str(a, v, S("to"), to);
    val_put_i64(a, v, S("made_ms"), d->made_ms);
    val_put_i64(a, v, S("handed_ms"), d->handed_ms);
    val_put_i64(a, v, S("ended_ms"), d->ended_ms);
    val_put_i64(a, v, S("at_ms"), d->handed_ms ? d->handed_ms : d->ended_ms);
    val_put_i64(a, v, S("attempts"), d->attempts);
    val_put_str(a, v, S("why"), d->why);
    val_put_bool(a, v, S("code"), d->message == 0);
    val_put_bool(a, v, S("dead"), d->message && s >= NOTIFY_FAILED);
    return 0;
}

static int views_of(struct store_tx *tx, const struct realm *r, struct store_rows *rows,
                    struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct notify_delivery *d = arena_array(a, SCOPE_PAGE_MAX, sizeof *d);
    size_t n = 0;
    *ret = val_list(a);
    while (store_next(rows))
        if (d && n < SCOPE_PAGE_MAX) d[n++] = notify_delivery_row(rows);
    int rc = store_end(rows, e);
    if (!rc && !d) rc = err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n && !rc; i++) {
        struct val *v;
        rc = view_of(tx, r, &d[i], lang, &v, e);
        if (!rc) val_push(a, *ret, v);
    }
    return rc;
}

int notify_deliveries_of(struct store_tx *tx, const struct realm *r, int64_t message,
                         struct str lang, struct val **ret, struct err *e) {
    struct store_rows *rows;
    int rc = store_query(tx, &notify_delivery_of, &rows, e, SV_I(r->home.v), SV_I(message),
                         SV_I(OF_MESSAGE_MAX));
    return rc ? rc : views_of(tx, r, rows, lang, ret, e);
}

int notify_deliveries(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      struct notify_delivery_query *q, struct str lang, struct val **ret,
                      struct err *e) {
    static const struct store_stmt *const count[2][2] = {
        { &notify_delivery_count, &notify_delivery_count_channel },
        { &notify_delivery_count_state, &notify_delivery_count_both },
    };
    static const struct store_stmt *const page[2][2][2] = {
        { { &notify_delivery_page, &notify_delivery_page_back },
          { &notify_delivery_page_channel, &notify_delivery_page_channel_back } },
        { { &notify_delivery_page_state, &notify_delivery_page_state_back },
          { &notify_delivery_page_both, &notify_delivery_page_both_back } },
    };
    struct scope_token scope;
    struct store_val v[6];
    struct store_rows *rows;
    size_t n = 0;
    int rc = access_may(r, who, S("message.deliveries"), &scope, e);
    if (rc) return rc;
    v[n++] = SV_I(r->home.v);
    if (q->state.len) v[n++] = SV_T(q->state);
    if (q->channel.len) v[n++] = SV_T(q->channel);
    v[n] = SV_I(0), v[n + 1] = SV_I(SCOPE_COUNT_MAX);
    q->total = SCOPE_UNCOUNTED;
    if (q->counted) rc = store_count(tx, count[q->state.len > 0][q->channel.len > 0], v, n + 2, &q->total, e);
    if (rc) return rc;
    v[n++] = SV_I(q->at || q->back ? q->at : INT64_MAX);
    v[n++] = SV_I(q->max < SCOPE_PAGE_MAX ? q->max : SCOPE_PAGE_MAX);
    rc = store_query_n(tx, page[q->state.len > 0][q->channel.len > 0][q->back], v, n, &rows, e);
    return rc ? rc : views_of(tx, r, rows, lang, ret, e);
}
