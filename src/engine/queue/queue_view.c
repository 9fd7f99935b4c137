/* queue_view: what pages show of a hall, a ticket, a clerk's counter; see queue.h. Invariant: what everybody may see names tickets by their
 * numbers only; a ticket's code is told to who takes it and to nobody else.
 */
#include "engine/queue/queue_rows.h"

#include "data/po.h"

enum { CALLED_MAX = 8, DESK_MAX = 50, MINUTE_MS = 60000 };

static struct str said(const struct queue_hall *h, struct str lang, struct str text) {
    return system_text(h->system, lang, text);
}

static struct str filled(const struct realm *r, struct arena *a, struct str lang, struct str text,
                         const char *name, struct str value) {
    struct val *args = val_map(a);
    val_put_str(a, args, str_of(name), value);
    return po_fill(a, realm_text(r, lang, text), args);
}

static struct str counter_title(const struct queue_hall *h, struct str lang, struct str id) {
    const struct queue_counter *c = queue_counter_find(h, id);
    return c ? said(h, lang, c->title) : id;
}

static struct str line_title(const struct queue_hall *h, struct str lang, struct str id) {
    const struct queue_line *l = queue_line_find(h, id);
    return l ? said(h, lang, l->title) : id;
}

static struct str class_title(const struct queue_hall *h, struct str lang, struct str id) {
    for (size_t i = 0; i < h->n_classes; i++)
        if (str_eq(h->class[i].id, id)) return said(h, lang, h->class[i].title);
    return S("");
}

/* A day that is over ends what was not finished. */
static struct str state_of(const struct queue_ticket *t, int64_t day) {
    return t->day == day || str_eq(t->state, S("finished")) ? t->state : S("lapsed");
}

static void put_ticket(const struct realm *r, const struct queue_hall *h,
                       const struct queue_ticket *t, int64_t now_ms, struct str lang, struct val *v,
                       struct arena *a) {
    struct str state = state_of(t, queue_day(r, now_ms));
    val_put_i64(a, v, S("id"), t->id);
    val_put_str(a, v, S("label"), queue_ticket_label(a, h, t));
    val_put_str(a, v, S("line"), t->line);
    val_put_str(a, v, S("line_title"), line_title(h, lang, t->line));
    val_put_str(a, v, S("class_title"), class_title(h, lang, t->class));
    val_put_str(a, v, S("state"), state);
    val_put_str(a, v, S("state_text"), queue_state_text(r, lang, state));
    val_put_i64(a, v, S("taken_ms"), t->taken_ms);
    val_put_i64(a, v, S("waited_min"), (now_ms - t->taken_ms) / MINUTE_MS);
    val_put_i64(a, v, S("calls"), t->calls);
    if (t->counter.len) val_put_str(a, v, S("counter_title"), counter_title(h, lang, t->counter));
}

/* ---- the hall ---- */

static void put_lines(const struct realm *r, const struct queue_play *p,
                      const struct queue_sum *sum, struct str lang, struct val *view,
                      struct arena *a) {
    const struct queue_hall *h = p->hall;
    struct val *list = val_list(a);
    bool any = false;
    struct queue_place at[QUEUE_LINES_MAX];
    struct queue_wait wait[QUEUE_LINES_MAX];
    for (size_t i = 0; i < h->n_lines; i++) at[i] = (struct queue_place){ p->now_ms, INT64_MAX };
    (void)queue_waits(p, at, wait);
    for (size_t i = 0; i < h->n_lines; i++) {
        const struct queue_line *l = &h->line[i];
        struct val *v = val_map(a), *items = val_list(a);
        int64_t waiting = 0;
        bool open = queue_hours_open(r, &l->hours, p->now_ms) && !sum[i].stopped;
        for (size_t k = 0; k < p->n_waiting; k++) waiting += str_eq(p->waiting[k].line, l->id);
        struct queue_wait w = wait[i];
        any |= open;
        val_put_str(a, v, S("id"), l->id);
        val_put_str(a, v, S("title"), said(h, lang, l->title));
        val_put_str(a, v, S("note"), said(h, lang, l->note));
        val_put_str(a, v, S("prefix"), l->prefix);
        val_put_str(a, v, S("hours"), queue_hours_text(r, &l->hours, lang, a));
        val_put_bool(a, v, S("open"), open);
        val_put_bool(a, v, S("stopped"), sum[i].stopped);
        val_put_i64(a, v, S("waiting"), waiting);
        val_put_i64(a, v, S("counters"), w.counters);
        queue_wait_put(r, p, i, w, lang, v, a);
        for (size_t k = 0; k < val_count(l->items); k++)
            val_push(a, items, val_str(a, val_text(val_item(l->items, k))));
        val_put(a, v, S("items"), items);
        val_push(a, list, v);
    }
    val_put(a, view, S("lines"), list);
    val_put_bool(a, view, S("open"), any);
}

