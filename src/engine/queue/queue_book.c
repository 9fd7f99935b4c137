/* queue_book: the moves of bookings; see queue_book.h. Invariants: 1. A person's act reaches his
 * own bookings alone; whoever hands out tickets in the hall those of today there. 2. The message of
 * the day before is put into the outbox with the act that makes it due, and says nothing where the
 * booking was changed meanwhile.
 */
#include "engine/queue/queue_book.h"

#include "engine/notify/notify.h"
#include "engine/queue/queue_rows.h"
#include "os/os.h"

enum { DRAWS_MAX = 20, REMIND_LEASE_MS = 60000 };
static const int64_t day_ms = INT64_C(86400000);
const struct str queue_remind_topic = S_INIT("queue.remind");

struct str queue_slot_text(const struct realm *r, struct arena *a, int64_t at_ms, int64_t until_ms) {
    struct civil_time from, to;
    tz_split(r->tz, at_ms, &from);
    tz_split(r->tz, until_ms, &to);
    return arena_fmt(a, "%02u:%02u—%02u:%02u", from.hour, from.minute, to.hour, to.minute);
}

/* ---- what is told ---- */

static int tell(struct act *act, const struct queue_hall *h, const struct queue_booking *b,
                const char *notice, struct err *e) {
    struct arena *a = store_arena(act->tx);
    const struct queue_line *l = queue_line_find(h, b->line);
    struct val *v = val_map(a);
    val_put_str(a, v, S("hall"), h->title);
    val_put_str(a, v, S("address"), h->address);
    val_put_str(a, v, S("line"), l ? l->title : b->line);
    val_put(a, v, S("day"), notify_day(a, b->at_ms));
    val_put_str(a, v, S("time"), queue_slot_text(act->realm, a, b->at_ms, b->until_ms));
    val_put_str(a, v, S("code"), b->code);
    return notify_send(act, h->system, str_of(notice), b->account, 0, v, e);
}

/* The day before, where that is still to come. */
static int tell_later(struct act *act, const struct queue_booking *b, struct err *e) {
    int64_t due = b->at_ms - day_ms;
    if (due <= store_now_ms(act->tx)) return 0;
    return act_emit_at(act, queue_remind_topic, b->id,
                       arena_i64(store_arena(act->tx), b->version), due, e);
}

static int close_booking(struct act *act, const struct queue_booking *b, struct str kind,
                         struct err *e) {
    struct arena *a = store_arena(act->tx);
    return act_close(act, S("booking"), b->id, 0,
                     ARENA_CAT(a, b->hall, S(" "), b->line, S(" "), kind, S(" "),
                               arena_i64(a, b->at_ms)),
                     e);
}

/* ---- judging ---- */

/* What a hall lets one person book: not too many, none of the same time, and none for a while after
 * not coming too often. The booking `but` is being moved. */
static int judge_person(struct act *act, const struct queue_hall *h, int64_t at_ms, int64_t but,
                        struct err *e) {
    struct arena *a = store_arena(act->tx);
    struct queue_booking *own = arena_array(a, QUEUE_OWN_MAX, sizeof *own);
    const struct queue_booked *rule = &h->booked;
    int64_t now = store_now_ms(act->tx), since = now - rule->missed_days * day_ms;
    int64_t open = 0, missed = 0, first = 0;
    size_t n = 0;
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    int rc = queue_bookings_since(act->tx, act->realm, act->who->account, since, own, QUEUE_OWN_MAX, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        bool here = str_eq(own[i].hall, h->id), over = own[i].at_ms + rule->late_ms < now;
        if (!str_eq(own[i].state, S("booked")) || own[i].id == but) continue;
        if (own[i].at_ms == at_ms) rc = err_set(e, ERR_STATE, "您在这个时间已有预约");
        if (here && over && missed++ == 0) first = own[i].at_ms;
        open += here && !over;
    }
    if (rc) return rc;
    if (missed >= rule->missed_times)
        return err_set(e, ERR_STATE, "您有 %lld 次预约没有来，%.*s 以后才能再预约；可以到大厅现场取号",
                       (long long)missed,
                       STR_ARG(realm_day(act->realm, a, act->who->lang,
                                         first + rule->missed_days * day_ms)));
    if (n == QUEUE_OWN_MAX || open >= rule->most)
        return err_set(e, ERR_STATE, "您在这个大厅已有 %lld 个预约，请先办完或者取消", (long long)open);
    return 0;
}

