/* queue_offer: what the second screen of a counter shows, turned to whoever stands before it; see queue.h. Invariant: it shows what the
 * clerk who sits there offered to the one who stands there: with the next ticket, or another clerk, it is gone.
 */
#include "engine/queue/queue_rows.h"

STORE_STMT(queue_offer_put, STORE_WRITES,
           "INSERT INTO queue_offer (home, hall, counter, what, account, ticket, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?) "
           "ON CONFLICT (home, hall, counter) DO UPDATE SET what = excluded.what, account = excluded.account, "
           "ticket = excluded.ticket, until_ms = excluded.until_ms");
STORE_STMT(queue_offer_over, STORE_WRITES,
           "UPDATE queue_offer SET until_ms = 0 WHERE home = ? AND hall = ? AND counter = ?");
STORE_STMT(queue_offer_get, STORE_READS,
           "SELECT what, account, ticket, until_ms FROM queue_offer WHERE home = ? AND hall = ? AND counter = ?");

int queue_offer(struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct queue_hall *h, struct str what, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct str hall;
    int rc = queue_begin_act(&act, tx, r, who, h, S("counter.offer"), e);
    if (!rc) rc = queue_seat_of(tx, r, who, queue_day(r, store_now_ms(tx)), &hall, &s, e);
    if (!rc && (s.version == 0 || !str_eq(hall, h->id) || !queue_counter_find(h, s.counter)))
        rc = err_set(e, ERR_STATE, "请先开窗口");
    if (!rc && (!what.len || what.len > QUEUE_OFFER_MAX)) rc = err_set(e, ERR_SYNTAX, "what");
    if (!rc)
        rc = store_exec(tx, &queue_offer_put, NULL, e, SV_I(r->home.v), SV_T(h->id),
                        SV_T(s.counter), SV_T(what), SV_I(who->account), SV_I(s.ticket),
                        SV_I(store_now_ms(tx) + QUEUE_OFFER_MS));
    struct str detail = ARENA_CAT(store_arena(tx), h->id, S(" "), s.counter);
    return rc ? rc : act_close(&act, S("hall"), access_attempt(tx)->object, 0, detail, e);
}

int queue_offer_end(struct store_tx *tx, const struct realm *r, const struct queue_hall *h, struct str counter,
                    struct err *e) {
    return store_exec(tx, &queue_offer_over, NULL, e, SV_I(r->home.v), SV_T(h->id), SV_T(counter));
}

int queue_offered(struct store_tx *tx, const struct realm *r, const struct actor *who,
                  const struct queue_hall *h, struct str counter, struct str *ret, struct err *e) {
    struct store_rows *rows;
    struct queue_seat s;
    int64_t account = 0, ticket = 0, until = 0;
    struct str what = S("");
    *ret = S("");
    int rc = queue_may(tx, r, who, h, S("counter.show"), e);
    if (!rc && !queue_counter_find(h, counter)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = queue_seat_get(tx, r, h, counter, &s, e);
    if (!rc)
        rc = store_query(tx, &queue_offer_get, &rows, e, SV_I(r->home.v), SV_T(h->id),
                         SV_T(counter));
    if (rc) return rc;
    if (store_next(rows)) {
        what = arena_str(store_arena(tx), store_text(rows, 0));
        account = store_i64(rows, 1), ticket = store_i64(rows, 2), until = store_i64(rows, 3);
    }
    rc = store_end(rows, e);
    bool same = s.day == queue_day(r, store_now_ms(tx)) && s.account == account &&
                (s.ticket == 0 || s.ticket == ticket);
    if (!rc && same && until > store_now_ms(tx)) *ret = what;
    return rc;
}
