/* queue_wait: how long it will take until a ticket is called, found by playing the hall through:
 * the counter that is free first calls the first of the lines that it serves, and is busy for as
 * long as a visit of that line takes. See queue_rows.h. Invariants: playing through changes
 * nothing, and ends: each step takes one ticket away or puts one counter aside. A hall is played
 * through once for all its lines: who asks for each changes nothing for the others.
 */
#include "engine/queue/queue_rows.h"

#include "data/po.h"

enum { LOST_VISIT_MS = 600000, WEIGHT = 3, MINUTE_MS = 60000 }; /* the declared length counts as this many visits */

int queue_play_begin(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                     int64_t now_ms, struct queue_play *ret, struct err *e) {
    static const struct str busy[] = { S_INIT("called"), S_INIT("serving") };
    struct arena *a = store_arena(tx);
    int64_t day = queue_day(r, now_ms);
    size_t n;
    /* More than may take a ticket wait where some came back: all of them are played. */
    int64_t waiting = 0;
    int rc = queue_waiting_count(tx, r, h, day, &waiting, e);
    if (rc) return rc;
    *ret = (struct queue_play){ .hall = h,
                                .now_ms = now_ms,
                                .waiting = arena_array(a, (size_t)waiting + 1, sizeof *ret->waiting),
                                .seat = arena_array(a, QUEUE_COUNTERS_MAX, sizeof *ret->seat) };
    struct queue_ticket *at = arena_array(a, QUEUE_COUNTERS_MAX, sizeof *at);
    if (!ret->waiting || !ret->seat || !at) return err_set(e, ERR_MEMORY, NULL);
    rc = queue_tickets_in(tx, r, h, day, S("waiting"), ret->waiting, (size_t)waiting + 1,
                          &ret->n_waiting, e);
    if (!rc) rc = queue_seats(tx, r, h, day, ret->seat, &n, e);
    for (size_t i = 0; !rc && i < h->n_lines; i++) {
        struct queue_sum sum;
        rc = queue_sum_get(tx, r, h, day, h->line[i].id, &sum, e);
        ret->served[i] = sum.served;
        ret->visit_ms[i] = (h->line[i].visit_ms * WEIGHT + sum.served_ms) / (WEIGHT + sum.served);
    }
    for (size_t i = 0; i < h->n_counters; i++) ret->free_ms[i] = now_ms;
    for (size_t s = 0; !rc && s < sizeof busy / sizeof *busy; s++) {
        rc = queue_tickets_in(tx, r, h, day, busy[s], at, QUEUE_COUNTERS_MAX, &n, e);
        for (size_t k = 0; !rc && k < n; k++) {
            const struct queue_line *line = queue_line_find(h, at[k].line);
            int64_t until = (at[k].begun_ms ? at[k].begun_ms : at[k].called_ms) +
                            (line ? ret->visit_ms[line - h->line] : 0);
            for (size_t i = 0; i < h->n_counters; i++)
                if (ret->seat[i].ticket == at[k].id && until > now_ms) ret->free_ms[i] = until;
        }
    }
    return rc;
}

/* The tickets still there, by line: they come sorted by line, place and id. Behind the hall's lines
 * those that were taken out of it while people waited in them: every counter calls them. */
enum { RUNS_MAX = 2 * QUEUE_LINES_MAX };
struct left {
    size_t at[RUNS_MAX], end[RUNS_MAX], n;
};

static void sort_out(const struct queue_play *p, struct left *ret) {
    *ret = (struct left){ .n = p->hall->n_lines };
    for (size_t i = 0; i < p->n_waiting;) {
        size_t k = i;
        const struct queue_line *line = queue_line_find(p->hall, p->waiting[i].line);
        while (k < p->n_waiting && str_eq(p->waiting[k].line, p->waiting[i].line)) k++;
        size_t run = line ? (size_t)(line - p->hall->line) : ret->n;
        if (!line && ret->n < RUNS_MAX) ret->n++;
        if (run < RUNS_MAX) ret->at[run] = i, ret->end[run] = k;
        i = k;
    }
}

static bool before(int64_t place, int64_t id, int64_t place2, int64_t id2) {
    return place != place2 ? place < place2 : id < id2;
}

/* The counter that is free first, of those that are not put aside; QUEUE_COUNTERS_MAX: none. */
static size_t first_free(const struct queue_hall *h, const int64_t *free_ms, const bool *out) {
    size_t c = QUEUE_COUNTERS_MAX;
    for (size_t i = 0; i < h->n_counters; i++)
        if (!out[i] && (c == QUEUE_COUNTERS_MAX || free_ms[i] < free_ms[c])) c = i;
    return c;
}