/* The slot that begins at this moment, of those that may be booked now. */
static int slot_at(struct act *act, const struct queue_hall *h, const struct queue_line *l,
                   int64_t at_ms, struct queue_booking *b, struct err *e) {
    struct queue_slot *slot;
    size_t n;
    int rc = queue_slots(act->tx, act->realm, h, l, &slot, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        if (slot[i].at_ms == at_ms) {
            b->at_ms = at_ms;
            b->until_ms = slot[i].until_ms;
            b->day = queue_day(act->realm, at_ms);
            return queue_place_free(act->tx, act->realm, h->id, l, at_ms, &b->place, e);
        }
    return rc ? rc : err_field(e, ERR_CODE, S("at"), NULL);
}

static bool deals_with(const struct queue_line *l, struct str item) {
    for (size_t i = 0; i < val_count(l->items); i++)
        if (str_eq(val_text(val_item(l->items, i)), item)) return true;
    return item.len == 0;
}

static int draw(struct act *act, const struct queue_hall *h, struct str *ret, struct err *e) {
    struct arena *a = store_arena(act->tx);
    for (int i = 0; i < DRAWS_MAX; i++) {
        struct queue_booking other;
        struct err none = { 0 };
        uint64_t v;
        os_random((uint8_t *)&v, sizeof v);
        *ret = arena_fmt(a, "%08llu", (unsigned long long)(v % 100000000));
        int rc = queue_booking_by_code(act->tx, act->realm, h->id, *ret, &other, &none);
        if (rc == ERR_NOT_FOUND) return 0;
        if (rc) return *e = none, rc;
    }
    return err_set(e, ERR_LIMIT, "code");
}

/* ---- one's own ---- */

/* Opens the act; whoever may, may for himself alone. */
static int begin_own(struct act *act, struct store_tx *tx, const struct realm *r,
                     const struct actor *who, const struct queue_hall *h, struct err *e) {
    int rc = act_open(act, tx, r, who, S("booking.make"), e);
    if (!rc) rc = access_may_of(r, who, S("booking.make"), h->system, &act->scope, e);
    act->scope.reached = &act->reached;
    act->release = h->system->release;
    act->subject = who->person;
    return rc;
}

/* His booking of `id` that stands and may still be changed, with its hall, in an open act. */
static int own_open(struct act *act, struct store_tx *tx, const struct realm *r,
                    const struct actor *who, int64_t id, struct queue_booking *b,
                    const struct queue_hall **h, struct err *e) {
    access_asked(tx, S("booking"), id, 0);
    access_tried(tx, S("booking.make"));
    int rc = queue_booking_get(tx, r, id, b, e);
    if (!rc && (who->account == 0 || b->account != who->account)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    *h = rc ? NULL : queue_hall_find(r, b->hall);
    if (!rc && !*h) rc = err_set(e, ERR_STATE, "这个大厅已经停用");
    if (!rc) rc = begin_own(act, tx, r, who, *h, e);
    if (rc) return rc;
    if (!str_eq(b->state, S("booked")))
        return err_set(e, ERR_STATE, "这个预约现在是：%.*s",
                       STR_ARG(queue_booking_state_text(r, S("zh"), b->state)));
    if (store_now_ms(tx) > b->at_ms - (*h)->booked.change_ms)
        return err_set(e, ERR_STATE, "离预约的时间太近，不能再改期或者取消；请给大厅打电话");
    return 0;
}

int queue_book(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct str item, int64_t at_ms,
               struct queue_booking *ret, struct err *e) {
    const struct queue_line *l = queue_line_find(h, line);
    struct act act;
    struct queue_booking b = { .account = who->account,
                               .hall = h->id,
                               .item = item,
                               .state = S("booked"),
                               .made_ms = store_now_ms(tx) };
    int rc = begin_own(&act, tx, r, who, h, e);
    if (rc) return rc;
    if (!l || !l->places) return err_field(e, ERR_CODE, S("line"), NULL);
    if (!deals_with(l, item)) return err_field(e, ERR_CODE, S("item"), NULL);
    b.id = store_new_id(tx);
    b.line = l->id;
    rc = slot_at(&act, h, l, at_ms, &b, e);
    if (!rc) rc = judge_person(&act, h, at_ms, 0, e);
    if (!rc) rc = draw(&act, h, &b.code, e);
    if (!rc) rc = queue_booking_insert(tx, r, &b, e);
    if (!rc) rc = tell(&act, h, &b, "booking-made", e);
    if (!rc) rc = tell_later(&act, &b, e);
    *ret = b;
    return rc ? rc : close_booking(&act, &b, S("made"), e);
}

int queue_book_move(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                    int64_t at_ms, struct err *e) {
    const struct queue_hall *h;
    struct act act;
    struct queue_booking b;
    int rc = own_open(&act, tx, r, who, id, &b, &h, e);
    const struct queue_line *l = rc ? NULL : queue_line_find(h, b.line);
    if (!rc && !l) rc = err_set(e, ERR_STATE, "这条队列已经不在了，请取消后另约");
    if (!rc && at_ms == b.at_ms) rc = err_set(e, ERR_STATE, "您在这个时间已有预约");
    if (!rc) rc = slot_at(&act, h, l, at_ms, &b, e);
    if (!rc) rc = judge_person(&act, h, at_ms, id, e);
    if (!rc) rc = queue_booking_update(tx, r, &b, e);
    if (!rc) rc = tell(&act, h, &b, "booking-moved", e);
    if (!rc) rc = tell_later(&act, &b, e);
    return rc ? rc : close_booking(&act, &b, S("moved"), e);
}

int queue_book_cancel(struct store_tx *tx, const struct realm *r, const struct actor *who,
                      int64_t id, struct err *e) {
    const struct queue_hall *h;
    struct act act;
    struct queue_booking b;
    int rc = own_open(&act, tx, r, who, id, &b, &h, e);
    if (rc) return rc;
    b.state = S("cancelled");
    b.place = -b.id;
    rc = queue_booking_update(tx, r, &b, e);
    if (!rc) rc = tell(&act, h, &b, "booking-cancelled", e);
    return rc ? rc : close_booking(&act, &b, S("cancelled"), e);
}

/* ---- the ticket ---- */

static int judge_arrival(struct act *act, const struct queue_hall *h, const struct queue_booking *b,
                         struct err *e) {
    const struct realm *r = act->realm;
    int64_t now = store_now_ms(act->tx), from = b->at_ms - h->booked.early_ms;
    struct civil_time t;
    tz_split(r->tz, from, &t);
    if (str_eq(b->state, S("arrived"))) return err_set(e, ERR_STATE, "这个预约已经取过号");
    if (str_eq(b->state, S("cancelled"))) return err_set(e, ERR_STATE, "这个预约已经取消，请现场取号");
    if (now < from)
        return err_set(e, ERR_STATE, "还没有到预约的时间，请在 %02u:%02u 以后取号", t.hour, t.minute);
    return now <= b->at_ms + h->booked.late_ms ? 0
                                               : err_set(e, ERR_STATE, "已经过了预约的时间，请现场取号");
}

int queue_check_in(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   const struct queue_hall *h, struct str code, int64_t id,
                   struct queue_ticket *ret, struct err *e) {
    struct err none = { 0 };
    struct act act;
    struct queue_booking b = { 0 };
    int rc = queue_begin_act(&act, tx, r, who, h, S("ticket.take"), e);
    if (rc) return rc;
    if (!id && !code.len) return err_field(e, ERR_REQUIRED, S("code"), "预约码");
    int found = id ? queue_booking_get(tx, r, id, &b, &none)
                   : queue_booking_by_code(tx, r, h->id, code, &b, &none);
    if (found && found != ERR_NOT_FOUND) return *e = none, found;
    const struct queue_line *l = queue_line_find(h, b.line);
    if (found || !l || !str_eq(b.hall, h->id) || b.day != queue_day(r, store_now_ms(tx)))
        return err_field(e, ERR_INPUT, S("code"), "今天在这个大厅没有这个预约，请核对预约码和日期");
    rc = judge_arrival(&act, h, &b, e);
    int64_t ahead = 0;
    for (size_t i = 0; i < h->n_classes; i++)
        if (str_eq(h->class[i].id, h->booked.class)) ahead = h->class[i].ahead_ms;
    if (!rc) rc = queue_draw(&act, h, l, h->booked.class, b.at_ms - ahead, true, ret, e);
    if (rc) return rc;
    b.state = S("arrived");
    b.ticket = ret->id;
    return queue_booking_update(tx, r, &b, e);
}

/* ---- the day before ---- */

int queue_remind(struct store_tx *tx, const struct realm *r, const struct actor *worker,
                 struct act_message *m, bool *ret_sent, struct err *e) {
    struct err none = { 0 };
    struct queue_booking b;
    struct act act;
    int64_t version = 0;
    *ret_sent = false;
    int rc = act_message_claim(tx, r->home, m, REMIND_LEASE_MS, e);
    if (!rc) rc = queue_booking_get(tx, r, m->object, &b, &none);
    if (rc && none.code) *e = none;
    if (rc) return rc;
    const struct queue_hall *h = queue_hall_find(r, b.hall);
    bool stands = h && str_to_i64(m->payload, &version) && version == b.version;
    if (stands && str_eq(b.state, S("booked")) && b.at_ms > store_now_ms(tx)) {
        rc = act_open(&act, tx, r, worker, S("booking.remind"), e);
        if (!rc) rc = tell(&act, h, &b, "booking-soon", e);
        if (!rc) rc = close_booking(&act, &b, S("remind"), e);
        *ret_sent = rc == 0;
    }
    return rc ? rc : act_message_done(tx, r->home, m->id, e);
}