/* Those at counters, by counter; the last called ones, newest first. */
static int put_counters(struct store_tx *tx, const struct realm *r, const struct queue_play *p,
                        struct str lang, struct val *view, struct err *e) {
    static const struct str busy[] = { S_INIT("called"), S_INIT("serving") };
    const struct queue_hall *h = p->hall;
    struct arena *a = store_arena(tx);
    struct queue_ticket *t = arena_array(a, (size_t)QUEUE_COUNTERS_MAX * 2, sizeof *t);
    struct val *list = val_list(a), *called = val_list(a);
    size_t n = 0, more;
    int rc = t ? 0 : err_set(e, ERR_MEMORY, NULL);
    for (size_t s = 0; !rc && s < 2; s++, n += more)
        rc = queue_tickets_in(tx, r, h, queue_day(r, p->now_ms), busy[s], t + n, QUEUE_COUNTERS_MAX,
                              &more, e);
    for (size_t i = 0; !rc && i < h->n_counters; i++) {
        struct val *v = val_map(a);
        val_put_str(a, v, S("id"), h->counter[i].id);
        val_put_str(a, v, S("title"), said(h, lang, h->counter[i].title));
        val_put_bool(a, v, S("open"), p->seat[i].account != 0);
        for (size_t k = 0; k < n; k++)
            if (t[k].id == p->seat[i].ticket) put_ticket(r, h, &t[k], p->now_ms, lang, v, a);
        val_put_str(a, v, S("id"), h->counter[i].id);
        val_push(a, list, v);
    }
    for (size_t i = 0; !rc && i < n && i < CALLED_MAX; i++) {
        size_t newest = i;
        for (size_t k = i; k < n; k++)
            if (t[k].called_ms > t[newest].called_ms) newest = k;
        struct queue_ticket x = t[newest];
        t[newest] = t[i], t[i] = x;
        struct val *v = val_map(a), *args = val_map(a);
        put_ticket(r, h, &x, p->now_ms, lang, v, a);
        val_put_str(a, args, S("number"), val_get_str(v, S("label")));
        val_put_str(a, args, S("counter"), val_get_str(v, S("counter_title")));
        val_put_str(a, v, S("text"),
                    po_fill(a, realm_text(r, lang, S("请 {number} 号到{counter}")), args));
        val_put_i64(a, v, S("at_ms"), x.called_ms);
        val_push(a, called, v);
    }
    val_put(a, view, S("counters"), list);
    val_put(a, view, S("called"), called);
    return rc;
}

