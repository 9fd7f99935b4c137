/* queue_act: the moves of tickets and counters; see queue.h. Each is an act of the system that declares the hall, in its unit.
 * Invariants: 1. A counter's row and the ticket that stands there change together, each against the version that was read; on
 * PostgreSQL two that meet are put one behind the other by the store. 2. A refused move leaves nothing but its entry.
 */
#include "engine/queue/queue_rows.h"

#include "os/os.h"

/* ---- opening, judging: what an act on a hall is about is its unit ---- */

/* The hall's unit and those above it, within the reach of the token. */
static int reach(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                 const struct scope_token *t, int64_t *ret_unit, struct err *e) {
    enum { DEPTH_MAX = 16 };
    int64_t unit, path[DEPTH_MAX];
    size_t n;
    int rc = identity_unit_by_code_find(tx, r, h->unit, &unit, e);
    if (!rc) rc = identity_unit_path(tx, r, unit, path, DEPTH_MAX, &n, e);
    if (!rc) *ret_unit = unit;
    return rc ? rc : access_under(t, path, n, e);
}

int queue_may(struct store_tx *tx, const struct realm *r, const struct actor *who,
              const struct queue_hall *h, struct str act, struct err *e) {
    struct scope_token t;
    int rc = access_may_of(r, who, act, h->system, &t, e);
    int64_t unit;
    return rc ? rc : reach(tx, r, h, &t, &unit, e);
}

int queue_begin_act(struct act *act, struct store_tx *tx, const struct realm *r,
                    const struct actor *who, const struct queue_hall *h, struct str name,
                    struct err *e) {
    int rc = act_open(act, tx, r, who, name, e);
    if (!rc) rc = access_may_of(r, who, name, h->system, &act->scope, e);
    act->scope.reached = &act->reached;
    int64_t unit = 0;
    if (!rc) rc = reach(tx, r, h, &act->scope, &unit, e);
    if (!rc && str_eq(access_act_kind(name), S("hall"))) access_asked(tx, S("hall"), unit, 0);
    act->release = h->system->release;
    return rc;
}

/* One more of the ticket's history, its row, and the entry. */
static int close_ticket(struct act *act, const struct queue_hall *h, struct queue_ticket *t,
                        struct str kind, struct err *e) {
    struct arena *a = store_arena(act->tx);
    int rc = queue_event_add(act->tx, act->realm, act->who, t, kind, e);
    if (rc) return rc;
    struct str detail = ARENA_CAT(a, h->id, S(" "), queue_ticket_label(a, h, t), S(" "), kind);
    return act_close(act, S("ticket"), t->id, 0,
                     t->counter.len ? ARENA_CAT(a, detail, S(" "), t->counter) : detail, e);
}

static int64_t today(const struct act *act) {
    return queue_day(act->realm, store_now_ms(act->tx));
}

/* ---- taking ---- */

static struct str draw_code(struct arena *a) {
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t drawn[QUEUE_CODE_CHARS];
    char *s = arena_alloc(a, QUEUE_CODE_CHARS);
    os_random(drawn, sizeof drawn);
    for (size_t i = 0; s && i < sizeof drawn; i++) s[i] = letters[drawn[i] % 32];
    return s ? str_make(s, QUEUE_CODE_CHARS) : S("");
}

static const struct queue_class *class_of(const struct queue_hall *h, struct str id) {
    for (size_t i = 0; i < h->n_classes; i++)
        if (str_eq(h->class[i].id, id)) return &h->class[i];
    return NULL;
}

int queue_draw(struct act *act, const struct queue_hall *h, const struct queue_line *l,
               struct str class, int64_t place_ms, bool booked, struct queue_ticket *ret,
               struct err *e) {
    struct store_tx *tx = act->tx;
    int64_t waiting;
    int rc = queue_waiting_count(tx, act->realm, h, today(act), &waiting, e);
    if (!rc && !booked && waiting >= QUEUE_WAITING_MAX)
        rc = err_set(e, ERR_STATE, "等候的人太多，暂时不能取号");
    *ret = (struct queue_ticket){ .id = store_new_id(tx),
                                  .hall = h->id,
                                  .day = today(act),
                                  .drawn = l->id,
                                  .line = l->id,
                                  .class = class,
                                  .state = S("waiting"),
                                  .counter = S(""),
                                  .place_ms = place_ms,
                                  .taken_ms = store_now_ms(tx),
                                  .code = draw_code(store_arena(tx)) };
    if (!rc) rc = queue_number_next(tx, act->realm, h, ret->day, l, booked, &ret->number, e);
    if (!rc) rc = queue_ticket_insert(tx, act->realm, ret, e);
    return rc ? rc : close_ticket(act, h, ret, S("take"), e);
}

