/* queue_wait: one play for all lines of a hall says of each what a play of its own says, in steps
 * that are bounded by construction. */
#include "engine/queue/queue_rows.h"

#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200, TICKETS = 60, MINUTE = 60000 };

static const char *const names[QUEUE_LINES_MAX] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
                                                    "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z" };

static int64_t draw(int64_t n) {
    uint64_t v;
    os_random((uint8_t *)&v, sizeof v);
    return (int64_t)(v % (uint64_t)n);
}

/* Lines, counters and tickets at random; tickets sorted as the store gives them. */
static void make(struct queue_hall *h, struct queue_play *p, size_t lines, size_t counters, size_t tickets) {
    size_t each = tickets / lines;
    memset(h, 0, sizeof *h);
    h->n_lines = lines;
    h->n_counters = counters;
    for (size_t k = 0; k < lines; k++) {
        h->line[k].id = str_of(names[k]);
        p->visit_ms[k] = (1 + draw(30)) * MINUTE;
    }
    for (size_t i = 0; i < counters; i++) {
        h->counter[i].lines = (uint32_t)draw(INT64_C(1) << lines) | UINT32_C(1) << draw((int64_t)lines);
        p->seat[i].account = draw(4) ? 1 : 0;
        p->free_ms[i] = draw(20) * MINUTE;
    }
    p->hall = h;
    p->now_ms = 0;
    p->n_waiting = each * lines;
    for (size_t i = 0; i < p->n_waiting; i++) {
        int64_t before = i % each ? p->waiting[i - 1].place_ms : -1000 * MINUTE;
        p->waiting[i] = (struct queue_ticket){ .id = (int64_t)i + 1, .line = str_of(names[i / each]), .place_ms = before + draw(9) * MINUTE };
    }
}

/* The same said simply: the hall is played for one line alone, with who asks among those who wait.
 * */
static struct queue_wait alone(const struct queue_play *p, size_t line, struct queue_place at) {
    static bool gone[QUEUE_WAITING_MAX + 1];
    const struct queue_hall *h = p->hall;
    struct queue_wait w = { .wait_ms = -1 };
    int64_t free_ms[QUEUE_COUNTERS_MAX];
    bool out[QUEUE_COUNTERS_MAX];
    memset(gone, 0, sizeof gone);
    for (size_t i = 0; i < h->n_counters; i++) {
        free_ms[i] = p->free_ms[i], out[i] = !p->seat[i].account;
        w.counters += !out[i] && h->counter[i].lines & (UINT32_C(1) << line);
    }
    for (;;) {
        size_t c = QUEUE_COUNTERS_MAX, best = p->n_waiting;
        for (size_t i = 0; i < h->n_counters; i++)
            if (!out[i] && (c == QUEUE_COUNTERS_MAX || free_ms[i] < free_ms[c])) c = i;
        if (c == QUEUE_COUNTERS_MAX || !w.counters) return w;
        for (size_t i = 0; i < p->n_waiting; i++) {
            size_t k = (size_t)(queue_line_find(h, p->waiting[i].line) - h->line);
            const struct queue_ticket *t = &p->waiting[i], *b = &p->waiting[best];
            if (gone[i] || !(h->counter[c].lines & (UINT32_C(1) << k))) continue;
            if (best == p->n_waiting || t->place_ms < b->place_ms || (t->place_ms == b->place_ms && t->id < b->id)) best = i;
        }
        const struct queue_ticket *b = best == p->n_waiting ? NULL : &p->waiting[best];
        if (h->counter[c].lines & (UINT32_C(1) << line)) {
            bool first = !b || b->id == at.id || at.place_ms < b->place_ms || (at.place_ms == b->place_ms && at.id < b->id);
            if (first) w.wait_ms = free_ms[c] - p->now_ms;
            if (first) return w;
            w.ahead++;
        }
        if (!b) out[c] = true;
        else gone[best] = true, free_ms[c] += p->visit_ms[queue_line_find(h, b->line) - h->line];
    }
}

static void test_one_play_says_what_a_play_for_each_says(void **state) {
    static struct queue_hall h;
    static struct queue_ticket waiting[QUEUE_WAITING_MAX];
    static struct queue_seat seat[QUEUE_COUNTERS_MAX];
    struct queue_play p = { .waiting = waiting, .seat = seat };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct queue_place at[QUEUE_LINES_MAX];
        struct queue_wait w[QUEUE_LINES_MAX];
        make(&h, &p, (size_t)(1 + draw(6)), (size_t)(1 + draw(8)), TICKETS);
        int64_t back = draw(2) ? 0 : -draw(200) * MINUTE;
        for (size_t k = 0; k < h.n_lines; k++) at[k] = (struct queue_place){ back, INT64_MAX };
        (void)queue_waits(&p, at, w);
        for (size_t k = 0; k < h.n_lines; k++) {
            struct queue_wait model = alone(&p, k, at[k]);
            assert_int_equal(w[k].wait_ms, model.wait_ms);
            assert_int_equal(w[k].counters, model.counters);
            if (w[k].wait_ms >= 0) assert_int_equal(w[k].ahead, model.ahead);
        }
    }
}

/* Bug: the wait shown for a full hall cost a play for each line, three million steps, and nobody
 * had to sign in for it. */
static void test_a_full_hall_is_played_once(void **state) {
    static struct queue_hall h;
    static struct queue_ticket waiting[QUEUE_WAITING_MAX];
    static struct queue_seat seat[QUEUE_COUNTERS_MAX];
    struct queue_play p = { .waiting = waiting, .seat = seat };
    struct queue_place at[QUEUE_LINES_MAX];
    struct queue_wait w[QUEUE_LINES_MAX];
    (void)state;
    make(&h, &p, QUEUE_LINES_MAX, QUEUE_COUNTERS_MAX, QUEUE_WAITING_MAX);
    for (size_t k = 0; k < h.n_lines; k++) at[k] = (struct queue_place){ p.now_ms + INT64_C(100000) * MINUTE, INT64_MAX };
    size_t steps = queue_waits(&p, at, w);
    assert_true(steps > 0 && steps <= p.n_waiting + h.n_counters);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_play_says_what_a_play_for_each_says),
        cmocka_unit_test(test_a_full_hall_is_played_once),
    };
    return cmocka_run_group_tests_name("queue_wait", tests, NULL, NULL);
}