int queue_hall_view(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                    struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_play *p = arena_new(a, struct queue_play);
    struct queue_sum sum[QUEUE_LINES_MAX];
    struct val *v = *ret = val_map(a), *classes = val_list(a);
    if (!p) return err_set(e, ERR_MEMORY, NULL);
    int rc = queue_play_begin(tx, r, h, store_now_ms(tx), p, e);
    for (size_t i = 0; !rc && i < h->n_lines; i++)
        rc = queue_sum_get(tx, r, h, queue_day(r, p->now_ms), h->line[i].id, &sum[i], e);
    if (rc) return rc;
    val_put_str(a, v, S("id"), h->id);
    val_put_str(a, v, S("title"), said(h, lang, h->title));
    val_put_str(a, v, S("address"), said(h, lang, h->address));
    val_put_str(a, v, S("phone"), said(h, lang, h->phone));
    val_put_i64(a, v, S("waiting"), (int64_t)p->n_waiting);
    put_lines(r, p, sum, lang, v, a);
    for (size_t i = 0; i < h->n_classes; i++) {
        struct val *c = val_map(a);
        val_put_str(a, c, S("id"), h->class[i].id);
        val_put_str(a, c, S("title"), said(h, lang, h->class[i].title));
        val_push(a, classes, c);
    }
    val_put(a, v, S("classes"), classes);
    return put_counters(tx, r, p, lang, v, e);
}

/* ---- a ticket ---- */

static struct str happened(const struct realm *r, const struct queue_hall *h, const struct val *ev,
                           struct str lang, struct arena *a) {
    static const struct str words[][2] = {
        { S_INIT("take"), S_INIT("取号：{line}") },
        { S_INIT("call"), S_INIT("叫号：{counter}") },
        { S_INIT("again"), S_INIT("再次叫号：{counter}") },
        { S_INIT("missed"), S_INIT("过号：{counter}") },
        { S_INIT("back"), S_INIT("重新排队：{line}") },
        { S_INIT("begin"), S_INIT("开始办理：{counter}") },
        { S_INIT("finish"), S_INIT("办完：{counter}") },
        { S_INIT("hand"), S_INIT("转到：{line}") },
        { S_INIT("clear"), S_INIT("窗口关闭，重新等候：{line}") },
    };
    struct val *args = val_map(a);
    val_put_str(a, args, S("line"), line_title(h, lang, val_get_str(ev, S("line"))));
    val_put_str(a, args, S("counter"), counter_title(h, lang, val_get_str(ev, S("counter"))));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i][0], val_get_str(ev, S("kind"))))
            return po_fill(a, realm_text(r, lang, words[i][1]), args);
    return val_get_str(ev, S("kind"));
}

static int put_events(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                      int64_t ticket, struct str lang, struct val *view, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *events, *list = val_list(a);
    int rc = queue_events(tx, r, ticket, &events, e);
    for (size_t i = 0; !rc && i < val_count(events); i++) {
        struct val *v = val_map(a);
        val_put_i64(a, v, S("at_ms"), val_get_i64(val_item(events, i), S("at_ms"), 0));
        val_put_str(a, v, S("text"), happened(r, h, val_item(events, i), lang, a));
        val_push(a, list, v);
    }
    val_put(a, view, S("events"), list);
    return rc;
}

int queue_ticket_view(struct store_tx *tx, const struct realm *r, struct str code, struct str lang,
                      struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_play *p = arena_new(a, struct queue_play);
    struct queue_ticket t;
    struct val *v = *ret = val_map(a);
    if (!p) return err_set(e, ERR_MEMORY, NULL);
    int rc = code.len == QUEUE_CODE_CHARS ? queue_ticket_by_code(tx, r, code, &t, e)
                                          : err_set(e, ERR_NOT_FOUND, NULL);
    const struct queue_hall *h = rc ? NULL : queue_hall_find(r, t.hall);
    if (!rc && !h) rc = err_set(e, ERR_NOT_FOUND, NULL); /* the hall is no longer declared */
    if (!rc) rc = queue_play_begin(tx, r, h, store_now_ms(tx), p, e);
    if (rc) return rc;
    put_ticket(r, h, &t, p->now_ms, lang, v, a);
    val_put_str(a, v, S("hall"), h->id);
    val_put_str(a, v, S("hall_title"), said(h, lang, h->title));
    val_put_str(a, v, S("address"), said(h, lang, h->address));
    bool waits = str_eq(val_get_str(v, S("state")), S("waiting"));
    bool over = str_eq(val_get_str(v, S("state")), S("finished")) ||
                str_eq(val_get_str(v, S("state")), S("lapsed"));
    val_put_bool(a, v, S("waits"), waits);
    val_put_bool(a, v, S("ended"), over);
    val_put_bool(a, v, S("was_called"), str_eq(val_get_str(v, S("state")), S("called")));
    val_put_bool(a, v, S("was_missed"), str_eq(val_get_str(v, S("state")), S("missed")));
    const struct queue_line *l = queue_line_find(h, t.line);
    if (waits && l) {
        struct queue_place at[QUEUE_LINES_MAX];
        struct queue_wait wait[QUEUE_LINES_MAX];
        for (size_t i = 0; i < h->n_lines; i++) at[i] = (struct queue_place){ t.place_ms, t.id };
        (void)queue_waits(p, at, wait);
        queue_wait_put(r, p, (size_t)(l - h->line), wait[l - h->line], lang, v, a);
    }
    return put_events(tx, r, h, t.id, lang, v, e);
}

