/* queue_book_view: what pages show of bookings; see queue_book.h. Invariant: a booking is shown
 * whole to whose it is; to the hall's people with the name masked, and without its code.
 */
#include "engine/code/code_check.h"
#include "engine/queue/queue_rows.h"

static struct str said(const struct queue_hall *h, struct str lang, struct str text) {
    return h ? system_text(h->system, lang, text) : text;
}

/* Told, not written: who did not come while he could. */
static struct str state_of(const struct queue_hall *h, const struct queue_booking *b,
                           int64_t now_ms) {
    int64_t late = h ? h->booked.late_ms : 0;
    return str_eq(b->state, S("booked")) && b->at_ms + late < now_ms ? S("missed") : b->state;
}

static struct val *view_of(const struct realm *r, const struct queue_hall *h,
                           const struct queue_booking *b, int64_t now_ms, struct str lang,
                           struct arena *a) {
    const struct queue_line *l = h ? queue_line_find(h, b->line) : NULL;
    struct str state = state_of(h, b, now_ms);
    struct val *v = val_map(a);
    val_put_i64(a, v, S("id"), b->id);
    val_put_str(a, v, S("hall"), b->hall);
    val_put_str(a, v, S("hall_title"), h ? said(h, lang, h->title) : b->hall);
    val_put_str(a, v, S("line"), b->line);
    val_put_str(a, v, S("line_title"), l ? said(h, lang, l->title) : b->line);
    val_put_str(a, v, S("item"), b->item);
    val_put_i64(a, v, S("at_ms"), b->at_ms);
    val_put_str(a, v, S("time"), queue_slot_text(r, a, b->at_ms, b->until_ms));
    val_put_str(a, v, S("state"), state);
    val_put_str(a, v, S("state_text"), queue_booking_state_text(r, lang, state));
    return v;
}

static int view_own(struct store_tx *tx, const struct realm *r, const struct queue_booking *b,
                    struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    const struct queue_hall *h = queue_hall_find(r, b->hall);
    int64_t now = store_now_ms(tx), change = b->at_ms - (h ? h->booked.change_ms : 0);
    struct val *v = *ret = view_of(r, h, b, now, lang, a);
    bool stands = h && str_eq(b->state, S("booked"));
    struct queue_ticket t;
    val_put_str(a, v, S("code"), b->code);
    val_put_str(a, v, S("address"), h ? said(h, lang, h->address) : S(""));
    val_put_str(a, v, S("phone"), h ? said(h, lang, h->phone) : S(""));
    val_put_bool(a, v, S("stands"), stands && b->at_ms + h->booked.late_ms >= now);
    val_put_bool(a, v, S("may_change"), stands && now <= change);
    val_put_i64(a, v, S("change_until_ms"), change);
    val_put_i64(a, v, S("early_ms"), b->at_ms - (h ? h->booked.early_ms : 0));
    val_put_i64(a, v, S("late_ms"), b->at_ms + (h ? h->booked.late_ms : 0));
    if (b->ticket == 0) return 0;
    int rc = queue_ticket_get(tx, r, b->ticket, &t, e);
    if (!rc) val_put_str(a, v, S("ticket_code"), t.code);
    return rc;
}

/* Does a system with halls give him this? The hall itself may be gone. */
static int may(const struct realm *r, const struct actor *who, struct str hall, struct err *e) {
    const struct queue_hall *h = queue_hall_find(r, hall);
    struct scope_token t;
    return h ? access_may_of(r, who, S("booking.read"), h->system, &t, e)
             : access_may(r, who, S("booking.read"), &t, e);
}

int queue_booking_view(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       int64_t id, struct str lang, struct val **ret, struct err *e) {
    struct queue_booking b;
    access_asked(tx, S("booking"), id, 0);
    int rc = queue_booking_get(tx, r, id, &b, e);
    if (!rc && (who->account == 0 || b.account != who->account)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc) rc = may(r, who, b.hall, e);
    return rc ? rc : view_own(tx, r, &b, lang, ret, e);
}

int queue_bookings_own(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_booking *own = arena_array(a, QUEUE_OWN_MAX, sizeof *own);
    size_t n = 0;
    struct scope_token t;
    *ret = val_list(a);
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    int rc = access_may(r, who, S("booking.read"), &t, e);
    if (!rc) rc = queue_bookings_newest(tx, r, who->account, own, QUEUE_OWN_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        struct val *v;
        rc = view_own(tx, r, &own[i], lang, &v, e);
        if (!rc) val_push(a, *ret, v);
    }
    return rc;
}

int queue_bookings_of(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      const struct queue_hall *h, int64_t day, struct str lang, struct val **ret,
                      struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_booking *all = arena_array(a, QUEUE_DAY_BOOKED_MAX + 1, sizeof *all);
    int64_t now = store_now_ms(tx);
    size_t n = 0;
    *ret = val_list(a);
    if (!all) return err_set(e, ERR_MEMORY, NULL);
    int rc = queue_may(tx, r, who, h, S("booking.list"), e);
    if (!rc) rc = queue_bookings_on(tx, r, h->id, day, all, QUEUE_DAY_BOOKED_MAX + 1, &n, e);
    if (!rc && n > QUEUE_DAY_BOOKED_MAX) rc = err_set(e, ERR_LIMIT, "%d", QUEUE_DAY_BOOKED_MAX);
    for (size_t i = 0; !rc && i < n; i++) {
        struct str name;
        if (str_eq(all[i].state, S("cancelled"))) continue;
        rc = identity_account_name(tx, r, all[i].account, &name, e);
        if (rc) break;
        struct val *v = view_of(r, h, &all[i], now, lang, a);
        bool booked = str_eq(all[i].state, S("booked"));
        val_put_str(a, v, S("name"), code_mask(a, S("person-name"), name));
        val_put_bool(a, v, S("may_check_in"),
                     booked && now >= all[i].at_ms - h->booked.early_ms &&
                         now <= all[i].at_ms + h->booked.late_ms);
        val_push(a, *ret, v);
    }
    return rc;
}