int queue_take(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct str class,
               struct queue_ticket *ret, struct err *e) {
    const struct queue_line *l = queue_line_find(h, line);
    const struct queue_class *c = class_of(h, class);
    struct act act;
    int64_t now = store_now_ms(tx);
    int rc = queue_begin_act(&act, tx, r, who, h, S("ticket.take"), e);
    if (rc) return rc;
    if (!l) return err_field(e, ERR_CODE, S("line"), NULL);
    if (class.len && (!c || str_eq(class, h->booked.class)))
        return err_field(e, ERR_CODE, S("class"), NULL);
    if (!queue_hours_open(r, &l->hours, now))
        return err_set(e, ERR_STATE, "现在不取号，取号时间：%.*s",
                       STR_ARG(queue_hours_text(r, &l->hours, who->lang, store_arena(tx))));
    return queue_draw(&act, h, l, class, now - (c ? c->ahead_ms : 0), false, ret, e);
}

/* ---- counters ---- */

static int close_counter(struct act *act, const struct queue_hall *h, struct queue_seat *s,
                         const char *kind, struct err *e) {
    int rc = queue_seat_put(act->tx, act->realm, h->id, s, e);
    return rc ? rc
              : act_close(act, S("hall"), access_attempt(act->tx)->object, 0,
                          ARENA_CAT(store_arena(act->tx), h->id, S(" "), str_of(kind), S(" "),
                                    s->counter),
                          e);
}

/* Back to where it stood, at no counter. */
static int wait_again(struct act *act, struct queue_ticket *t, struct err *e) {
    t->state = S("waiting");
    t->counter = S("");
    t->account = t->called_ms = t->first_ms = t->begun_ms = t->calls = 0;
    return queue_ticket_update(act->tx, act->realm, t, e);
}

/* Nobody sits there any more; the ticket that stood there waits again in its old place. The caller writes the seat. */
static int vacate(struct act *act, struct queue_seat *s, struct err *e) {
    struct queue_ticket t;
    int rc = s->ticket ? queue_ticket_get(act->tx, act->realm, s->ticket, &t, e) : 0;
    if (!rc && s->ticket) rc = wait_again(act, &t, e);
    if (!rc && s->ticket) rc = queue_event_add(act->tx, act->realm, act->who, &t, S("clear"), e);
    s->account = s->ticket = 0;
    return rc;
}

/* The counter at which the actor sits, if any (version 0: none). One that is declared no more, since the hall was changed while he sat
 * there, is nobody's from now on: he could neither work there nor close it. */
static int seated(struct act *act, struct str *hall, struct queue_seat *s, struct err *e) {
    int rc = queue_seat_of(act->tx, act->realm, act->who, today(act), hall, s, e);
    const struct queue_hall *h = rc || !s->version ? NULL : queue_hall_find(act->realm, *hall);
    if (rc || !s->version || (h && queue_counter_find(h, s->counter))) return rc;
    rc = vacate(act, s, e);
    if (!rc) rc = queue_seat_put(act->tx, act->realm, *hall, s, e);
    *s = (struct queue_seat){ 0 };
    return rc;
}

int queue_counter_open(struct store_tx *tx, const struct realm *r, const struct actor *who,
                       const struct queue_hall *h, struct str counter, struct err *e) {
    struct act act;
    struct queue_seat s, mine;
    struct str hall;
    int rc = queue_begin_act(&act, tx, r, who, h, S("counter.open"), e);
    if (!rc && !queue_counter_find(h, counter)) rc = err_field(e, ERR_CODE, S("counter"), NULL);
    if (!rc) rc = queue_seat_get(tx, r, h, counter, &s, e);
    if (!rc) rc = seated(&act, &hall, &mine, e);
    if (rc) return rc;
    bool same = mine.version && str_eq(hall, h->id) && str_eq(mine.counter, counter);
    if (mine.version && !same) return err_set(e, ERR_STATE, "您已经在另一个窗口，请先关闭那个窗口");
    if (s.day == today(&act) && s.account && s.account != who->account)
        return err_set(e, ERR_STATE, "这个窗口已有人在办");
    if (!same) s.ticket = 0, s.since_ms = store_now_ms(tx);
    s.day = today(&act);
    s.account = who->account;
    return close_counter(&act, h, &s, "open", e);
}

