/* queue_wait: how long it will take until a ticket is called, found by playing the hall through: the counter that is free first calls the
 * first of the lines that it serves, and is busy for as long as a visit of that line takes. See queue_rows.h.
 * Invariant: playing through changes nothing, and ends: each step takes one ticket away or puts one counter aside.
 */
#include "engine/queue/queue_rows.h"

#include "data/po.h"

enum { WEIGHT = 3, MINUTE_MS = 60000 }; /* the declared length counts as this many visits */

int queue_play_begin(struct store_tx *tx, const struct realm *r, const struct queue_hall *h,
                     int64_t now_ms, struct queue_play *ret, struct err *e) {
    static const struct str busy[] = { S_INIT("called"), S_INIT("serving") };
    struct arena *a = store_arena(tx);
    int64_t day = queue_day(r, now_ms);
    size_t n;
    *ret = (struct queue_play){ .hall = h,
                                .now_ms = now_ms,
                                .waiting = arena_array(a, QUEUE_WAITING_MAX, sizeof *ret->waiting),
                                .seat = arena_array(a, QUEUE_COUNTERS_MAX, sizeof *ret->seat) };
    struct queue_ticket *at = arena_array(a, QUEUE_COUNTERS_MAX, sizeof *at);
    if (!ret->waiting || !ret->seat || !at) return err_set(e, ERR_MEMORY, NULL);
    int rc = queue_tickets_in(tx, r, h, day, S("waiting"), ret->waiting, QUEUE_WAITING_MAX,
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

/* The tickets still there, by line: they come sorted by line, place and id. */
struct left {
    size_t at[QUEUE_LINES_MAX], end[QUEUE_LINES_MAX];
};

static void sort_out(const struct queue_play *p, struct left *ret) {
    *ret = (struct left){ 0 };
    for (size_t i = 0; i < p->n_waiting;) {
        size_t k = i;
        const struct queue_line *line = queue_line_find(p->hall, p->waiting[i].line);
        while (k < p->n_waiting && str_eq(p->waiting[k].line, p->waiting[i].line)) k++;
        if (line) ret->at[line - p->hall->line] = i, ret->end[line - p->hall->line] = k;
        i = k;
    }
}

static bool before(int64_t place, int64_t id, int64_t place2, int64_t id2) {
    return place != place2 ? place < place2 : id < id2;
}

struct queue_wait queue_wait(const struct queue_play *p, size_t line, int64_t place_ms,
                             int64_t id) {
    const struct queue_hall *h = p->hall;
    struct queue_wait w = { .wait_ms = -1 };
    struct left left;
    int64_t free_ms[QUEUE_COUNTERS_MAX];
    bool out[QUEUE_COUNTERS_MAX];
    const int64_t own_id = id ? id : INT64_MAX;
    sort_out(p, &left);
    for (size_t i = 0; i < h->n_counters; i++) {
        free_ms[i] = p->free_ms[i];
        out[i] = p->seat[i].account == 0;
        if (!out[i] && h->counter[i].lines & (UINT32_C(1) << line)) w.counters++;
    }
    while (w.counters) {
        size_t c = QUEUE_COUNTERS_MAX, best = QUEUE_LINES_MAX;
        for (size_t i = 0; i < h->n_counters; i++)
            if (!out[i] && (c == QUEUE_COUNTERS_MAX || free_ms[i] < free_ms[c])) c = i;
        if (c == QUEUE_COUNTERS_MAX)
            return (struct queue_wait){ .wait_ms = -1, .counters = w.counters };
        bool serves = h->counter[c].lines & (UINT32_C(1) << line);
        int64_t best_place = serves ? place_ms : INT64_MAX, best_id = serves ? own_id : INT64_MAX;
        for (size_t k = 0; k < h->n_lines; k++) {
            if (!(h->counter[c].lines & (UINT32_C(1) << k)) || left.at[k] == left.end[k]) continue;
            const struct queue_ticket *t = &p->waiting[left.at[k]];
            if (t->id != id && before(t->place_ms, t->id, best_place, best_id))
                best = k, best_place = t->place_ms, best_id = t->id;
        }
        if (best == QUEUE_LINES_MAX && serves) {
            w.wait_ms = free_ms[c] - p->now_ms;
            return w;
        }
        if (best == QUEUE_LINES_MAX) {
            out[c] = true;
            continue;
        }
        left.at[best]++;
        free_ms[c] += p->visit_ms[best];
        w.ahead += serves;
    }
    return w;
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