/* ---- a clerk's counter ---- */

int queue_seat(struct store_tx *tx, const struct realm *r, const struct actor *who,
               const struct queue_hall **ret_hall, const struct queue_counter **ret,
               int64_t *ret_ticket, struct err *e) {
    struct queue_seat s;
    struct str hall;
    *ret_hall = NULL;
    *ret = NULL;
    *ret_ticket = 0;
    int rc = queue_seat_of(tx, r, who, queue_day(r, store_now_ms(tx)), &hall, &s, e);
    if (rc || s.version == 0) return rc;
    const struct queue_hall *h = queue_hall_find(r, hall);
    const struct queue_counter *c = h ? queue_counter_find(h, s.counter) : NULL;
    if (!c) return 0;
    *ret_hall = h;
    *ret = c;
    *ret_ticket = s.ticket;
    return 0;
}

/* By place, whatever line; those of the counter's own lines first where `lines` is given. */
static int by_place(const struct queue_ticket *x, const struct queue_ticket *y) {
    return x->place_ms != y->place_ms ? (x->place_ms < y->place_ms ? -1 : 1)
           : x->id < y->id            ? -1
                                      : x->id > y->id;
}

static struct val *list_of(const struct realm *r, const struct queue_hall *h,
                           struct queue_ticket *t, size_t n, uint32_t lines, int64_t now_ms,
                           struct str lang, struct arena *a) {
    struct val *list = val_list(a);
    for (size_t i = 0; i < n && val_count(list) < DESK_MAX; i++) {
        size_t first = i;
        for (size_t k = i; k < n; k++)
            if (by_place(&t[k], &t[first]) < 0) first = k;
        struct queue_ticket x = t[first];
        t[first] = t[i], t[i] = x;
        const struct queue_line *l = queue_line_find(h, x.line);
        struct val *v = val_map(a);
        put_ticket(r, h, &x, now_ms, lang, v, a);
        val_put_bool(a, v, S("mine"), lines && (!l || lines & (UINT32_C(1) << (l - h->line))));
        val_put_bool(a, v, S("may_back"), x.missed <= h->missed_times);
        val_push(a, list, v);
    }
    return list;
}

static int put_seats(struct store_tx *tx, const struct realm *r, const struct actor *who,
                     const struct queue_hall *h, const struct queue_seat *seat, struct str lang,
                     struct val *view, struct err *e) {
    struct arena *a = store_arena(tx);
    struct val *list = val_list(a);
    int rc = 0;
    for (size_t i = 0; !rc && i < h->n_counters; i++) {
        struct val *v = val_map(a);
        struct str lines = S(""), name = S("");
        for (size_t k = 0; k < h->n_lines; k++)
            if (h->counter[i].lines & (UINT32_C(1) << k))
                lines = ARENA_CAT(a, lines, lines.len ? realm_text(r, lang, S("、")) : S(""),
                                  said(h, lang, h->line[k].title));
        if (seat[i].account) rc = identity_account_name(tx, r, seat[i].account, &name, e);
        val_put_str(a, v, S("id"), h->counter[i].id);
        val_put_str(a, v, S("title"), said(h, lang, h->counter[i].title));
        val_put_str(a, v, S("lines"), lines);
        val_put_bool(a, v, S("free"), seat[i].account == 0);
        val_put_bool(a, v, S("own"), seat[i].account && seat[i].account == who->account);
        val_put_str(a, v, S("by"), name);
        val_push(a, list, v);
    }
    val_put(a, view, S("counters"), list);
    return rc;
}