/* The counter at which the actor sits in this hall, and the ticket before him, if any (id 0: none). */
static int own(struct act *act, const struct queue_hall *h, struct queue_seat *s,
               struct queue_ticket *t, struct err *e) {
    struct str hall;
    *t = (struct queue_ticket){ 0 };
    int rc = queue_seat_of(act->tx, act->realm, act->who, today(act), &hall, s, e);
    if (!rc && (s->version == 0 || !str_eq(hall, h->id) || !queue_counter_find(h, s->counter)))
        rc = err_set(e, ERR_STATE, "请先开窗口");
    return rc || s->ticket == 0 ? rc : queue_ticket_get(act->tx, act->realm, s->ticket, t, e);
}

int queue_counter_close(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        const struct queue_hall *h, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = queue_begin_act(&act, tx, r, who, h, S("counter.open"), e);
    if (!rc) rc = own(&act, h, &s, &t, e);
    if (!rc && t.id) rc = err_set(e, ERR_STATE, "窗口前还有人，请先办完或过号");
    if (rc) return rc;
    s.account = 0;
    return close_counter(&act, h, &s, "close", e);
}

int queue_counter_clear(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        const struct queue_hall *h, struct str counter, struct err *e) {
    struct act act;
    struct queue_seat s;
    int rc = queue_begin_act(&act, tx, r, who, h, S("hall.manage"), e);
    if (!rc && !queue_counter_find(h, counter)) rc = err_field(e, ERR_CODE, S("counter"), NULL);
    if (!rc) rc = queue_seat_get(tx, r, h, counter, &s, e);
    if (!rc && (s.day != today(&act) || s.account == 0))
        rc = err_set(e, ERR_STATE, "这个窗口没有开");
    if (!rc) rc = vacate(&act, &s, e);
    return rc ? rc : close_counter(&act, h, &s, "clear", e);
}

int queue_line_stop(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_hall *h, struct str line, bool stop, struct err *e) {
    struct act act;
    int rc = queue_begin_act(&act, tx, r, who, h, S("hall.manage"), e);
    if (!rc && !queue_line_find(h, line)) rc = err_field(e, ERR_CODE, S("line"), NULL);
    if (!rc) rc = queue_stop_put(tx, r, h, today(&act), line, stop, e);
    struct str detail = ARENA_CAT(store_arena(tx), h->id, stop ? S(" stop ") : S(" resume "), line);
    return rc ? rc : act_close(&act, S("hall"), access_attempt(tx)->object, 0, detail, e);
}

/* ---- calling ---- */

int queue_call(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct queue_ticket *ret, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = queue_begin_act(&act, tx, r, who, h, S("ticket.call"), e);
    if (!rc) rc = own(&act, h, &s, &t, e);
    if (!rc && t.id) rc = err_set(e, ERR_STATE, "窗口前还有人，请先办完或过号");
    if (rc) return rc;
    uint32_t lines = queue_counter_find(h, s.counter)->lines;
    rc = queue_ticket_lost(tx, r, h, today(&act), &t, e); /* whose line is no more is called by every counter */
    for (size_t i = 0; !rc && i < h->n_lines; i++) {
        struct queue_ticket x;
        if (!(lines & (UINT32_C(1) << i))) continue;
        rc = queue_ticket_first(tx, r, h, today(&act), h->line[i].id, &x, e);
        if (rc || x.id == 0) continue;
        if (t.id == 0 || x.place_ms < t.place_ms || (x.place_ms == t.place_ms && x.id < t.id))
            t = x;
    }
    if (!rc && t.id == 0) rc = err_set(e, ERR_STATE, "现在没有人等候");
    if (rc) return rc;
    t.state = S("called");
    t.counter = s.counter;
    t.account = who->account;
    t.called_ms = t.first_ms = store_now_ms(tx);
    t.calls = 1;
    s.ticket = t.id;
    rc = queue_ticket_update(tx, r, &t, e);
    if (!rc) rc = queue_seat_put(tx, r, h->id, &s, e);
    if (!rc) rc = queue_offer_end(tx, r, h, s.counter, e);
    *ret = t;
    return rc ? rc : close_ticket(&act, h, &t, S("call"), e);
}

/* An act on the ticket before the actor, which is in one of two states (the second may be empty). */
static int begin_own(struct act *act, struct store_tx *tx, const struct realm *r,
                     const struct actor *who, const struct queue_hall *h, struct str name,
                     struct str state, struct str other, struct queue_seat *s,
                     struct queue_ticket *t, struct err *e) {
    int rc = queue_begin_act(act, tx, r, who, h, name, e);
    if (!rc) rc = own(act, h, s, t, e);
    if (rc) return rc;
    if (t->id == 0) return err_set(e, ERR_STATE, "窗口前没有人，请先叫号");
    access_asked(tx, S("ticket"), t->id, 0);
    if (str_eq(t->state, state) || (other.len && str_eq(t->state, other))) return 0;
    return err_set(e, ERR_STATE, "这个号现在是：%.*s",
                   STR_ARG(queue_state_text(r, S("zh"), t->state)));
}