/* The first that the counter would call, of its lines; RUNS_MAX: nobody waits for it. */
static size_t first_of(const struct queue_play *p, const struct left *left, size_t c) {
    size_t best = RUNS_MAX;
    for (size_t k = 0; k < left->n; k++) {
        bool serves = k >= p->hall->n_lines || p->hall->counter[c].lines & (UINT32_C(1) << k);
        if (!serves || left->at[k] == left->end[k]) continue;
        const struct queue_ticket *t = &p->waiting[left->at[k]];
        const struct queue_ticket *b = best == RUNS_MAX ? NULL : &p->waiting[left->at[best]];
        if (!b || before(t->place_ms, t->id, b->place_ms, b->id)) best = k;
    }
    return best;
}

size_t queue_waits(const struct queue_play *p, const struct queue_place *at, struct queue_wait *ret) {
    const struct queue_hall *h = p->hall;
    uint32_t open = 0; /* lines whose wait is not known yet */
    struct left left;
    int64_t free_ms[QUEUE_COUNTERS_MAX];
    bool out[QUEUE_COUNTERS_MAX];
    size_t steps = 0, c;
    sort_out(p, &left);
    for (size_t k = 0; k < h->n_lines; k++) ret[k] = (struct queue_wait){ .wait_ms = -1 };
    for (size_t i = 0; i < h->n_counters; i++) {
        free_ms[i] = p->free_ms[i];
        out[i] = p->seat[i].account == 0;
        for (size_t k = 0; !out[i] && k < h->n_lines; k++)
            if (h->counter[i].lines & (UINT32_C(1) << k)) open |= UINT32_C(1) << k, ret[k].counters++;
    }
    for (; open && (c = first_free(h, free_ms, out)) < QUEUE_COUNTERS_MAX; steps++) {
        uint32_t lines = h->counter[c].lines;
        size_t best = first_of(p, &left, c);
        const struct queue_ticket *t = best == RUNS_MAX ? NULL : &p->waiting[left.at[best]];
        for (size_t k = 0; k < h->n_lines; k++) {
            if (!(open & lines & (UINT32_C(1) << k))) continue;
            /* whoever is asked about comes before all that this counter could call */
            if (!t || t->id == at[k].id || before(at[k].place_ms, at[k].id, t->place_ms, t->id)) {
                ret[k].wait_ms = free_ms[c] - p->now_ms;
                open &= ~(UINT32_C(1) << k);
            } else ret[k].ahead++;
        }
        if (!t) out[c] = true;
        else left.at[best]++, free_ms[c] += best < h->n_lines ? p->visit_ms[best] : LOST_VISIT_MS;
    }
    return steps;
}

void queue_wait_put(const struct realm *r, const struct queue_play *p, size_t line,
                    struct queue_wait w, struct str lang, struct val *v, struct arena *a) {
    struct val *args = val_map(a);
    int64_t minutes = (w.wait_ms + MINUTE_MS - 1) / MINUTE_MS;
    val_put_i64(a, v, S("wait_ms"), w.wait_ms);
    val_put_i64(a, v, S("ahead"), w.ahead);
    val_put_i64(a, args, S("n"), w.ahead);
    val_put_i64(a, args, S("counters"), w.counters);
    val_put_i64(a, args, S("minutes"), minutes);
    val_put_i64(a, args, S("each"), (p->visit_ms[line] + MINUTE_MS / 2) / MINUTE_MS);
    val_put_i64(a, args, S("served"), p->served[line]);
    if (w.counters == 0) {
        val_put_str(a, v, S("wait"), realm_text(r, lang, S("暂无窗口办理")));
        val_put_str(a, v, S("why"),
                    realm_text(r, lang, S("办理这条队列的窗口还没有开。窗口开了就会叫号。")));
        return;
    }
    val_put_str(a, v, S("wait"),
                minutes <= 0 ? realm_text(r, lang, S("不用等"))
                             : po_fill(a, realm_text(r, lang, S("约 {minutes} 分钟")), args));
    val_put_str(
        a, v, S("why"),
        po_fill(
            a,
            realm_text(
                r, lang,
                p->served[line]
                    ? S("前面 {n} 人，{counters} 个窗口办理；按今天办完的 {served} 件估计，每人约 {each} 分钟。")
                    : S("前面 {n} 人，{counters} 个窗口办理；今天还没有办完的，按每人约 {each} 分钟估计。")),
            args));
}