/* The ticket before the clerk, and the other lines to which it may be handed. */
static int put_own(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                   const struct queue_seat *s, struct str lang, struct val *view, struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_ticket t;
    struct val *v = val_map(a), *lines = val_list(a);
    val_put_str(a, view, S("counter"), counter_title(h, lang, s->counter));
    if (s->ticket == 0) return 0;
    int rc = queue_ticket_get(tx, r, s->ticket, &t, e);
    if (rc) return rc;
    put_ticket(r, h, &t, store_now_ms(tx), lang, v, a);
    val_put_bool(a, v, S("was_called"), str_eq(t.state, S("called")));
    val_put_bool(a, v, S("may_miss"), str_eq(t.state, S("called")) && t.calls >= h->missed_calls);
    val_put_str(a, v, S("calls_left"),
                filled(r, a, lang, S("再叫 {n} 次后可以过号"), "n",
                       arena_i64(a, h->missed_calls - t.calls)));
    for (size_t i = 0; i < h->n_lines; i++) {
        struct val *x = val_map(a);
        if (str_eq(h->line[i].id, t.line)) continue;
        val_put_str(a, x, S("id"), h->line[i].id);
        val_put_str(a, x, S("title"), said(h, lang, h->line[i].title));
        val_push(a, lines, x);
    }
    val_put(a, view, S("ticket"), v);
    val_put(a, view, S("lines"), lines);
    return put_events(tx, r, h, t.id, lang, v, e);
}

int queue_desk_view(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    const struct queue_hall *h, struct str lang, struct val **ret, struct err *e) {
    struct arena *a = store_arena(tx);
    struct queue_play *p = arena_new(a, struct queue_play);
    struct queue_ticket *missed = arena_array(a, QUEUE_WAITING_MAX, sizeof *missed);
    struct val *v = *ret = val_map(a);
    size_t n, mine = 0;
    uint32_t lines = 0;
    if (!p || !missed) return err_set(e, ERR_MEMORY, NULL);
    int rc = queue_may(tx, r, who, h, S("ticket.call"), e);
    if (!rc) rc = queue_play_begin(tx, r, h, store_now_ms(tx), p, e);
    if (!rc)
        rc = queue_tickets_in(tx, r, h, queue_day(r, p->now_ms), S("missed"), missed,
                              QUEUE_WAITING_MAX, &n, e);
    for (size_t i = 0; !rc && i < h->n_counters; i++)
        if (p->seat[i].account && p->seat[i].account == who->account) {
            lines = h->counter[i].lines;
            rc = put_own(tx, r, h, &p->seat[i], lang, v, e);
        }
    if (!rc) rc = put_seats(tx, r, who, h, p->seat, lang, v, e);
    if (rc) return rc;
    for (size_t i = 0; i < p->n_waiting; i++) {
        const struct queue_line *l = queue_line_find(h, p->waiting[i].line);
        mine += lines && (!l || lines & (UINT32_C(1) << (l - h->line)));
    }
    val_put_str(a, v, S("hall"), h->id);
    val_put_str(a, v, S("title"), said(h, lang, h->title));
    val_put_i64(a, v, S("n_waiting"), (int64_t)p->n_waiting);
    val_put_i64(a, v, S("n_mine"), (int64_t)mine);
    val_put_i64(a, v, S("n_missed"), (int64_t)n);
    val_put_bool(a, v, S("more"), p->n_waiting > DESK_MAX);
    val_put(a, v, S("waiting"), list_of(r, h, p->waiting, p->n_waiting, lines, p->now_ms, lang, a));
    val_put(a, v, S("missed"), list_of(r, h, missed, n, lines, p->now_ms, lang, a));
    return 0;
}