int queue_again(struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct queue_hall *h, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = begin_own(&act, tx, r, who, h, S("ticket.call"), S("called"), S(""), &s, &t, e);
    if (rc) return rc;
    t.calls++;
    t.called_ms = store_now_ms(tx);
    rc = queue_ticket_update(tx, r, &t, e);
    return rc ? rc : close_ticket(&act, h, &t, S("again"), e);
}

int queue_missed(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct queue_hall *h, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = begin_own(&act, tx, r, who, h, S("ticket.call"), S("called"), S(""), &s, &t, e);
    if (!rc && t.calls < h->missed_calls)
        rc = err_set(e, ERR_STATE, "叫满 %lld 次才能过号", (long long)h->missed_calls);
    if (rc) return rc;
    t.state = S("missed");
    t.missed++;
    s.ticket = 0;
    rc = queue_ticket_update(tx, r, &t, e);
    if (!rc) rc = queue_seat_put(tx, r, h->id, &s, e);
    return rc ? rc : close_ticket(&act, h, &t, S("missed"), e);
}

/* ---- serving ---- */

int queue_begin(struct store_tx *tx, const struct realm *r, const struct actor *who,
                const struct queue_hall *h, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = begin_own(&act, tx, r, who, h, S("ticket.serve"), S("called"), S(""), &s, &t, e);
    if (rc) return rc;
    t.state = S("serving");
    t.begun_ms = store_now_ms(tx);
    rc = queue_ticket_update(tx, r, &t, e);
    return rc ? rc : close_ticket(&act, h, &t, S("begin"), e);
}

int queue_finish(struct store_tx *tx, const struct realm *r, const struct actor *who,
                 const struct queue_hall *h, struct err *e) {
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = begin_own(&act, tx, r, who, h, S("ticket.serve"), S("serving"), S(""), &s, &t, e);
    if (rc) return rc;
    t.state = S("finished");
    t.ended_ms = store_now_ms(tx);
    s.ticket = 0;
    rc = queue_ticket_update(tx, r, &t, e);
    if (!rc) rc = queue_seat_put(tx, r, h->id, &s, e);
    if (!rc) rc = queue_sum_add(tx, r, h, t.day, t.line, t.ended_ms - t.begun_ms, e);
    return rc ? rc : close_ticket(&act, h, &t, S("finish"), e);
}

/* ---- moving ---- */

int queue_back(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, int64_t ticket, struct err *e) {
    struct act act;
    struct queue_ticket t;
    int64_t place;
    access_asked(tx, S("ticket"), ticket, 0);
    int rc = queue_begin_act(&act, tx, r, who, h, S("ticket.move"), e);
    if (!rc) rc = queue_ticket_get(tx, r, ticket, &t, e);
    if (!rc && !str_eq(t.hall, h->id)) rc = err_set(e, ERR_NOT_FOUND, NULL);
    if (!rc && t.day != today(&act)) rc = err_set(e, ERR_STATE, "号当天有效，请重新取号");
    if (!rc && !str_eq(t.state, S("missed"))) rc = err_set(e, ERR_STATE, "只有过号的可以重新排队");
    if (!rc && t.missed > h->missed_times)
        rc = err_set(e, ERR_STATE, "已经过号 %lld 次，请重新取号", (long long)t.missed);
    if (!rc)
        rc = h->missed_behind ? queue_place_of(tx, r, h, t.day, t.line, h->missed_behind, &place, e)
                              : (place = 0, 0);
    if (rc) return rc;
    if (place >= t.place_ms) t.place_ms = place + 1;
    rc = wait_again(&act, &t, e);
    return rc ? rc : close_ticket(&act, h, &t, S("back"), e);
}

int queue_hand(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall *h, struct str line, struct err *e) {
    const struct queue_line *l = queue_line_find(h, line);
    struct act act;
    struct queue_seat s;
    struct queue_ticket t;
    int rc = begin_own(&act, tx, r, who, h, S("ticket.move"), S("called"), S("serving"), &s, &t, e);
    if (!rc && !l) rc = err_field(e, ERR_CODE, S("line"), NULL);
    if (!rc && str_eq(t.line, line)) rc = err_set(e, ERR_STATE, "这个号已经在这条队列");
    if (rc) return rc;
    t.line = l->id;
    s.ticket = 0;
    rc = wait_again(&act, &t, e);
    if (!rc) rc = queue_seat_put(tx, r, h->id, &s, e);
    return rc ? rc : close_ticket(&act, h, &t, S("hand"), e);
}
